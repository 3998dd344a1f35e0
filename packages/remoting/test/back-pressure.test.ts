import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { encodeCommand, FrameDecoder, Serialization } from '@skylarkmq/wire';
import { RemotingClient } from '../src/index.ts';
import { frame, RawPeer, real, startServer, until } from './fixture.ts';

const KIB = 1024;
const timeoutMs = 120_000;

/** Turns of the event loop in which nothing must happen any more. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

test('a peer that does not read its answers is not read either, and loses nothing', async () => {
  const { server, port } = await startServer({ limits: { outputBytesMax: 64 * KIB } });
  let served = 0;
  const body = Buffer.alloc(20 * KIB);
  server.register(2, () => {
    served++;
    return { code: 0, body };
  });
  const peer = await RawPeer.open(port);
  peer.socket.pause();
  const total = 3000;
  const requests = [...Array(total).keys()].map((index) => frame(2, 0, Serialization.Json, index));
  peer.send(Buffer.concat(requests));
  let last = -1;
  while (last !== served) {
    last = served;
    await quiet();
  }
  const [connection] = server.connections();
  // Kernel buffers take some megabytes; then it must stop long before the 60 MB of all answers.
  assert.ok(served < total, `${served} of ${total} were served to a peer that does not read`);
  const pending = connection?.pendingOutputBytes ?? 0;
  assert.ok(pending <= 64 * KIB + 2 * body.length, `${pending} bytes wait`);
  peer.socket.resume();
  await until(() => peer.received.length === total);
  assert.deepEqual(
    peer.received.map((answer) => answer.opaque),
    [...Array(total).keys()],
  );
  await server.close();
});

test('requests that wait for answers stop the reading, and the rest comes later', async () => {
  const { server, port } = await startServer({ limits: { inFlightBytesMax: 100 * KIB } });
  const waiting: (() => void)[] = [];
  server.register(2, () => new Promise((resolve) => waiting.push(() => resolve({ code: 0 }))));
  const peer = await RawPeer.open(port);
  const total = 1000;
  const requests = [...Array(total).keys()].map((index) =>
    frame(2, KIB, Serialization.Binary, index),
  );
  peer.send(Buffer.concat(requests));
  await until(() => waiting.length >= 97);
  await quiet();
  assert.ok(waiting.length <= 99, `${waiting.length} are in flight`);
  while (peer.received.length < total) {
    for (const answer of waiting.splice(0)) answer();
    await quiet();
    assert.ok(waiting.length <= 99);
  }
  await server.close();
});

test('a client whose server does not read holds its requests back, in order', async () => {
  const sockets: Socket[] = [];
  const seen: number[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket);
    const decoder = new FrameDecoder();
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      decoder.push(chunk);
      for (let next = decoder.next(); next !== null; next = decoder.next()) {
        seen.push(next.code);
        const answer = { code: 0, flag: 1, opaque: next.opaque };
        socket.write(encodeCommand(answer, Serialization.Json));
      }
    });
    socket.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  const address = `127.0.0.1:${bound.port}`;
  const limits = { outputBytesMax: 256 * KIB };
  const client = new RemotingClient({ ...real, limits });
  const body = Buffer.alloc(10 * KIB);
  const total = 2000;
  const memory = process.memoryUsage().arrayBuffers;
  const answers = [...Array(total).keys()].map((code) =>
    client.invoke(address, { code, body }, { timeoutMs }),
  );
  await until(() => sockets.length === 1);
  await quiet();
  const grown = process.memoryUsage().arrayBuffers - memory;
  assert.ok(grown < 8 * KIB * KIB, `${grown} bytes of copies wait`);
  await assert.rejects(client.invokeOneway(address, { code: 1, body }), { code: 'BUSY' });
  const late = client.invoke(address, { code: 5000, body }, { timeoutMs: 200 });
  await assert.rejects(late, { code: 'TIMEOUT' });
  sockets[0]?.resume();
  await Promise.all(answers);
  assert.deepEqual(
    seen.filter((code) => code < total),
    [...Array(total).keys()],
  );
  assert.ok(!seen.includes(5000), 'what timed out before it was sent is not sent');
  await client.close();
  server.close();
});

test('too many requests that wait for one peer: BUSY', async () => {
  const { server, address } = await startServer();
  server.register(2, () => new Promise(() => {}));
  const client = new RemotingClient({ ...real, limits: { pendingRequestsMax: 3 } });
  const waiting = [1, 2, 3].map(() => client.invoke(address, { code: 2 }, { timeoutMs }));
  for (const one of waiting) one.catch((error) => assert.equal(error.code, 'CONNECTION_CLOSED'));
  await until(() => client.isConnected(address));
  await assert.rejects(client.invoke(address, { code: 2 }, { timeoutMs }), {
    code: 'BUSY',
    retryable: true,
  });
  await client.close();
  await server.close();
});

test('output beyond the hard limit closes the connection', async () => {
  const limits = { outputBytesMax: 64 * KIB, outputBytesHardMax: 8 * KIB * KIB };
  const { server, port, log } = await startServer({ limits });
  const peer = await RawPeer.open(port);
  peer.socket.pause();
  await until(() => server.connectionCount === 1);
  const [connection] = server.connections();
  const body = Buffer.alloc(KIB * KIB);
  // A server that talks on its own account does not look at what the peer takes.
  for (let sent = 0; connection?.closed === false; sent++) {
    assert.ok(sent < 100, 'it never ends');
    connection.invokeOneway({ code: 1, body });
    await quiet();
  }
  assert.ok(
    log.lines.some((line) => /bytes of output wait/.test(line)),
    log.lines.join(),
  );
  peer.socket.destroy();
  await server.close();
});
