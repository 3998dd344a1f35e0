import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import { encodeCommand, Serialization } from '@skylarkmq/wire';
import { RemotingClient } from '../src/index.ts';
import { frame, RawPeer, real, type Started, startServer, until } from './fixture.ts';

const timeoutMs = 60_000;

function bytes(...parts: (number | string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part !== 'number') return Buffer.from(part);
      const word = Buffer.alloc(4);
      word.writeInt32BE(part | 0);
      return word;
    }),
  );
}

function binaryHeader(remarkBytes: number, extBytes: number, ext: Uint8Array): Buffer {
  const fixed = bytes(new Uint8Array([0, 1, 0, 0, 1]), 7, 0, remarkBytes, extBytes);
  return bytes(fixed, ext);
}

function framed(type: number, header: Uint8Array): Buffer {
  return bytes(4 + header.length, (type << 24) | header.length, header);
}

/** Name, bytes, and what the log must say. */
const HOSTILE: readonly (readonly [string, Buffer, RegExp])[] = [
  ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /length 1195725856/],
  ['a negative length', bytes(-1), /length -1/],
  ['a length without a header word', bytes(3, 'abc'), /length 3/],
  ['a frame over the limit', bytes(16 * 1024 * 1024), /length 16777216/],
  ['an unknown serialisation', bytes(8, 9 << 24, 'abcd'), /serialization type 9/],
  ['a header longer than the frame', bytes(6, 99, '{}'), /header of 99 bytes does not fit/],
  ['a header over the limit', bytes(300_004, 300_000, Buffer.alloc(300_000)), /at most 262144/],
  ['an array for a header', framed(0, Buffer.from('[]')), /Header/],
  ['half a JSON header', framed(0, Buffer.from('{"code":')), /position/],
  ['no text at all', framed(0, Buffer.alloc(20, 0xff)), /position/],
  ['a code that is a text', framed(0, Buffer.from('{"code":"x"}')), /code is not an integer/],
  ['nested fields', framed(0, Buffer.from('{"code":1,"extFields":{"a":{}}}')), /extension field a/],
  ['deep nesting', framed(0, Buffer.from('['.repeat(100_000))), /deep|nest/i],
  ['a short binary header', framed(1, Buffer.alloc(20)), /20 bytes, at least 21/],
  ['a negative remark length', framed(1, binaryHeader(-5, 0, Buffer.alloc(0))), /remark of -5/],
  ['fields beyond the header', framed(1, binaryHeader(0, 50, Buffer.alloc(0))), /fields of 50/],
  ['a field beyond the fields', framed(1, binaryHeader(0, 4, bytes(0x7fff0000))), /./],
];

async function isServed({ address }: Started): Promise<boolean> {
  const client = new RemotingClient(real);
  const { code } = await client.invoke(address, { code: 1 }, { timeoutMs });
  await client.close();
  return code === 0;
}

for (const [name, input, expected] of HOSTILE) {
  test(`${name} closes that connection only, with a log line`, async () => {
    const started = await startServer();
    const bystander = await RawPeer.open(started.port);
    const hostile = await RawPeer.open(started.port);
    hostile.send(input);
    await until(() => hostile.closed);
    assert.ok(
      started.log.warnings.some((line) => expected.test(line)),
      started.log.lines.join('\n'),
    );
    assert.ok(await isServed(started));
    bystander.send(frame(1));
    await until(() => bystander.received.length === 1);
    bystander.socket.destroy();
    await started.server.close();
    assert.equal(started.log.warnings.length, 1, 'comings and goings are no warnings');
  });
}

test('requests before the damage are answered', async () => {
  const { server, port } = await startServer();
  const peer = await RawPeer.open(port);
  peer.send(Buffer.concat([frame(1), frame(1, 5), bytes(-1)]));
  await until(() => peer.closed);
  assert.equal(server.connectionCount, 0);
  await server.close();
});

test('a frame in single bytes is a frame', async () => {
  const { server, port } = await startServer();
  const peer = await RawPeer.open(port);
  for (const byte of frame(1, 20, Serialization.Binary)) {
    peer.send(Buffer.from([byte]));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await until(() => peer.received.length === 1);
  assert.equal(peer.received[0]?.body?.length, 20);
  peer.socket.destroy();
  await server.close();
});

test('a truncated frame at the end of a connection is nothing', async () => {
  const started = await startServer();
  const peer = await RawPeer.open(started.port);
  peer.socket.end(frame(1, 100).subarray(0, 50));
  await until(() => peer.closed);
  assert.ok(await isServed(started));
  await started.server.close();
});

test('half a frame for 30 seconds closes the connection; a steady stream does not', async () => {
  const time = new VirtualTime(realScheduler);
  const ports = { clock: time, scheduler: time };
  const started = await startServer(ports);
  const { server, port, log } = started;
  const slow = await RawPeer.open(port);
  const steady = await RawPeer.open(port);
  await until(() => server.connectionCount === 2);
  const request = frame(1, 100);
  // The answer to the whole one says that the half behind it has arrived.
  slow.send(Buffer.concat([request, request.subarray(0, request.length / 2)]));
  steady.send(Buffer.concat([request, request.subarray(0, 10)]));
  await until(() => slow.received.length === 1 && steady.received.length === 1);
  // The steady one is always in the middle of a frame, but never for long in the same one.
  const rest = Buffer.concat([request.subarray(10), request.subarray(0, 10)]);
  for (let second = 0; second < 28; second += 4) {
    await time.advance(4000);
    const answers = steady.received.length;
    steady.send(rest);
    await until(() => steady.received.length > answers);
    assert.ok(!slow.closed);
  }
  await time.advance(4000);
  await until(() => slow.closed);
  assert.ok(log.lines.some((line) => /a frame is incomplete after 30000 ms/.test(line)));
  await time.advance(4000);
  const answers = steady.received.length;
  steady.send(rest);
  await until(() => steady.received.length > answers);
  steady.socket.destroy();
  await server.close();
});

test('a large frame over a slow line has more time', async () => {
  const time = new VirtualTime(realScheduler);
  const { server, port } = await startServer({ clock: time, scheduler: time });
  const peer = await RawPeer.open(port);
  await until(() => server.connectionCount === 1);
  const [connection] = server.connections();
  const request = frame(1, 4 * 1024 * 1024);
  const step = 100 * 1024;
  for (let at = 0; at < request.length; at += step) {
    peer.send(request.subarray(at, at + step));
    // Real bytes need real turns to arrive before virtual time goes on.
    for (let turn = 0; turn < 5; turn++) await time.advance(0);
    await time.advance(1000);
    assert.equal(connection?.closed, false, `closed after ${at} bytes`);
  }
  await until(() => peer.received.length === 1);
  peer.socket.destroy();
  await server.close();
});

test('a silent connection ends, whichever end it is', async () => {
  const time = new VirtualTime(realScheduler);
  const ports = { clock: time, scheduler: time, logger: silentLogger };
  const { server, port, address, log } = await startServer({ clock: time, scheduler: time });
  const silent = await RawPeer.open(port);
  const client = new RemotingClient({ ...ports, limits: { idleMs: 50_000 } });
  await client.invoke(address, { code: 1 }, { timeoutMs });
  await time.advance(60_000);
  assert.ok(!client.isConnected(address));
  assert.ok(!silent.closed);
  silent.send(frame(1));
  await until(() => silent.received.length === 1);
  await time.advance(119_000);
  assert.ok(!silent.closed, 'traffic starts the time again');
  await time.advance(3000);
  await until(() => silent.closed);
  assert.ok(log.lines.some((line) => /idle for 120000 ms/.test(line)));
  await client.close();
  await server.close();
});

test('a peer that never reads is closed after the stall limit', async () => {
  const time = new VirtualTime(realScheduler);
  const limits = { outputBytesMax: 64 * 1024 };
  const { server, port, log } = await startServer({ clock: time, scheduler: time, limits });
  server.register(2, () => ({ code: 0, body: Buffer.alloc(256 * 1024) }));
  const peer = await RawPeer.open(port);
  peer.socket.pause();
  const requests = [...Array(200).keys()].map((opaque) =>
    encodeCommand({ code: 2, opaque }, Serialization.Binary),
  );
  peer.send(Buffer.concat(requests));
  await until(() => [...server.connections()].some((one) => one.congested));
  await time.advance(29_000);
  assert.equal(server.connectionCount, 1);
  await time.advance(3000);
  assert.equal(server.connectionCount, 0);
  assert.ok(log.lines.some((line) => /did not read for 30000 ms/.test(line)));
  peer.socket.destroy();
  await server.close();
});

test('connections beyond the limit are closed, and those that are there stay', async () => {
  const started = await startServer({ connectionsMax: 3 });
  const peers = [];
  for (let one = 0; one < 3; one++) peers.push(await RawPeer.open(started.port));
  await until(() => started.server.connectionCount === 3);
  const fourth = await RawPeer.open(started.port);
  await until(() => fourth.closed);
  assert.ok(started.log.lines.some((line) => /there are 3 connections already/.test(line)));
  peers[0]?.socket.destroy();
  await until(() => started.server.connectionCount === 2);
  assert.ok(await isServed(started));
  for (const peer of peers) peer.socket.destroy();
  await started.server.close();
});

test('many broken connections do not flood the log', async () => {
  const time = new VirtualTime(realScheduler);
  const { server, port, log } = await startServer({ clock: time, scheduler: time });
  for (let one = 0; one < 50; one++) {
    const peer = await RawPeer.open(port);
    peer.send(bytes(-1));
    await until(() => peer.closed);
  }
  assert.equal(log.lines.length, 10);
  await time.advance(1000);
  assert.match(log.lines.at(-1) ?? '', /More connections closed within a second: 40/);
  await server.close();
});
