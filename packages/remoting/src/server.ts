/**
 * A remoting server: listens on one or two ports, hands requests to handlers by code, and keeps
 * each connection within its limits. It knows frames and codes, not what they mean.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, type Logger, MqError, MqErrorCode, type Scheduler } from '@skylarkmq/base';
import { Serialization } from '@skylarkmq/wire';
import type { Connection } from './connection.ts';
import { FlushQueue } from './flush-queue.ts';
import type { Handler } from './handler.ts';
import { type ConnectionLimits, type ResolvedLimits, resolveLimits } from './limits.ts';
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
  readonly #connections = new Set<SocketConnection>();
  readonly #closeListeners = new Set<(connection: Connection) => void>();
  #default: Handler | undefined;
  #servers: Server[] = [];
  #accepted = 0;
  #closeLogs = 0;
  #checks: { cancel(): void } | undefined;

  constructor(options: RemotingServerOptions) {
    this.#options = options;
    this.#limits = resolveLimits(options.limits);
    this.#flushQueue = new FlushQueue(options.scheduler);
    this.#tls = options.tls === undefined ? undefined : new ServerTls(options.tls);
  }

  /** Serves a request code. `mainPortOnly` codes are not served on the second port. */
  register(code: number, handler: Handler, options: { mainPortOnly?: boolean } = {}): void {
    this.#handlers.set(code, handler);
    if (options.mainPortOnly) this.#mainPortOnly.add(code);
  }

  /** Serves the codes that nobody registered; without one they are answered "not supported". */
  setDefault(handler: Handler): void {
    this.#default = handler;
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
    while (left > 0 && [...this.#connections].some((one) => one.pendingOutputBytes > 0)) {
      await new Promise<void>((resolve) => this.#options.scheduler.after(DRAIN_STEP_MS, resolve));
      left -= DRAIN_STEP_MS;
    }
    for (const connection of [...this.#connections]) connection.close('the server shuts down');
    await Promise.all(closing);
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
    server.maxConnections = this.#options.connectionsMax ?? CONNECTIONS_MAX;
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
    if (this.#accepted >= (this.#options.connectionsMax ?? CONNECTIONS_MAX)) {
      socket.destroy();
      return;
    }
    this.#accepted++;
    socket.once('close', () => {
      this.#accepted--;
    });
    if (this.#tls === undefined || this.#tls.mode === 'disabled') this.#serve(socket, fast, false);
    else this.#detectTls(socket, fast, this.#tls);
  }

  /** Waits for the first byte, at most as long as for a frame. */
  #detectTls(socket: Socket, fast: boolean, tls: ServerTls): void {
    const swallow = (): void => {
      socket.destroy();
    };
    socket.on('error', swallow);
    const timeout = this.#options.scheduler.after(this.#limits.idleMs, swallow);
    socket.once('close', () => timeout.cancel());
    socket.once('data', (first: Buffer) => {
      timeout.cancel();
      socket.pause();
      if (first[0] === TLS_HANDSHAKE_BYTE) this.#startTls(socket, first, fast, tls);
      else if (tls.mode === 'enforcing') swallow();
      else {
        socket.removeListener('error', swallow);
        this.#serve(socket, fast, false).receive(first);
        socket.resume();
      }
    });
  }

  #startTls(socket: Socket, first: Buffer, fast: boolean, tls: ServerTls): void {
    tls.wrap(socket, first).then(
      (secure) => {
        secure.once('secure', () => this.#serve(secure, fast, true));
        secure.on('error', () => secure.destroy());
      },
      (error) => {
        this.#options.logger.error({ error }, 'TLS is not available');
        socket.destroy();
      },
    );
  }

  #serve(socket: Socket, fast: boolean, secure: boolean): SocketConnection {
    const deps: ConnectionDeps = {
      clock: this.#options.clock,
      logger: this.#options.logger,
      limits: this.#limits,
      flushQueue: this.#flushQueue,
      secure,
      serialization: Serialization.Json,
      handlerOf: (code) =>
        fast && this.#mainPortOnly.has(code)
          ? this.#default
          : (this.#handlers.get(code) ?? this.#default),
      closed: (connection, reason) => this.#closed(connection, reason),
    };
    const connection = new SocketConnection(socket, deps);
    this.#connections.add(connection);
    return connection;
  }

  #closed(connection: SocketConnection, reason: string): void {
    this.#connections.delete(connection);
    if (this.#closeLogs++ < CLOSE_LOGS_PER_CHECK) {
      this.#options.logger.info({ peer: connection.remoteAddress, reason }, 'Connection closed');
    }
    for (const listener of this.#closeListeners) listener(connection);
  }

  #check(): void {
    const now = this.#options.clock.monotonicMs();
    for (const connection of [...this.#connections]) connection.check(now);
    if (this.#closeLogs > CLOSE_LOGS_PER_CHECK) {
      const more = this.#closeLogs - CLOSE_LOGS_PER_CHECK;
      this.#options.logger.warn({ more }, 'More connections closed within a second');
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
