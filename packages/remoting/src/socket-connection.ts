/**
 * A connection over a socket, the same for both ends: frames in, dispatch, answers out. It paces
 * the peer: a socket whose requests or output pile up is not read until that drains.
 */
import type { Socket } from 'node:net';
import {
  abortError,
  type Clock,
  type Logger,
  MqError,
  MqErrorCode,
  onAbort,
  throwIfAborted,
} from '@skylarkmq/base';
import {
  type Command,
  encodeCommandHead,
  FLAG_ONEWAY,
  FLAG_RESPONSE,
  FrameDecoder,
  type Outgoing,
  ResponseCode,
  type Serialization,
} from '@skylarkmq/wire';
import { CHUNK_BYTES, chunkPool } from './chunk-pool.ts';
import type { Connection, InvokeOptions } from './connection.ts';
import type { FlushQueue } from './flush-queue.ts';
import type { Handler } from './handler.ts';
import { hostBytesOf, joinAddress } from './host-address.ts';
import type { ResolvedLimits } from './limits.ts';
import { PendingRequests } from './pending-requests.ts';

/** What a connection needs of the server or client that owns it. */
export interface ConnectionDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ResolvedLimits;
  readonly flushQueue: FlushQueue;
  readonly secure: boolean;
  /** The handler of a request code; undefined for one that is not supported. */
  handlerOf(code: number): Handler | undefined;
  closed(connection: SocketConnection, reason: string): void;
  /** The form of our own requests. */
  readonly serialization: Serialization;
}

/** Requests may be read again when the pile is down to this part of the limit. */
const RESUME_PART = 0.5;
/** Parts below this are copied into the output chunk, larger ones written as they are. */
const COPY_BYTES_MAX = 16 * 1024;

let lastId = 0;

export class SocketConnection implements Connection {
  readonly id: number = ++lastId;
  readonly remoteAddress: string;
  readonly remoteHostBytes: Buffer;
  readonly localAddress: string;
  readonly secure: boolean;
  closed = false;
  outputStart = 0;
  readonly #socket: Socket;
  readonly #deps: ConnectionDeps;
  readonly #decoder: FrameDecoder;
  readonly #pending: PendingRequests;
  readonly #closeListeners = new Set<() => void>();
  #chunk: Buffer | null = null;
  /** Where the part of the chunk that is not yet handed to the socket begins. */
  #chunkSent = 0;
  #dirty = false;
  #sealed: { bytes: Uint8Array; chunk: Buffer | null }[] = [];
  #sealedBytes = 0;
  #inFlightBytes = 0;
  #lastActivityMs: number;
  #frameSinceMs = -1;
  #stalledSinceMs = -1;
  #closeReason = 'closed by the peer';

  constructor(socket: Socket, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.secure = deps.secure;
    this.remoteAddress = joinAddress(socket.remoteAddress, socket.remotePort);
    this.remoteHostBytes = hostBytesOf(socket.remoteAddress, socket.remotePort);
    this.localAddress = joinAddress(socket.localAddress, socket.localPort);
    this.#decoder = new FrameDecoder(deps.limits);
    this.#pending = new PendingRequests(deps.limits.pendingRequestsMax);
    this.#lastActivityMs = deps.clock.monotonicMs();
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('drain', () => this.#drained());
    socket.on('error', (error) => {
      this.#closeReason = error.message;
    });
    socket.on('close', () => this.#gone());
    socket.on('end', () => socket.end());
  }

  get pendingOutputBytes(): number {
    const open = this.#chunk === null ? 0 : this.outputStart - this.#chunkSent;
    return this.#socket.writableLength + this.#sealedBytes + open;
  }

  get congested(): boolean {
    return this.pendingOutputBytes > this.#deps.limits.outputBytesMax;
  }

  get pendingRequests(): number {
    return this.#pending.size;
  }

  /** Takes bytes from the peer. Malformed input closes the connection. */
  receive(chunk: Buffer): void {
    const now = this.#deps.clock.monotonicMs();
    this.#lastActivityMs = now;
    try {
      this.#decoder.push(chunk);
      for (let next = this.#decoder.next(); next !== null; next = this.#decoder.next()) {
        this.#dispatch(next);
        if (this.closed) return;
      }
      if (this.#decoder.pendingBytes === 0) this.#frameSinceMs = -1;
      else if (this.#frameSinceMs < 0) this.#frameSinceMs = now;
    } catch (error) {
      this.close(MqError.from(error).message);
    }
    this.#pace();
  }

  respond(command: Command, answer: Outgoing): void {
    if (command.isOneway || this.closed) return;
    const flag = (answer.flag ?? 0) | FLAG_RESPONSE;
    this.#send({ ...answer, opaque: command.opaque, flag }, command.serialization);
  }

  finish(command: Command): void {
    this.#inFlightBytes -= command.frameBytes;
    if (this.#socket.isPaused()) this.#pace();
  }

  async invoke(request: Outgoing, options: InvokeOptions): Promise<Command> {
    throwIfAborted(options.signal);
    if (this.closed) throw this.#closedError();
    const opaque = this.#pending.nextOpaque();
    const now = this.#deps.clock.monotonicMs();
    const answer = this.#pending.add(opaque, request.code, now, options.timeoutMs);
    const remove = onAbort(options.signal, () => {
      if (options.signal !== undefined) this.#pending.fail(opaque, abortError(options.signal));
    });
    try {
      this.#send({ ...request, opaque }, this.#deps.serialization);
      return await answer;
    } finally {
      remove();
    }
  }

  invokeOneway(request: Outgoing): void {
    if (this.closed) throw this.#closedError();
    const flag = (request.flag ?? 0) | FLAG_ONEWAY;
    const opaque = this.#pending.nextOpaque();
    this.#send({ ...request, opaque, flag }, this.#deps.serialization);
  }

  reserve(bytesMax: number): Buffer {
    const chunk = this.#chunk;
    if (chunk !== null && chunk.length - this.outputStart >= bytesMax) return chunk;
    this.#seal();
    const fresh = chunkPool.take(bytesMax);
    this.#chunk = fresh;
    this.outputStart = 0;
    this.#chunkSent = 0;
    return fresh;
  }

  advance(bytes: number): void {
    this.outputStart += bytes;
    this.#markDirty();
  }

  write(buffer: Uint8Array): void {
    if (buffer.length <= COPY_BYTES_MAX) {
      this.reserve(buffer.length).set(buffer, this.outputStart);
      this.advance(buffer.length);
      return;
    }
    this.#sealPart();
    this.#sealed.push({ bytes: buffer, chunk: null });
    this.#sealedBytes += buffer.length;
    this.#markDirty();
  }

  /** Hands everything to the socket, in order, with one write when it is one piece. */
  flush(): void {
    this.#dirty = false;
    this.#seal();
    const parts = this.#sealed;
    this.#sealed = [];
    this.#sealedBytes = 0;
    if (this.closed || this.#socket.destroyed) return;
    const several = parts.length > 1;
    if (several) this.#socket.cork();
    for (const part of parts) {
      const chunk = part.chunk;
      if (chunk === null) this.#socket.write(part.bytes);
      else this.#socket.write(part.bytes, () => chunkPool.give(chunk));
    }
    if (several) this.#socket.uncork();
    this.#lastActivityMs = this.#deps.clock.monotonicMs();
    if (this.congested) this.#pace();
  }

  close(reason: string): void {
    if (this.closed) return;
    this.#closeReason = reason;
    this.#socket.destroy();
    this.#gone();
  }

  /** Writes what is left, then ends the connection in an orderly way. */
  end(reason: string): void {
    if (this.closed) return;
    this.#closeReason = reason;
    this.flush();
    this.#socket.end();
  }

  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  /** Deadlines of this connection; its owner calls it about once a second. */
  check(nowMs: number): void {
    const { limits } = this.#deps;
    this.#pending.expire(nowMs, this.remoteAddress);
    if (this.#frameSinceMs >= 0 && nowMs - this.#frameSinceMs > limits.frameDeadlineMs) {
      this.close(`a frame is incomplete after ${limits.frameDeadlineMs} ms`);
    } else if (this.#stalledSinceMs >= 0 && nowMs - this.#stalledSinceMs > limits.outputStallMs) {
      this.close(`the peer did not read for ${limits.outputStallMs} ms`);
    } else if (nowMs - this.#lastActivityMs > limits.idleMs) {
      this.close(`idle for ${limits.idleMs} ms`);
    }
  }

  #dispatch(command: Command): void {
    if (command.isResponse) {
      this.#pending.answer(command);
      return;
    }
    this.#inFlightBytes += command.frameBytes;
    const handler = this.#deps.handlerOf(command.code);
    if (handler === undefined) {
      const remark = ` request type ${command.code} not supported`;
      this.#answer(command, { code: ResponseCode.RequestCodeNotSupported, remark });
      return;
    }
    try {
      const answer = handler(command, this);
      if (answer === null) return;
      if (answer instanceof Promise) this.#answerLater(command, answer);
      else this.#answer(command, answer);
    } catch (error) {
      this.#answerError(command, error);
    }
  }

  #answerLater(command: Command, answer: Promise<Outgoing | null>): void {
    answer.then(
      (value) => {
        if (value !== null) this.#answer(command, value);
      },
      (error) => this.#answerError(command, error),
    );
  }

  #answer(command: Command, answer: Outgoing): void {
    this.respond(command, answer);
    this.finish(command);
  }

  #answerError(command: Command, thrown: unknown): void {
    const error = MqError.from(thrown);
    const fields = { code: command.code, peer: this.remoteAddress, error };
    if (error.code === MqErrorCode.Internal) this.#deps.logger.error(fields, 'A handler failed');
    const code = error.responseCode ?? ResponseCode.SystemError;
    this.#answer(command, { code, remark: error.message });
  }

  #send(outgoing: Outgoing, serialization: Serialization): void {
    this.write(encodeCommandHead(outgoing, serialization));
    if (outgoing.body != null && outgoing.body.length > 0) this.write(outgoing.body);
  }

  /** Ends the open chunk: what is in it goes to the socket, the rest of it is not used. */
  #seal(): void {
    const chunk = this.#chunk;
    if (chunk === null) return;
    if (this.outputStart === this.#chunkSent) {
      if (this.#chunkSent === 0) return;
      this.#chunk = null;
      return;
    }
    const bytes = chunk.subarray(this.#chunkSent, this.outputStart);
    const owned = this.#chunkSent === 0 && chunk.length === CHUNK_BYTES;
    this.#sealed.push({ bytes, chunk: owned ? chunk : null });
    this.#sealedBytes += bytes.length;
    this.#chunk = null;
  }

  /** Hands out what is written so far but goes on filling the same chunk. */
  #sealPart(): void {
    const chunk = this.#chunk;
    if (chunk === null || this.outputStart === this.#chunkSent) return;
    const bytes = chunk.subarray(this.#chunkSent, this.outputStart);
    this.#sealed.push({ bytes, chunk: null });
    this.#sealedBytes += bytes.length;
    this.#chunkSent = this.outputStart;
  }

  #markDirty(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#deps.flushQueue.add(this);
  }

  /** Stops or resumes reading, by what waits. */
  #pace(): void {
    if (this.closed) return;
    const { limits } = this.#deps;
    const congested = this.congested;
    if (congested && this.#stalledSinceMs < 0) {
      this.#stalledSinceMs = this.#deps.clock.monotonicMs();
    } else if (!congested) this.#stalledSinceMs = -1;
    if (congested || this.#inFlightBytes > limits.inFlightBytesMax) this.#socket.pause();
    else if (this.#inFlightBytes <= limits.inFlightBytesMax * RESUME_PART) {
      if (this.#socket.isPaused()) this.#socket.resume();
    }
  }

  #drained(): void {
    this.#pace();
  }

  #closedError(): MqError {
    const message = `The connection to ${this.remoteAddress} is closed: ${this.#closeReason}`;
    return new MqError(MqErrorCode.ConnectionClosed, message, { retryable: true });
  }

  #gone(): void {
    if (this.closed) return;
    this.closed = true;
    this.#pending.failAll(this.#closedError());
    this.#deps.closed(this, this.#closeReason);
    for (const listener of [...this.#closeListeners]) listener();
    this.#closeListeners.clear();
    this.#sealed = [];
    this.#chunk = null;
  }
}
