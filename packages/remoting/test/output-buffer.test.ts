import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { OutputBuffer } from '../src/output-buffer.ts';

const arrived: Buffer[] = [];
const server = createServer((socket) => socket.on('data', (chunk: Buffer) => arrived.push(chunk)));
let socket: Socket;
/** What the buffer handed to the socket since the last look. */
const handed: Uint8Array[] = [];

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  socket = connect(address.port, '127.0.0.1');
  await once(socket, 'connect');
  const write = socket.write.bind(socket);
  socket.write = (bytes: Uint8Array | string, ...rest: unknown[]): boolean => {
    if (typeof bytes !== 'string') handed.push(bytes);
    const done = rest.find((one) => typeof one === 'function');
    return write(bytes, (error) => done?.(error));
  };
});
after(() => {
  socket.destroy();
  server.close();
});

async function receive(length: number): Promise<Buffer> {
  const bytes = (): Buffer => Buffer.concat(arrived);
  while (bytes().length < length) await new Promise<void>((resolve) => setImmediate(resolve));
  const all = bytes();
  arrived.length = 0;
  return all;
}

test('small parts leave in one piece, in order', async () => {
  const output = new OutputBuffer();
  const parts = [...Array(100).keys()].map((index) => Buffer.alloc(50, index));
  for (const part of parts) output.write(part);
  assert.equal(output.bytes, 5000);
  handed.length = 0;
  output.flush(socket);
  assert.equal(output.bytes, 0);
  assert.equal(handed.length, 1);
  assert.ok((await receive(5000)).equals(Buffer.concat(parts)));
});

test('large parts are handed over as they are, between what was copied', async () => {
  const output = new OutputBuffer();
  const large = Buffer.alloc(100_000, 'L');
  const target = output.reserve(10);
  target.write('head-', output.start);
  output.start += 5;
  output.write(large);
  output.write(Buffer.from('tail'));
  handed.length = 0;
  output.flush(socket);
  assert.equal(handed[1], large, 'the very same buffer');
  assert.equal(handed.length, 3);
  const expected = Buffer.concat([Buffer.from('head-'), large, Buffer.from('tail')]);
  assert.ok((await receive(expected.length)).equals(expected));
});

test('more than a chunk, odd sizes, and several flushes', async () => {
  const output = new OutputBuffer();
  const parts: Buffer[] = [];
  for (let index = 0; index < 300; index++) {
    const part = Buffer.alloc((index * 7919) % 40_000, index & 0xff);
    parts.push(part);
    output.write(part);
    if (index % 37 === 0) output.flush(socket);
  }
  output.flush(socket);
  output.flush(socket);
  const expected = Buffer.concat(parts);
  assert.ok((await receive(expected.length)).equals(expected));
});

test('nothing is left after it was cleared', () => {
  const output = new OutputBuffer();
  output.write(Buffer.alloc(10));
  output.write(Buffer.alloc(20_000));
  output.clear();
  assert.equal(output.bytes, 0);
});

test('who lends bytes hears when they may change, once', async () => {
  const output = new OutputBuffer();
  const calls: string[] = [];
  output.write(Buffer.alloc(100, 's'), () => calls.push('small'));
  assert.deepEqual(calls, ['small'], 'a small part is copied at once');
  const lent = Buffer.alloc(100_000, 'L');
  output.write(lent, () => {
    calls.push('large');
    lent.fill('x');
  });
  output.flush(socket);
  assert.deepEqual(calls, ['small'], 'a large part is still on its way');
  const all = await receive(100_100);
  while (calls.length < 2) await new Promise<void>((resolve) => setImmediate(resolve));
  assert.deepEqual(calls, ['small', 'large']);
  assert.ok(all.equals(Buffer.concat([Buffer.alloc(100, 's'), Buffer.alloc(100_000, 'L')])));
  output.write(Buffer.alloc(100_000), () => calls.push('dropped'));
  output.clear();
  output.flush(socket);
  assert.deepEqual(calls, ['small', 'large']);
});
