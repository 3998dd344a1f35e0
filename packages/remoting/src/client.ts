/**
 * A remoting client: one connection per address, opened on demand and again after it broke, with
 * requests in both directions.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  type Clock,
  type Logger,
  MqError,
  MqErrorCode,
  type Scheduler,
  type Timer,
  throwIfAborted,
} from '@skylarkmq/base';
import { type Command, type Outgoing, ResponseCode, Serialization } from '@skylarkmq/wire';
import type { InvokeOptions } from './connection.ts';
import { FlushQueue } from './flush-queue.ts';
import type { Handler } from './handler.ts';
import { splitAddress } from './host-address.ts';
import { type ConnectionLimits, type ResolvedLimits, resolveLimits } from './limits.ts';
import { SocketConnection } from './socket-connection.ts';
import type { TlsCredentials } from './tls.ts';

/** How often deadlines are checked while answers are awaited, and otherwise. */
const CHECK_PERIOD_MS = 100;
const IDLE_CHECK_PERIOD_MS = 5000;
const CONNECT_TIMEOUT_MS = 3000;

export interface ClientTlsOptions {
  /** Whether the server's certificate must be valid. Default true. */
  readonly verify?: boolean;
  readonly ca?: string | Buffer;
  /** The client's own certificate. */
  readonly credentials?: TlsCredentials;
}

export interface RemotingClientOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly limits?: ConnectionLimits;
  /** Default 3,000. */
  readonly connectTimeoutMs?: number;
  /** Form of the headers that we send. Default JSON, as all official clients. */
  readonly serialization?: Serialization;
  /** Default: no TLS. */
  readonly tls?: ClientTlsOptions;
  /** Serves requests that servers send us; without one they are answered "not supported". */
  readonly onRequest?: Handler;
  /** May add to a request before it is sent: signatures, namespaces. */
  readonly beforeRequest?: (request: Outgoing, address: string) => Outgoing;
}

export class RemotingClient {
  readonly #options: RemotingClientOptions;
  readonly #limits: ResolvedLimits;
  readonly #flushQueue: FlushQueue;
  readonly #connections = new Map<string, SocketConnection>();
  readonly #connecting = new Map<string, Promise<SocketConnection>>();
  /** Connections that a server asked us to leave; they stay open until it closes them. */
  readonly #leaving = new Set<SocketConnection>();
  readonly #disconnectListeners = new Set<(address: string) => void>();
  /** Requests whose answers are awaited. */
  #awaited = 0;
  #check: { readonly timer: Timer; readonly periodMs: number } | undefined;
  #closed = false;

  constructor(options: RemotingClientOptions) {
    this.#options = options;
    this.#limits = resolveLimits(options.limits);
    this.#flushQueue = new FlushQueue(options.scheduler);
  }

  /**
   * Sends a request and waits for the answer, whatever its code. CONNECT, TIMEOUT,
   * CONNECTION_CLOSED, BUSY, ABORTED, CLOSED. The time limit covers connecting too.
   */
  async invoke(address: string, request: Outgoing, options: InvokeOptions): Promise<Command> {
    const deadlineMs = this.#options.clock.monotonicMs() + options.timeoutMs;
    const answer = await this.#invokeOnce(address, request, options, deadlineMs);
    if (answer.code !== ResponseCode.GoAway) return answer;
    // The server drains: it wants the request again over a new connection, once.
    this.#leave(address);
    return this.#invokeOnce(address, request, options, deadlineMs);
  }

  /** Sends a one-way request; resolves when it is handed to the connection. */
  async invokeOneway(address: string, request: Outgoing): Promise<void> {
    const connection = await this.#connection(address, undefined);
    if (connection.congested) {
      const message = `${address} does not take what was sent to it`;
      throw new MqError(MqErrorCode.Busy, message, { retryable: true });
    }
    connection.invokeOneway(this.#prepare(request, address));
  }

  isConnected(address: string): boolean {
    return this.#connections.has(address);
  }

  /** Calls the listener with the address of each connection that is lost. */
  onDisconnect(listener: (address: string) => void): () => void {
    this.#disconnectListeners.add(listener);
    return () => this.#disconnectListeners.delete(listener);
  }

  /** Closes the connection to one address; the next request opens a new one. */
  disconnect(address: string, reason: string): void {
    this.#connections.get(address)?.close(reason);
  }

  /** Closes everything; requests that wait fail with CONNECTION_CLOSED. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#check?.timer.cancel();
    await Promise.allSettled(this.#connecting.values());
    for (const connection of [...this.#connections.values(), ...this.#leaving]) {
      connection.flush();
      connection.close('the client is closed');
    }
    this.#connections.clear();
  }

  async #invokeOnce(
    address: string,
    request: Outgoing,
    options: InvokeOptions,
    deadlineMs: number,
  ): Promise<Command> {
    throwIfAborted(options.signal);
    const open = this.#connections.get(address);
    const connection =
      open === undefined || open.closed ? await this.#connection(address, deadlineMs) : open;
    const timeoutMs = deadlineMs - this.#options.clock.monotonicMs();
    if (timeoutMs <= 0) {
      const message = `Connecting to ${address} took all of ${options.timeoutMs} ms`;
      throw new MqError(MqErrorCode.Timeout, message, { retryable: true });
    }
    const prepared = this.#prepare(request, address);
    this.#awaited++;
    this.#checkLater();
    try {
      return await connection.invoke(prepared, { timeoutMs, signal: options.signal });
    } finally {
      this.#awaited--;
    }
  }

  #prepare(request: Outgoing, address: string): Outgoing {
    return this.#options.beforeRequest?.(request, address) ?? request;
  }

  async #connection(address: string, deadlineMs: number | undefined): Promise<SocketConnection> {
    if (this.#closed) throw new MqError(MqErrorCode.Closed, 'The client is closed');
    const open = this.#connections.get(address);
    if (open !== undefined && !open.closed) return open;
    const connecting = this.#connecting.get(address);
    if (connecting !== undefined) return connecting;
    const left =
      deadlineMs === undefined ? Infinity : deadlineMs - this.#options.clock.monotonicMs();
    const limit = this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const started = this.#connect(address, Math.max(1, Math.min(limit, left)));
    this.#connecting.set(address, started);
    try {
      return await started;
    } finally {
      this.#connecting.delete(address);
    }
  }

  async #connect(address: string, timeoutMs: number): Promise<SocketConnection> {
    const { host, port } = splitAddress(address);
    const socket = this.#open(host, port);
    let isOpen = false;
    const timer = this.#options.scheduler.after(timeoutMs, () => {
      this.#afterInput(() => {
        if (isOpen) return;
        socket.destroy(new Error(`no connection within ${Math.round(timeoutMs)} ms`));
      });
    });
    const event = this.#options.tls === undefined ? 'connect' : 'secureConnect';
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once(event, resolve);
        socket.once('error', reject);
        socket.once('close', () => reject(new Error('closed while connecting')));
      });
      isOpen = true;
    } catch (error) {
      const reason = MqError.from(error).message;
      const message = `Cannot connect to ${address}: ${reason}`;
      throw new MqError(MqErrorCode.Connect, message, { retryable: true, cause: error });
    } finally {
      timer.cancel();
    }
    return this.#adopt(address, socket);
  }

  #open(host: string, port: number): Socket {
    const { tls } = this.#options;
    const socket =
      tls === undefined
        ? connectTcp({ host, port, noDelay: true })
        : connectTls({
            host,
            port,
            rejectUnauthorized: tls.verify ?? true,
            ...(tls.ca === undefined ? {} : { ca: tls.ca }),
            ...(tls.credentials === undefined
              ? {}
              : {
                  cert: tls.credentials.cert,
                  key: tls.credentials.key,
                  ...(tls.credentials.passphrase === undefined
                    ? {}
                    : { passphrase: tls.credentials.passphrase }),
                }),
          });
    socket.setNoDelay(true);
    socket.on('error', () => {});
    return socket;
  }

  #adopt(address: string, socket: Socket): SocketConnection {
    const connection = new SocketConnection(socket, {
      clock: this.#options.clock,
      logger: this.#options.logger,
      limits: this.#limits,
      flushQueue: this.#flushQueue,
      secure: this.#options.tls !== undefined,
      pausesOnOutput: false,
      serialization: this.#options.serialization ?? Serialization.Json,
      input: null,
      borrowsFrame: () => false,
      handlerOf: () => this.#options.onRequest,
      closed: (closed, reason) => this.#lost(address, closed, reason),
    });
    this.#connections.set(address, connection);
    if (this.#closed) connection.close('the client is closed');
    else this.#checkLater();
    return connection;
  }

  #lost(address: string, connection: SocketConnection, reason: string): void {
    this.#leaving.delete(connection);
    if (this.#connections.get(address) !== connection) return;
    this.#connections.delete(address);
    if (!this.#closed) this.#options.logger.info({ address, reason }, 'Connection lost');
    for (const listener of this.#disconnectListeners) listener(address);
  }

  #leave(address: string): void {
    const connection = this.#connections.get(address);
    if (connection === undefined) return;
    this.#connections.delete(address);
    this.#leaving.add(connection);
  }

  /** Often while answers are awaited, rarely while only connections are open, else not at all. */
  #checkLater(): void {
    const periodMs = this.#awaited > 0 ? CHECK_PERIOD_MS : IDLE_CHECK_PERIOD_MS;
    if (this.#check !== undefined && this.#check.periodMs <= periodMs) return;
    this.#check?.timer.cancel();
    const timer = this.#options.scheduler.every(periodMs, () => {
      this.#afterInput(() => this.#checkAll());
      const isIdle = this.#closed || this.#connections.size + this.#leaving.size === 0;
      if (!isIdle && (this.#awaited > 0 || periodMs === IDLE_CHECK_PERIOD_MS)) return;
      timer.cancel();
      this.#check = undefined;
      if (!isIdle) this.#checkLater();
    });
    this.#check = { timer, periodMs };
  }

  /**
   * Timers come before what arrived meanwhile: when the event loop was held up, what seems to be
   * late may lie there. It is taken first.
   */
  #afterInput(work: () => void): void {
    this.#options.scheduler.immediate(work);
  }

  #checkAll(): void {
    const now = this.#options.clock.monotonicMs();
    for (const connection of this.#connections.values()) connection.check(now);
    for (const connection of this.#leaving) connection.check(now);
  }
}
