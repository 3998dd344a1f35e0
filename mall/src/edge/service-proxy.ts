/**
 * Passes requests on to the services, bytes as they are, also streams and WebSockets. The client of
 * the services would read an answer to its end and give it a time; here silence has one.
 */
import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError, messageOf } from '../shared/api-error.ts';
import type { Passage } from './gate.ts';

const TIMEOUT_MS = 20_000;
const SOCKETS_MAX = 256;

/** Of the visitor's request: never what only the mall itself may say. */
const PASSED: readonly string[] = [
  'accept',
  'accept-language',
  'content-type',
  'content-length',
  'user-agent',
  'x-provider-timestamp',
  'x-provider-signature',
  'last-event-id',
];
const PASSED_UPGRADE: readonly string[] = [
  ...PASSED,
  'connection',
  'upgrade',
  'origin',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
];

export interface ProxyDeps {
  readonly internalSecret: string;
  /** A service that is silent for so long does not answer; never less than 20 s. */
  readonly timeoutMs: number;
  readonly urlOf: (passage: Passage) => string;
}

export class ServiceProxy {
  readonly #deps: ProxyDeps;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  /** The visitors' ends of WebSockets. */
  readonly #sockets = new Set<Duplex>();

  constructor(deps: ProxyDeps) {
    this.#deps = deps;
  }

  /** The answer of the service, whose body is still to come. */
  forward(
    incoming: IncomingMessage,
    visitor: ServerResponse,
    passage: Passage,
  ): Promise<IncomingMessage> {
    const headers = this.#headers(incoming.headers, passage, PASSED);
    const { method = 'GET' } = incoming;
    const { timeoutMs } = this.#deps;
    return new Promise((resolve, reject) => {
      const options = {
        method,
        headers,
        agent: this.#agent,
        timeout: Math.max(timeoutMs, TIMEOUT_MS),
      };
      const outgoing = request(this.#deps.urlOf(passage), options);
      outgoing.once('response', (response) => {
        // A visitor who leaves a stream ends it.
        visitor.once('close', () => {
          if (!response.complete) outgoing.destroy();
        });
        resolve(response);
      });
      outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
      outgoing.once('error', (error) => {
        const text = `The service ${passage.service} cannot be reached: ${messageOf(error)}`;
        reject(new ApiError('UNAVAILABLE', text, { cause: error }));
      });
      incoming.once('error', () => outgoing.destroy());
      incoming.pipe(outgoing);
    });
  }

  /** Connects both ends of a WebSocket. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, passage: Passage): void {
    const headers = this.#headers(incoming.headers, passage, PASSED_UPGRADE);
    headers['x-forwarded-host'] = incoming.headers.host ?? '';
    const outgoing = request(this.#deps.urlOf(passage), { headers });
    outgoing.once('upgrade', (response, upstream, upstreamHead) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.write(`${headOf(response)}\r\n\r\n`);
      if (upstreamHead.length > 0) socket.write(upstreamHead);
      if (head.length > 0) upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
      upstream.on('error', () => socket.destroy());
      upstream.on('close', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
      socket.on('close', () => upstream.destroy());
    });
    outgoing.once('response', (response) => {
      socket.end(`${headOf(response)}\r\n\r\n`);
      response.resume();
    });
    outgoing.once('error', () => refuse(socket, 503));
    outgoing.end();
  }

  /** Ends WebSockets, which a server that closes would wait for. */
  endSockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#agent.destroy();
  }

  #headers(
    given: IncomingHttpHeaders,
    { caller, sessionToken }: Passage,
    passed: readonly string[],
  ): Record<string, string> {
    const headers: Record<string, string> = { 'x-mall-internal': this.#deps.internalSecret };
    for (const name of passed) {
      const value = given[name];
      if (typeof value === 'string') headers[name] = value;
    }
    if (given['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked';
    headers['x-user-id'] = caller.userId;
    headers['x-user-role'] = caller.role;
    if (sessionToken !== undefined) headers['x-mall-session'] = sessionToken;
    return headers;
  }
}

function headOf({ statusCode = 502, statusMessage = '', rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  return lines.join('\r\n');
}

/** Answers a WebSocket's request with no more than a status. */
export function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\n\r\n`);
}
