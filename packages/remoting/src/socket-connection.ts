/**
 * A connection over a socket, the same for both ends: frames in, dispatch, answers out. It paces
 * the peer: while requests or their answers pile up, no further requests are taken.
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
  FLAG_ONEWAY,
  FLAG_RESPONSE,
  FrameDecoder,
  HeadWriter,
  type Outgoing,
  ResponseCode,
  type Serialization,
} from '@skylarkmq/wire';
import type { Connection, InvokeOptions } from './connection.ts';
import type { FlushQueue } from './flush-queue.ts';
import type { Handler } from './handler.ts';
import { hostBytesOf, joinAddress } from './host-address.ts';
import type { ResolvedLimits } from './limits.ts';
import { OutputBuffer } from './output-buffer.ts';
import { PendingRequests } from './pending-requests.ts';
import type { SharedInput } from './shared-input.ts';

/** What a connection needs of the server or client that owns it. */
export interface ConnectionDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ResolvedLimits;
  readonly flushQueue: FlushQueue;
  readonly secure: boolean;
  /**
   * Whether a peer that does not take its answers is not read any more. Right for a server; a
   * client must go on reading, or both ends would wait for each other.
   */
  readonly pausesOnOutput: boolean;
  /** Where the bytes come from, if not as the socket's events. */
  readonly input: SharedInput | null;
  /** Whether the handler of a request code lets go of the frame before it returns. */
  borrowsFrame(code: number): boolean;
  /** The handler of a request code; undefined for one that is not supported. */
  handlerOf(code: number): Handler | undefined;
  /** `isFault`: the peer broke a rule or a limit. */
  closed(connection: SocketConnection, reason: string, isFault: boolean): void;
  /** The form of our own requests. */
  readonly serialization: Serialization;
}

/** Requests are taken again when the pile is down to this part of the limit. */
const RESUME_PART = 0.5;
/** What a started frame must grow by to get a second more than its deadline: 64 KiB. */
const FRAME_BYTES_PER_SECOND_MIN = 64 * 1024;

interface WaitingRequest {
  readonly request: Outgoing;
  readonly opaque: number;
}

let lastId = 0;
const headWriter = new HeadWriter();

export class SocketConnection implements Connection {
  readonly id: number = ++lastId;
  readonly remoteAddress: string;
  readonly remoteHostBytes: Buffer;
  readonly localAddress: string;
  readonly secure: boolean;
  closed = false;
  readonly #socket: Socket;
  readonly #deps: ConnectionDeps;
  readonly #limits: ResolvedLimits;
  readonly #decoder: FrameDecoder;
  readonly #output = new OutputBuffer();
  readonly #pending: PendingRequests;
  readonly #closeListeners = new Set<() => void>();
  /** Requests of ours that wait until the peer takes what was sent before. */
  #waiting: WaitingRequest[] = [];
  /** The chunk that is being read, when its memory is used again for the next. */
  #borrowed: Buffer | null = null;
  #dirty = false;
  #inFlightBytes = 0;
  #paused = false;
  #lastActivityMs: number;
  #frameSinceMs = -1;
  #stalledSinceMs = -1;
  #closeReason = 'closed by the peer';

  constructor(socket: Socket, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#limits = deps.limits;
    this.secure = deps.secure;
    this.remoteAddress = joinAddress(socket.remoteAddress, socket.remotePort);
    this.remoteHostBytes = hostBytesOf(socket.remoteAddress, socket.remotePort);
    this.localAddress = joinAddress(socket.localAddress, socket.localPort);
    this.#decoder = new FrameDecoder(deps.limits);
    this.#pending = new PendingRequests(deps.limits.pendingRequestsMax);
    this.#lastActivityMs = deps.clock.monotonicMs();
    if (deps.input === null) socket.on('data', (chunk: Buffer) => this.receive(chunk));
    else deps.input.receive = (chunk) => this.#receiveBorrowed(chunk);
    socket.on('drain', () => this.#pace());
    socket.on('error', (error) => {
      this.#closeReason = error.message;
    });
    socket.on('close', () => this.#gone());
    socket.on('end', () => socket.end());
  }

  get pendingOutputBytes(): number {
    return this.#socket.writableLength + this.#output.bytes;
  }

  get congested(): boolean {
    return this.pendingOutputBytes > this.#limits.outputBytesMax;
  }

  /** Whether requests of the peer wait for their answers, or answers for the peer. */
  get busy(): boolean {
    return this.#inFlightBytes > 0 || this.pendingOutputBytes > 0;
  }

  get outputStart(): number {
    return this.#output.start;
  }

  respond(command: Command, answer: Outgoing): void {
    if (command.isOneway || this.closed) return;
    const flag = (answer.flag ?? 0) | FLAG_RESPONSE;
    this.#send(answer, command.serialization, command.opaque, flag);
  }

  finish(command: Command): void {
    this.#inFlightBytes -= command.frameBytes;
    if (this.#paused) this.#pace();
  }

  async invoke(request: Outgoing, options: InvokeOptions): Promise<Command> {
    throwIfAborted(options.signal);
    if (this.closed) throw this.#closedError();
    const opaque = this.#pending.nextOpaque();
    const now = this.#deps.clock.monotonicMs();
    const answer = this.#pending.add(opaque, request.code, now, options.timeoutMs);
    if (!this.#pending.has(opaque)) return answer;
    if (this.#waiting.length === 0 && !this.congested) this.#sendRequest(request, opaque);
    else this.#waiting.push({ request, opaque });
    const { signal } = options;
    if (signal === undefined) return answer;
    const remove = onAbort(signal, () => this.#pending.fail(opaque, abortError(signal)));
    try {
      return await answer;
    } finally {
      remove();
    }
  }

  invokeOneway(request: Outgoing): void {
    if (this.closed) throw this.#closedError();
    const flag = (request.flag ?? 0) | FLAG_ONEWAY;
    this.#send(request, this.#deps.serialization, this.#pending.nextOpaque(), flag);
  }

  reserve(bytesMax: number): Buffer {
    return this.#output.reserve(bytesMax);
  }

  advance(bytes: number): void {
    this.#output.start += bytes;
    this.#markDirty();
  }

  write(buffer: Uint8Array, taken?: () => void): void {
    this.#output.write(buffer, taken);
    this.#markDirty();
  }

  /** Hands the output to the socket; called once per turn of the event loop. */
  flush(): void {
    this.#dirty = false;
    if (this.closed) return;
    this.#output.flush(this.#socket);
    this.#lastActivityMs = this.#deps.clock.monotonicMs();
    const bytes = this.pendingOutputBytes;
    if (bytes > this.#limits.outputBytesHardMax) this.close(`${bytes} bytes of output wait`, true);
    else if (bytes > this.#limits.outputBytesMax) this.#pace();
  }

  close(reason: string, isFault = false): void {
    if (this.closed) return;
    this.#closeReason = reason;
    this.#socket.destroy();
    this.#gone(isFault);
  }

  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  /** Deadlines of this connection; its owner calls it about once a second. */
  check(nowMs: number): void {
    const { outputStallMs, idleMs } = this.#limits;
    this.#pending.expire(nowMs, this.remoteAddress);
    if (this.#waiting.length > 0) {
      this.#waiting = this.#waiting.filter(({ opaque }) => this.#pending.has(opaque));
    }
    if (this.#isFrameLate(nowMs)) {
      this.close(`a frame is incomplete after ${this.#limits.frameDeadlineMs} ms`, true);
    } else if (this.#stalledSinceMs >= 0 && nowMs - this.#stalledSinceMs > outputStallMs) {
      this.close(`the peer did not read for ${outputStallMs} ms`, true);
    } else if (nowMs - this.#lastActivityMs > idleMs) this.close(`idle for ${idleMs} ms`);
  }

  /** Takes bytes of the peer, which never change any more. */
  receive(chunk: Buffer): void {
    const now = this.#deps.clock.monotonicMs();
    this.#lastActivityMs = now;
    this.#decoder.push(chunk);
    this.#takeCommands(now);
  }

  /** Takes bytes of the peer that are only there until this returns. */
  #receiveBorrowed(chunk: Buffer): void {
    if (this.closed) return;
    this.#borrowed = chunk;
    this.receive(chunk);
    this.#borrowed = null;
    this.#decoder.keep(chunk);
  }

  /** Serves what has arrived, until something piles up. Malformed input closes the connection. */
  #takeCommands(nowMs: number): void {
    let taken = 0;
    try {
      while (!this.#isFull()) {
        const next = this.#decoder.next();
        if (next === null) break;
        taken++;
        this.#dispatch(next);
        if (this.closed) return;
      }
    } catch (error) {
      this.close(MqError.from(error).message, true);
      return;
    }
    if (this.#decoder.pendingBytes === 0) this.#frameSinceMs = -1;
    else if (taken > 0 || this.#frameSinceMs < 0) this.#frameSinceMs = nowMs;
    this.#pace();
  }

  #isFull(): boolean {
    if (this.#inFlightBytes > this.#limits.inFlightBytesMax) return true;
    return this.#deps.pausesOnOutput && this.congested;
  }

  /** Whether the peer takes too long over a frame; a large one may take longer. */
  #isFrameLate(nowMs: number): boolean {
    if (this.#frameSinceMs < 0 || this.#paused) return false;
    const growth = this.#decoder.pendingBytes / FRAME_BYTES_PER_SECOND_MIN;
    return nowMs - this.#frameSinceMs > this.#limits.frameDeadlineMs + growth * 1000;
  }

  #dispatch(command: Command): void {
    const isBorrowed = command.frame === this.#borrowed;
    if (isBorrowed && (command.isResponse || !this.#deps.borrowsFrame(command.code))) {
      command.detach();
    }
    if (command.isResponse) {
      this.#pending.answer(command);
      return;
    }
    this.#serve(command);
    // Nothing may be read after this turn. Who detached it meanwhile has bytes of his own.
    if (isBorrowed && command.frame === this.#borrowed) command.release();
  }

  #serve(command: Command): void {
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
      if (answer instanceof Promise) {
        if (command.frame === this.#borrowed) command.detach();
        this.#answerLater(command, answer);
      } else this.#answer(command, answer);
    } catch (error) {
      this.#answerError(command, error);
    }
  }

  #answerLater(command: Command, answer: Promise<Outgoing | null>): void {
    answer
      .then((value) => {
        if (value !== null) this.#answer(command, value);
      })
      .catch((error) => this.#answerError(command, error));
  }

  #answer(command: Command, answer: Outgoing): void {
    this.respond(command, answer);
    this.finish(command);
  }

  #answerError(command: Command, thrown: unknown): void {
    const error = MqError.from(thrown);
    if (command.isMalformed) {
      this.close(error.message, true);
      return;
    }
    const fields = { code: command.code, peer: this.remoteAddress, error };
    if (error.code === MqErrorCode.Internal) this.#deps.logger.error(fields, 'A handler failed');
    const code = error.responseCode ?? ResponseCode.SystemError;
    this.#answer(command, { code, remark: error.message });
  }

  #sendRequest(request: Outgoing, opaque: number): void {
    try {
      this.#send(request, this.#deps.serialization, opaque, request.flag ?? 0);
    } catch (error) {
      this.#pending.fail(opaque, MqError.from(error));
    }
  }

  #send(outgoing: Outgoing, serialization: Serialization, opaque: number, flag: number): void {
    const { body } = outgoing;
    const bytesMax = headWriter.prepare(outgoing, serialization, opaque, flag);
    const target = this.reserve(bytesMax);
    this.advance(headWriter.write(target, this.outputStart, body?.length ?? 0));
    if (body != null && body.length > 0) this.write(body);
  }

  #markDirty(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#deps.flushQueue.add(this);
  }

  /** Stops or resumes, by what waits. */
  #pace(): void {
    if (this.closed) return;
    const congested = this.congested;
    if (!congested) {
      this.#stalledSinceMs = -1;
      if (this.#waiting.length > 0) this.#sendWaiting();
    } else if (this.#stalledSinceMs < 0) {
      this.#stalledSinceMs = this.#deps.clock.monotonicMs();
    }
    const { inFlightBytesMax } = this.#limits;
    if (this.#isFull()) {
      this.#paused = true;
      this.#socket.pause();
    } else if (this.#paused && this.#inFlightBytes <= inFlightBytesMax * RESUME_PART) {
      this.#paused = false;
      this.#socket.resume();
      // What the last chunk still has comes first; the socket goes on in the next turn.
      this.#takeCommands(this.#deps.clock.monotonicMs());
    }
  }

  #sendWaiting(): void {
    let sent = 0;
    for (const { request, opaque } of this.#waiting) {
      if (this.congested) break;
      sent++;
      if (this.#pending.has(opaque)) this.#sendRequest(request, opaque);
    }
    this.#waiting.splice(0, sent);
  }

  #closedError(): MqError {
    const message = `The connection to ${this.remoteAddress} is closed: ${this.#closeReason}`;
    return new MqError(MqErrorCode.ConnectionClosed, message, { retryable: true });
  }

  #gone(isFault = false): void {
    if (this.closed) return;
    this.closed = true;
    this.#pending.failAll(this.#closedError());
    this.#deps.closed(this, this.#closeReason, isFault);
    for (const listener of [...this.#closeListeners]) listener();
    this.#closeListeners.clear();
    this.#waiting = [];
    this.#output.clear();
  }
}
