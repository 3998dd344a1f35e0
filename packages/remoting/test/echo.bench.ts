/**
 * By hand: `node --import tsx --conditions=@skylarkmq/source packages/remoting/test/echo.bench.ts
 * [json|binary] [seconds]`. What a message costs in remoting alone: 4 connections with 32 requests
 * of 1 KiB in flight each come from a child process; this one answers, and prints its CPU time per
 * message for three kinds of handlers, beside a bare socket that answers without looking.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import {
  type Command,
  encodeCommand,
  FieldName,
  ResponseWriter,
  SendMessageScan,
  Serialization,
} from '@skylarkmq/wire';
import { type Connection, RemotingServer } from '../src/index.ts';

const CONNECTIONS = 4;
const IN_FLIGHT = 32;
const WARM_UP_MS = 1500;
const BARE = 0;
const PLAIN = 1;
const WRITER = 2;
const SCAN = 310;

const MSG_ID = new FieldName('msgId');
const QUEUE_ID = new FieldName('queueId');
const QUEUE_OFFSET = new FieldName('queueOffset');

function requestFrame(code: number, serialization: Serialization): Buffer {
  const properties = 'UNIQ_KEY\u00017F0000010000000000000000000000A1\u0002WAIT\u0001true\u0002';
  const fields = { a: 'group', b: 'RawBench', c: 'TBW102', d: '4', e: '2', f: '0' };
  const more = { g: '1700000000000', h: '0', i: properties, j: '0', k: 'false', m: 'false' };
  const ext = new Map(Object.entries({ ...fields, ...more }));
  const body = Buffer.alloc(1024, 'x');
  return encodeCommand({ code, ext, body, opaque: 7, version: 401, language: 0 }, serialization);
}

/** Counts frames by their length words. */
class FrameCounter {
  #rest: Buffer = Buffer.alloc(0);

  /** How many frames this chunk completes. */
  take(chunk: Buffer): number {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    let count = 0;
    while (bytes.length - at >= 4 && bytes.length - at >= 4 + bytes.readInt32BE(at)) {
      at += 4 + bytes.readInt32BE(at);
      count++;
    }
    this.#rest = bytes.subarray(at);
    return count;
  }
}

/** Each answer lets the next request go. */
function pump(socket: Socket, frame: Buffer): void {
  const counter = new FrameCounter();
  const pipeline = Buffer.concat(new Array<Buffer>(IN_FLIGHT).fill(frame));
  socket.write(pipeline);
  socket.on('data', (chunk: Buffer) => {
    const answers = counter.take(chunk);
    if (answers > 0) socket.write(pipeline.subarray(0, answers * frame.length));
  });
}

function runClient(port: number, code: number, serialization: Serialization): void {
  for (let one = 0; one < CONNECTIONS; one++) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => pump(socket, requestFrame(code, serialization)));
    socket.on('error', () => process.exit());
    socket.on('close', () => process.exit());
  }
}

let handled = 0;
const writer = new ResponseWriter();
const scan = new SendMessageScan();
const host = Buffer.from([127, 0, 0, 1, 0, 0, 0x2a, 0x9f]);

function answer(command: Command, connection: Connection): null {
  handled++;
  const target = connection.reserve(512);
  writer.begin(target, connection.outputStart, command.serialization, 0, command.opaque);
  writer.messageId(MSG_ID, host, handled * 1100);
  writer.number(QUEUE_ID, 2);
  writer.number(QUEUE_OFFSET, handled);
  connection.advance(writer.end());
  connection.finish(command);
  return null;
}

interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** What Node itself costs: one write of ready bytes for the frames that are whole in a chunk. */
async function listenBare(): Promise<Listening> {
  const answers = Buffer.concat(
    new Array<Buffer>(64).fill(encodeCommand({ code: 0, flag: 1, opaque: 7 }, Serialization.Json)),
  );
  const server = createServer({ noDelay: true }, (socket) => {
    const counter = new FrameCounter();
    socket.on('data', (chunk: Buffer) => {
      const count = counter.take(chunk);
      handled += count;
      socket.write(answers.subarray(0, (count * answers.length) / 64));
    });
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { port, close: async () => void server.close() };
}

async function listen(): Promise<Listening> {
  const server = new RemotingServer({
    port: 0,
    clock: realClock,
    scheduler: realScheduler,
    logger: silentLogger,
  });
  server.register(PLAIN, () => {
    handled++;
    return { code: 0 };
  });
  server.register(WRITER, answer);
  server.register(SCAN, (command, connection) => {
    scan.scan(command);
    return answer(command, connection);
  });
  const { port } = await server.listen();
  return { port, close: () => server.close() };
}

async function measure(code: number, binary: boolean, durationMs: number): Promise<string> {
  const server = await (code === BARE ? listenBare() : listen());
  const { port } = server;
  const form = binary ? Serialization.Binary : Serialization.Json;
  const child = fork(fileURLToPath(import.meta.url), ['client', ...[port, code, form].map(String)]);
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const before = { handled, cpu: process.cpuUsage(), at: performance.now() };
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const cpu = process.cpuUsage(before.cpu);
  const seconds = (performance.now() - before.at) / 1000;
  const messages = handled - before.handled;
  child.kill();
  await server.close();
  const each = (cpu.user + cpu.system) / messages;
  const user = cpu.user / messages;
  const rate = Math.round(messages / seconds);
  return `${each.toFixed(2)} us CPU each (user ${user.toFixed(2)}), ${rate} a second`;
}

const [first = 'json', second, third, fourth] = process.argv.slice(2);
if (first === 'client') {
  const form = Number(fourth) === Serialization.Binary ? Serialization.Binary : Serialization.Json;
  runClient(Number(second), Number(third), form);
} else {
  const durationMs = Number(second ?? 4) * 1000;
  const binary = first === 'binary';
  const kinds = { bare: BARE, plain: PLAIN, writer: WRITER, scan: SCAN };
  for (const [name, code] of Object.entries(kinds)) {
    if (third !== undefined && third !== name) continue;
    console.log(`${name.padEnd(7)} ${await measure(code, binary, durationMs)}`);
  }
}
