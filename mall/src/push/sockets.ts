/** What carries connections: WebSockets, and responses of server-sent events. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { type Carrier, type Connection, VISITOR_MESSAGE_BYTES_MAX } from './connection.ts';

/** A WebSocket as a carrier. */
export function socketCarrier(socket: WebSocket): Carrier {
  return {
    // The callback comes when the bytes are the kernel's, or with an error: then the socket closes.
    send: (text, done) => socket.send(text, () => done()),
    ping: () => socket.ping(),
    end: (code, reason) => {
      socket.close(code, reason);
      // Who does not answer the farewell is cut off with the next one.
      if (socket.readyState === socket.CLOSING) setTimeout(() => socket.terminate(), 1_000).unref();
    },
  };
}

/** A response of server-sent events as a carrier. */
export function streamCarrier(response: ServerResponse): Carrier {
  return {
    send: (text, done) => {
      const seq = /"seq":(\d+)/.exec(text)?.[1];
      const id = seq === undefined ? '' : `id: ${seq}\n`;
      response.write(`${id}data: ${text}\n\n`, () => done());
    },
    ping: () => {},
    end: () => {
      response.end();
      response.destroy();
    },
  };
}

/** Has a connection hear what its socket does. */
export function attach(socket: WebSocket, connection: Connection, closed: () => void): void {
  socket.on('message', (data: RawData, isBinary: boolean) => {
    const text = isBinary ? '' : textOf(data);
    void connection.received(text);
  });
  socket.on('pong', () => connection.alive());
  // An error is followed by a close, which is what counts.
  socket.on('error', () => connection.close());
  socket.on('close', closed);
}

/** Makes WebSockets of upgraded requests. */
export class SocketUpgrader {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: VISITOR_MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket> {
    return new Promise((resolve) => {
      this.#server.handleUpgrade(request, socket, head, resolve);
    });
  }

  close(): void {
    this.#server.close();
  }
}

/** Answers an upgrade that is refused. */
export function refuseUpgrade(socket: Duplex, status: 400 | 401 | 403 | 404 | 503): void {
  const reason = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' };
  const text = status === 503 ? 'Service Unavailable' : reason[status];
  socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
