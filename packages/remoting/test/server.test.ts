import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { MqError, realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import { Serialization } from '@skylarkmq/wire';
import { RemotingClient, RemotingServer } from '../src/index.ts';

const ports = { clock: realClock, scheduler: realScheduler, logger: silentLogger };
const server = new RemotingServer({ port: 0, fastPort: 'auto', ...ports });
const client = new RemotingClient(ports);
const binary = new RemotingClient({ ...ports, serialization: Serialization.Binary });
let address = '';
let fastAddress = '';

before(async () => {
  server.register(1, (command) => ({ code: 0, ext: command.ext, body: command.body }));
  server.register(2, async () => {
    throw new MqError('INVALID_ARGUMENT', 'No good');
  });
  server.register(3, () => new Promise(() => {}));
  server.register(4, (_, connection) =>
    connection.invoke({ code: 77 }, { timeoutMs: 1000 }).then((answer) => ({ code: answer.code })),
  );
  server.register(5, () => ({ code: 0 }), { mainPortOnly: true });
  const listening = await server.listen();
  address = `127.0.0.1:${listening.port}`;
  fastAddress = `127.0.0.1:${listening.fastPort}`;
});

after(async () => {
  await client.close();
  await binary.close();
  await server.close();
});

const timeoutMs = 2000;

test('a request is answered with its fields and body, in both serialisations', async () => {
  const ext = new Map([
    ['name', 'väl\u0001ue"\\'],
    ['empty', 'x'],
  ]);
  const body = Buffer.alloc(3 * 1024 * 1024, 7);
  for (const one of [client, binary]) {
    const answer = await one.invoke(address, { code: 1, ext, body }, { timeoutMs });
    assert.equal(answer.code, 0);
    assert.ok(answer.isResponse);
    assert.deepEqual(answer.ext, ext);
    assert.ok(answer.body?.equals(body));
  }
});

test('unknown codes and failing handlers are answered', async () => {
  const unknown = await client.invoke(address, { code: 999 }, { timeoutMs });
  assert.equal(unknown.code, 3);
  assert.equal(unknown.remark, ' request type 999 not supported');
  const failed = await client.invoke(address, { code: 2 }, { timeoutMs });
  assert.equal(failed.code, 1);
  assert.equal(failed.remark, 'No good');
});

test('the second port serves all but what belongs to the main port', async () => {
  assert.equal((await client.invoke(fastAddress, { code: 1 }, { timeoutMs })).code, 0);
  assert.equal((await client.invoke(fastAddress, { code: 5 }, { timeoutMs })).code, 3);
});

test('a request that is not answered times out, one that is aborted ends at once', async () => {
  const request = { code: 3 };
  await assert.rejects(client.invoke(address, request, { timeoutMs: 50 }), { code: 'TIMEOUT' });
  const abort = new AbortController();
  const waiting = client.invoke(address, request, { timeoutMs, signal: abort.signal });
  abort.abort();
  await assert.rejects(waiting, { code: 'ABORTED' });
});

test('the server asks the client over the same connection', async () => {
  const answering = new RemotingClient({ ...ports, onRequest: () => ({ code: 42 }) });
  const answer = await answering.invoke(address, { code: 4 }, { timeoutMs });
  assert.equal(answer.code, 42);
  await answering.close();
});

test('malformed input closes that connection only', async () => {
  const hostile = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    Buffer.from([0, 0, 0, 8, 9, 0, 0, 0, 1, 2, 3, 4]),
    Buffer.from([0, 0, 0, 6, 0, 0, 0, 99, 0x7b, 0x7d]),
    Buffer.from([0, 0, 0, 6, 0, 0, 0, 2, 0x5b, 0x5d]),
  ];
  for (const bytes of hostile) {
    const socket: Socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    socket.write(bytes);
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('close', resolve));
  }
  assert.equal((await client.invoke(address, { code: 1 }, { timeoutMs })).code, 0);
});

test('a port in use is one clear error', async () => {
  const second = new RemotingServer({ port: Number(address.split(':')[1]), ...ports });
  await assert.rejects(second.listen(), /in use/);
});

test('nobody listens: CONNECT', async () => {
  await assert.rejects(client.invoke('127.0.0.1:1', { code: 1 }, { timeoutMs }), {
    code: 'CONNECT',
  });
});
