/**
 * Hands bytes on between clients and servers, unchanged, and shows the frames that went by: each
 * with the code of the request that it is or answers.
 */
import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';
import { type Command, FrameDecoder } from '@skylarkmq/wire';

/** Who sent a frame: the side that opened the connection, or the one that it went to. */
export type Sender = 'client' | 'server';

/** A frame that went by. */
export interface SeenFrame {
  readonly sender: Sender;
  /** Code of the request; of an answer, that of what it answers. */
  readonly requestCode: number;
  readonly command: Command;
  /** The whole frame, its length word included. */
  readonly bytes: Buffer;
}

/** The code of a request that nobody saw. */
const UNSEEN = -1;

/** Listens at `from` and hands everything on to `to`, "host:port" both. */
export async function startProxy(
  from: string,
  to: string,
  seen: (frame: SeenFrame) => void,
): Promise<Server> {
  const server = createServer((client) => {
    const upstream = openSocket(portOf(to), hostOf(to));
    const asked = { client: new Map<number, number>(), server: new Map<number, number>() };
    follow(client, upstream, 'client', asked, seen);
    follow(upstream, client, 'server', asked, seen);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(portOf(from), hostOf(from), resolve);
  });
  return server;
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

function follow(
  from: Socket,
  to: Socket,
  sender: Sender,
  asked: Readonly<Record<Sender, Map<number, number>>>,
  seen: (frame: SeenFrame) => void,
): void {
  const decoder = new FrameDecoder();
  from.on('data', (chunk: Buffer) => {
    to.write(chunk);
    decoder.push(Buffer.from(chunk));
    for (let command = decoder.next(); command !== null; command = decoder.next()) {
      const { code, opaque, isResponse, bodyEnd, frameBytes, frame } = command;
      const bytes = Buffer.from(frame.subarray(bodyEnd - frameBytes, bodyEnd));
      const other = asked[sender === 'client' ? 'server' : 'client'];
      const requestCode = isResponse ? (other.get(opaque) ?? UNSEEN) : code;
      if (isResponse) other.delete(opaque);
      else asked[sender].set(opaque, code);
      seen({ sender, requestCode, command, bytes });
    }
  });
  from.on('close', () => to.destroy());
  from.on('error', () => to.destroy());
}
