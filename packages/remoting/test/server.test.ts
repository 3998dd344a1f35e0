import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MqError } from '@skylarkmq/base';
import { Serialization } from '@skylarkmq/wire';
import { RemotingClient } from '../src/index.ts';
import { frame, RawPeer, real, type Started, startServer, until } from './fixture.ts';

const client = new RemotingClient(real);
const binary = new RemotingClient({ ...real, serialization: Serialization.Binary });
let started: Started;
let fast: Started;
let address = '';

before(async () => {
  started = await startServer();
  address = started.address;
  const { server } = started;
  server.register(2, async () => {
    throw new MqError('INVALID_ARGUMENT', 'No good');
  });
  server.register(3, () => {
    throw new Error('Broken\nbadly "here"');
  });
  server.register(4, (_, connection) =>
    connection.invoke({ code: 77 }, { timeoutMs }).then((answer) => ({ code: answer.code })),
  );
  server.register(6, () => {
    throw new MqError('RESPONSE', 'Not there', { responseCode: 17 });
  });
  fast = await startServer({ fastPort: 'auto' });
  fast.server.register(5, () => ({ code: 0 }), { mainPortOnly: true });
});

after(async () => {
  await client.close();
  await binary.close();
  await started.server.close();
  await fast.server.close();
});

const timeoutMs = 60_000;

test('an answer has the fields and the body, in the form in which it was asked', async () => {
  const ext = new Map([
    ['name', 'väl\u0001ue"\\'],
    ['long', 'x'.repeat(100)],
  ]);
  const body = Buffer.alloc(3 * 1024 * 1024, 7);
  for (const [one, form] of [
    [client, Serialization.Json],
    [binary, Serialization.Binary],
  ] as const) {
    const answer = await one.invoke(address, { code: 1, ext, body }, { timeoutMs });
    assert.equal(answer.code, 0);
    assert.ok(answer.isResponse);
    assert.equal(answer.serialization, form);
    assert.deepEqual(answer.ext, ext);
    assert.ok(answer.body?.equals(body));
  }
});

test('both forms may alternate on one connection', async () => {
  const peer = await RawPeer.open(started.port);
  const forms = [
    Serialization.Json,
    Serialization.Binary,
    Serialization.Binary,
    Serialization.Json,
  ];
  peer.send(Buffer.concat(forms.map((form, index) => frame(1, 10, form, index + 10))));
  await until(() => peer.received.length === forms.length);
  assert.deepEqual(
    peer.received.map((answer) => answer.serialization),
    forms,
  );
  assert.deepEqual(
    peer.received.map((answer) => answer.opaque),
    [10, 11, 12, 13],
  );
  peer.socket.destroy();
});

test('the server asks the client over the same connection, whatever form it speaks', async () => {
  const code = 42;
  for (const serialization of [Serialization.Json, Serialization.Binary]) {
    const answering = new RemotingClient({ ...real, serialization, onRequest: () => ({ code }) });
    const answer = await answering.invoke(address, { code: 4 }, { timeoutMs });
    assert.equal(answer.code, code);
    assert.equal(answer.serialization, serialization);
    await answering.close();
  }
  const silent = await client.invoke(address, { code: 4 }, { timeoutMs });
  assert.equal(silent.code, 3, 'a client without a handler says that it does not serve it');
});

test('a one-way request is served and not answered', async () => {
  let served = 0;
  started.server.register(7, () => {
    served++;
    return { code: 0 };
  });
  await client.invokeOneway(address, { code: 7 });
  await client.invokeOneway(address, { code: 999 });
  const answer = await client.invoke(address, { code: 1 }, { timeoutMs });
  assert.equal(answer.code, 0, 'the first answer on this connection is that to the request');
  assert.equal(served, 1);
});

test('unknown codes and handlers that throw or reject are answered', async () => {
  const ask = (code: number) => client.invoke(address, { code }, { timeoutMs });
  const unknown = await ask(999);
  assert.deepEqual([unknown.code, unknown.remark], [3, ' request type 999 not supported']);
  const rejected = await ask(2);
  assert.deepEqual([rejected.code, rejected.remark], [1, 'No good']);
  const thrown = await ask(3);
  assert.deepEqual([thrown.code, thrown.remark], [1, 'Broken\nbadly "here"']);
  assert.ok(started.log.lines.some((line) => line.startsWith('A handler failed: 3')));
  const refused = await ask(6);
  assert.deepEqual([refused.code, refused.remark], [17, 'Not there']);
});

test('an answer that cannot be encoded becomes an error, not silence', async () => {
  started.server.register(8, () => ({ code: 200_050 }));
  started.server.register(9, async () => ({ code: 200_050 }));
  for (const code of [8, 9]) {
    const answer = await binary.invoke(address, { code }, { timeoutMs });
    assert.equal(answer.code, 1);
    assert.match(answer.remark ?? '', /Code 200050 does not fit a binary header/);
  }
});

test('a default handler serves what nobody registered', async () => {
  const other = await startServer();
  other.server.setDefault((command) => ({ code: command.code + 1 }));
  assert.equal((await client.invoke(other.address, { code: 50 }, { timeoutMs })).code, 51);
  await other.server.close();
});

test('the second port, two below, serves all but what belongs to the main port', async () => {
  const second = `127.0.0.1:${fast.port - 2}`;
  assert.equal((await client.invoke(second, { code: 1 }, { timeoutMs })).code, 0);
  assert.equal((await client.invoke(second, { code: 5 }, { timeoutMs })).code, 3);
  assert.equal((await client.invoke(fast.address, { code: 5 }, { timeoutMs })).code, 0);
});

test('a port in use is one clear error', async () => {
  await assert.rejects(startServer({ port: started.port }), { code: 'SYSTEM', message: /in use/ });
  await assert.rejects(startServer({ host: '192.0.2.1' }), /not an address of this machine/);
});

test('closing waits for what is in progress, then closes everything', async () => {
  const closing = await startServer();
  let answerIt: (answer: { code: number }) => void = () => {};
  closing.server.register(10, () => new Promise((resolve) => (answerIt = resolve)));
  const waiting = client.invoke(closing.address, { code: 10 }, { timeoutMs });
  await until(() => closing.server.connectionCount === 1);
  const idle = await RawPeer.open(closing.port);
  await client.invoke(closing.address, { code: 1 }, { timeoutMs });
  const closed = closing.server.close({ drainMs: 60_000 });
  answerIt({ code: 5 });
  assert.equal((await waiting).code, 5);
  await closed;
  await until(() => idle.closed);
  assert.equal(closing.server.connectionCount, 0);
});
