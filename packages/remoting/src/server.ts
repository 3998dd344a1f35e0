/**
 * A remoting server: listens on one or two ports, hands requests to handlers by code, and keeps
 * each connection within its limits. It knows frames and codes, not what they mean.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Clock, type Logger, MqError, MqErrorCode, type Scheduler } from '@skylarkmq/base';
import { Serialization } from '@skylarkmq/wire';
import type { Connection } from './connection.ts';
import { FlushQueue } from './flush-queue.ts';
import { type Guard, withGuard } from './guard.ts';
import type { Handler, HandlerOptions } from './handler.ts';
import { joinAddress } from './host-address.ts';
import { type Intercept, withIntercept } from './intercept.ts';
import { type ConnectionLimits, type ResolvedLimits, resolveLimits } from './limits.ts';
import { SharedInput } from './shared-input.ts';
import { type ConnectionDeps, SocketConnection } from './socket-connection.ts';
import { ServerTls, type ServerTlsOptions, TLS_HANDSHAKE_BYTE } from './tls.ts';

const CHECK_PERIOD_MS = 1000;
const CONNECTIONS_MAX = 20_000;
const BACKLOG = 1024;
const DRAIN_STEP_MS = 10;
/** At most so many lines about broken connections a second; the rest is counted. */
const CLOSE_LOGS_PER_CHECK = 10;

export interface RemotingServerOptions {
  /** Address to bind; default 127.0.0.1. */
  readonly host?: string;
  /** 0 chooses a free port. */
  readonly port: number;
  /** The second port; null for none. 'auto' is port - 2. Default null. */
  readonly fastPort?: number | 'auto' | null;
  readonly limits?: ConnectionLimits;
  /** Default 20,000 over both ports. */
  readonly connectionsMax?: number;
  /** Default: plain connections only. */
  readonly tls?: ServerTlsOptions;
  /** For tests; see there. Default: none. */
  readonly intercept?: Intercept;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

export interface ListeningPorts {
  readonly port: number;
  /** Null when there is no second port. */
  readonly fastPort: number | null;
}

/** Attempts to find a pair of neighbouring free ports when the port is chosen by the system. */
const PAIR_ATTEMPTS = 20;

export class RemotingServer {
  readonly #options: RemotingServerOptions;
  readonly #limits: ResolvedLimits;
  readonly #flushQueue: FlushQueue;
  readonly #tls: ServerTls | undefined;
  readonly #handlers = new Map<number, Handler>();
  readonly #mainPortOnly = new Set<number>();
  readonly #borrowing = new Set<number>();
  readonly #connections = new Set<SocketConnection>();
  readonly #closeListeners = new Set<(connection: Connection) => void>();
  #default: Handler | undefined;
  #guard: Guard | undefined;
  /** Handlers, and each behind the guard. */
  readonly #guarded = new Map<Handler | undefined, Handler>();
  #servers: Server[] = [];
  /** All sockets, also those whose first byte or TLS handshake is still to come. */
  readonly #sockets = new Set<Socket>();
  #closeLogs = 0;
  #checks: { cancel(): void } | undefined;

  constructor(options: RemotingServerOptions) {
    this.#options = options;
    this.#limits = resolveLimits(options.limits);
    this.#flushQueue = new FlushQueue(options.scheduler);
    this.#tls = options.tls === undefined ? undefined : new ServerTls(options.tls);
  }

  /** Serves a request code. */
  register(code: number, handler: Handler, options: HandlerOptions = {}): void {
    this.#handlers.set(code, handler);
    if (options.borrowsFrame) this.#borrowing.add(code);
    else this.#borrowing.delete(code);
    if (options.mainPortOnly) this.#mainPortOnly.add(code);
  }

  /** Serves the codes that nobody registered; without one they are answered "not supported". */
  setDefault(handler: Handler): void {
    this.#default = handler;
  }

  /** Has requests checked before their handlers see them. */
  setGuard(guard: Guard): void {
    this.#guard = guard;
    this.#guarded.clear();
  }

  /** Calls the listener whenever a connection is gone. */
  onConnectionClose(listener: (connection: Connection) => void): void {
    this.#closeListeners.add(listener);
  }

  connections(): Iterable<Connection> {
    return this.#connections;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Opens the ports. SYSTEM when one is in use or not allowed. */
  async listen(): Promise<ListeningPorts> {
    const { port, fastPort } = await this.#open();
    const check = (): void => this.#check();
    this.#checks = this.#options.scheduler.every(CHECK_PERIOD_MS, check);
    return { port, fastPort };
  }

  /**
   * Stops listening, waits up to `drainMs` until requests in progress are answered, then closes
   * all connections.
   */
  async close(options: { drainMs?: number } = {}): Promise<void> {
    this.#checks?.cancel();
    const closing = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    this.#servers = [];
    let left = options.drainMs ?? 0;
    while (left > 0 && [...this.#connections].some((one) => one.busy)) {
      await new Promise<void>((resolve) => this.#options.scheduler.after(DRAIN_STEP_MS, resolve));
      left -= DRAIN_STEP_MS;
    }
    for (const connection of [...this.#connections]) connection.close('the server shuts down');
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closing);
    // Node says that a port is closed a turn before it is.
    await new Promise<void>((resolve) => this.#options.scheduler.immediate(resolve));
  }

  async #open(): Promise<ListeningPorts> {
    const { port, fastPort = null } = this.#options;
    if (fastPort === null) return { port: await this.#listenOn(port, false), fastPort: null };
    for (let attempt = 1; ; attempt++) {
      const main = await this.#listenOn(port, false);
      const wanted = fastPort === 'auto' ? main - 2 : fastPort;
      try {
        return { port: main, fastPort: await this.#listenOn(wanted, true) };
      } catch (error) {
        const [opened] = this.#servers.splice(0);
        await new Promise<void>((resolve) => opened?.close(() => resolve()) ?? resolve());
        if (port !== 0 || attempt >= PAIR_ATTEMPTS) throw error;
      }
    }
  }

  #listenOn(port: number, fast: boolean): Promise<number> {
    const host = this.#options.host ?? '127.0.0.1';
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket, fast));
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(listenError(host, port, error)));
      server.listen({ host, port, backlog: BACKLOG }, () => {
        server.removeAllListeners('error');
        server.on('error', (error) => this.#options.logger.error({ error }, 'Accepting failed'));
        this.#servers.push(server);
        const address = server.address();
        resolve(address !== null && typeof address === 'object' ? address.port : port);
      });
    });
  }

  #accept(socket: Socket, fast: boolean): void {
    const connectionsMax = this.#options.connectionsMax ?? CONNECTIONS_MAX;
    if (this.#sockets.size >= connectionsMax) {
      this.#refuse(socket, `there are ${connectionsMax} connections already`);
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#tls === undefined || this.#tls.mode === 'disabled') this.#servePlain(socket, fast);
    else this.#detectTls(socket, fast, this.#tls);
  }

  /** Waits for the first byte, which tells TLS from plain frames. */
  #detectTls(socket: Socket, fast: boolean, tls: ServerTls): void {
    const refuse = (error: Error): void => this.#refuse(socket, error.message);
    socket.on('error', refuse);
    const { scheduler } = this.#options;
    const waiting = scheduler.after(this.#limits.idleMs, () => {
      this.#refuse(socket, `nothing came for ${this.#limits.idleMs} ms`);
    });
    socket.once('close', () => waiting.cancel());
    socket.once('data', (first: Buffer) => {
      waiting.cancel();
      socket.pause();
      if (first[0] === TLS_HANDSHAKE_BYTE) this.#startTls(socket, first, fast, tls);
      else if (tls.mode === 'enforcing') this.#refuse(socket, 'plain text, but TLS is enforced');
      else {
        socket.removeListener('error', refuse);
        this.#servePlain(socket, fast, first);
      }
    });
  }

  #startTls(socket: Socket, first: Buffer, fast: boolean, tls: ServerTls): void {
    const { frameDeadlineMs } = this.#limits;
    const waiting = this.#options.scheduler.after(frameDeadlineMs, () => {
      this.#refuse(socket, `no TLS handshake within ${frameDeadlineMs} ms`);
    });
    socket.once('close', () => waiting.cancel());
    tls.wrap(socket, first).then(
      (secure) => {
        const refuse = (error: Error): void => {
          secure.destroy();
          this.#refuse(socket, error.message);
        };
        secure.on('error', refuse);
        secure.once('secure', () => {
          waiting.cancel();
          secure.removeListener('error', refuse);
          this.#serve(secure, fast, null);
        });
      },
      (error) => {
        this.#options.logger.error({ error }, 'TLS is not available');
        socket.destroy();
      },
    );
  }

  /** Ends a connection before it is one. */
  #refuse(socket: Socket, reason: string): void {
    const peer = joinAddress(socket.remoteAddress, socket.remotePort);
    if (!socket.destroyed) this.#logClose(peer, reason, true);
    socket.destroy();
  }

  /** `first`: what came already. */
  #servePlain(socket: Socket, fast: boolean, first?: Buffer): void {
    const input = SharedInput.takeOver(socket);
    if (input === null) {
      if (first !== undefined) socket.unshift(first);
      this.#serve(socket, fast, null);
      socket.resume();
      return;
    }
    const { socket: own } = input;
    this.#sockets.add(own);
    own.once('close', () => this.#sockets.delete(own));
    const connection = this.#serve(own, fast, input);
    if (first !== undefined) connection.receive(first);
  }

  #serve(socket: Socket, fast: boolean, input: SharedInput | null): SocketConnection {
    const deps: ConnectionDeps = {
      clock: this.#options.clock,
      logger: this.#options.logger,
      limits: this.#limits,
      flushQueue: this.#flushQueue,
      secure: socket instanceof TLSSocket,
      input,
      pausesOnOutput: true,
      serialization: Serialization.Json,
      ...this.#service(fast),
      closed: (connection, reason, isFault) => this.#closed(connection, reason, isFault),
    };
    const connection = new SocketConnection(socket, deps);
    this.#connections.add(connection);
    return connection;
  }

  /** How connections of a port find handlers. */
  #service(fast: boolean): Pick<ConnectionDeps, 'borrowsFrame' | 'handlerOf'> {
    const { intercept } = this.#options;
    const handlerOf = (code: number): Handler | undefined => this.#handlerOf(code, fast);
    if (intercept === undefined) {
      return { borrowsFrame: (code) => this.#borrowing.has(code), handlerOf };
    }
    return {
      borrowsFrame: () => false,
      handlerOf: (code) => withIntercept(intercept, handlerOf(code)),
    };
  }

  #handlerOf(code: number, fast: boolean): Handler | undefined {
    const own = fast && this.#mainPortOnly.has(code) ? undefined : this.#handlers.get(code);
    const handler = own ?? this.#default;
    const guard = this.#guard;
    if (guard === undefined || guard.codes?.has(code) === false) return handler;
    let guarded = this.#guarded.get(handler);
    if (guarded === undefined) {
      guarded = withGuard(guard, handler);
      this.#guarded.set(handler, guarded);
    }
    return guarded;
  }

  #closed(connection: SocketConnection, reason: string, isFault: boolean): void {
    this.#connections.delete(connection);
    this.#logClose(connection.remoteAddress, reason, isFault);
    for (const listener of this.#closeListeners) listener(connection);
  }

  /** Faults of peers are for everybody to see, comings and goings are not. */
  #logClose(peer: string, reason: string, isFault: boolean): void {
    if (this.#closeLogs++ >= CLOSE_LOGS_PER_CHECK) return;
    const { logger } = this.#options;
    if (isFault) logger.warn({ peer, reason }, 'Connection closed: its peer broke a rule');
    else logger.info({ peer, reason }, 'Connection closed');
  }

  #check(): void {
    const now = this.#options.clock.monotonicMs();
    for (const connection of [...this.#connections]) connection.check(now);
    if (this.#closeLogs > CLOSE_LOGS_PER_CHECK) {
      const more = this.#closeLogs - CLOSE_LOGS_PER_CHECK;
      this.#options.logger.info({ more }, 'More connections closed within a second');
    }
    this.#closeLogs = 0;
  }
}

function listenError(host: string, port: number, error: NodeJS.ErrnoException): MqError {
  const where = `${host}:${port}`;
  const reasons = new Map([
    ['EADDRINUSE', `Port ${where} is in use: stop what listens there or choose another port`],
    ['EACCES', `Port ${where} is not allowed: choose a port above 1023`],
    ['EADDRNOTAVAIL', `Address ${host} is not an address of this machine`],
  ]);
  const message = reasons.get(error.code ?? '') ?? `Cannot listen on ${where}: ${error.message}`;
  return new MqError(MqErrorCode.System, message, { cause: error });
}
