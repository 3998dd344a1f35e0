/** Servers, clients and bare sockets for the tests of this package. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  type LogFields,
  type Logger,
  realClock,
  realScheduler,
  silentLogger,
} from '@skylarkmq/base';
import { type Command, encodeCommand, FrameDecoder, Serialization } from '@skylarkmq/wire';
import { RemotingServer, type RemotingServerOptions } from '../src/index.ts';

export const real = { clock: realClock, scheduler: realScheduler, logger: silentLogger };

/** Keeps what was logged. */
export class LogRecorder implements Logger {
  readonly lines: string[] = [];
  /** Those that are seen without asking for more. */
  readonly warnings: string[] = [];

  debug(fields: LogFields, message: string): void {
    this.#add(fields, message);
  }
  info(fields: LogFields, message: string): void {
    this.#add(fields, message);
  }
  warn(fields: LogFields, message: string): void {
    this.warnings.push(this.#add(fields, message));
  }
  error(fields: LogFields, message: string): void {
    this.#add(fields, message);
  }

  #add(fields: LogFields, message: string): string {
    const values = Object.values(fields).map((one) => (one instanceof Error ? one.message : one));
    const line = `${message}: ${values.join(' ')}`;
    this.lines.push(line);
    return line;
  }
}

export interface Started {
  readonly server: RemotingServer;
  readonly log: LogRecorder;
  readonly port: number;
  readonly address: string;
}

/** A server on a free port whose code 1 echoes. */
export async function startServer(options: Partial<RemotingServerOptions> = {}): Promise<Started> {
  const log = new LogRecorder();
  const server = new RemotingServer({ port: 0, ...real, logger: log, ...options });
  server.register(1, ({ ext, body }) => ({ code: 0, ext, body }));
  const { port } = await server.listen();
  return { server, log, port, address: `127.0.0.1:${port}` };
}

/** A bare socket that collects the commands it receives. */
export class RawPeer {
  readonly socket: Socket;
  readonly received: Command[] = [];
  closed = false;
  readonly #decoder = new FrameDecoder();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('data', (chunk: Buffer) => {
      this.#decoder.push(chunk);
      for (let one = this.#decoder.next(); one !== null; one = this.#decoder.next()) {
        this.received.push(one);
      }
    });
  }

  static async open(port: number): Promise<RawPeer> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RawPeer(socket);
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }
}

/** One request as bytes. */
export function frame(
  code: number,
  bodyBytes = 0,
  serialization: Serialization = Serialization.Json,
  opaque = 1,
): Buffer {
  return encodeCommand({ code, opaque, body: Buffer.alloc(bodyBytes, 'x') }, serialization);
}

/** Lets the event loop turn until the condition holds; fails when it does not for minutes. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Never: ${condition}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
