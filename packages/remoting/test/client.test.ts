import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { realScheduler, type Scheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import { Serialization } from '@skylarkmq/wire';
import { RemotingClient } from '../src/index.ts';
import { real, type Started, startServer, until } from './fixture.ts';

const client = new RemotingClient(real);
let started: Started;
let address = '';
const timeoutMs = 60_000;

before(async () => {
  started = await startServer();
  address = started.address;
  started.server.register(3, () => new Promise(() => {}));
});
after(async () => {
  await client.close();
  await started.server.close();
});

test('a request that is not answered times out, at its own time', async () => {
  const time = new VirtualTime(realScheduler);
  const slow = new RemotingClient({ clock: time, scheduler: time, logger: silentLogger });
  const outcome: string[] = [];
  const wait = (label: string, limit: number): Promise<unknown> =>
    slow.invoke(address, { code: 3 }, { timeoutMs: limit }).catch((error) => {
      outcome.push(`${label} ${error.code}`);
    });
  const both = [wait('first', 3000), wait('second', 10_000)];
  await until(() => slow.isConnected(address));
  await time.advance(2900);
  assert.deepEqual(outcome, []);
  await time.advance(200);
  assert.deepEqual(outcome, ['first TIMEOUT']);
  await time.advance(7000);
  await Promise.all(both);
  assert.deepEqual(outcome, ['first TIMEOUT', 'second TIMEOUT']);
  await slow.close();
});

test('nothing is late before what arrived meanwhile was taken', async () => {
  const time = new VirtualTime(realScheduler);
  const held: (() => void)[] = [];
  let isHeld = false;
  const scheduler: Scheduler = {
    after: (delayMs, work) => time.after(delayMs, work),
    pace: (delayMs, work) => time.pace(delayMs, work),
    every: (periodMs, work) => time.every(periodMs, work),
    nextTick: (work) => time.nextTick(work),
    immediate: (work) => (isHeld ? held.push(work) : time.immediate(work)),
  };
  const slow = new RemotingClient({ clock: time, scheduler, logger: silentLogger });
  const outcome: string[] = [];
  const waiting = slow.invoke(address, { code: 3 }, { timeoutMs: 3000 }).catch((error) => {
    outcome.push(error.code);
  });
  await until(() => slow.isConnected(address));
  isHeld = true;
  await time.advance(4000);
  assert.deepEqual(outcome, [], 'the turn in which input is taken is not over');
  for (const work of held) work();
  await waiting;
  assert.deepEqual(outcome, ['TIMEOUT']);
  isHeld = false;
  await slow.close();
});

test('a late answer is nobody’s, and the connection goes on', async () => {
  let answerIt: (answer: { code: number }) => void = () => {};
  started.server.register(4, () => new Promise((resolve) => (answerIt = resolve)));
  await client.invoke(address, { code: 1 }, { timeoutMs });
  await assert.rejects(client.invoke(address, { code: 4 }, { timeoutMs: 50 }), {
    code: 'TIMEOUT',
    retryable: true,
  });
  answerIt({ code: 99 });
  assert.equal((await client.invoke(address, { code: 1 }, { timeoutMs })).code, 0);
});

test('an aborted request ends at once', async () => {
  const abort = new AbortController();
  const request = { code: 3 };
  const waiting = client.invoke(address, request, { timeoutMs, signal: abort.signal });
  abort.abort();
  await assert.rejects(waiting, { code: 'ABORTED' });
  const { signal } = abort;
  await assert.rejects(client.invoke(address, request, { timeoutMs, signal }), {
    code: 'ABORTED',
  });
});

test('a request that cannot be encoded fails alone', async () => {
  const binary = new RemotingClient({ ...real, serialization: Serialization.Binary });
  await assert.rejects(binary.invoke(address, { code: 200_050 }, { timeoutMs }), {
    code: 'INVALID_ARGUMENT',
  });
  assert.equal((await binary.invoke(address, { code: 1 }, { timeoutMs })).code, 0);
  await binary.close();
});

test('nobody listens: CONNECT, with the address and the reason', async () => {
  await assert.rejects(client.invoke('127.0.0.1:1', { code: 1 }, { timeoutMs }), {
    code: 'CONNECT',
    message: /Cannot connect to 127\.0\.0\.1:1: .*ECONNREFUSED/,
  });
  await assert.rejects(client.invoke('nonsense', { code: 1 }, { timeoutMs }), {
    code: 'INVALID_ARGUMENT',
  });
});

test('a lost connection fails what waits, is reported, and is opened again', async () => {
  const other = await startServer();
  other.server.register(3, () => new Promise(() => {}));
  const lost: string[] = [];
  const remove = client.onDisconnect((one) => lost.push(one));
  const waiting = client.invoke(other.address, { code: 3 }, { timeoutMs });
  await until(() => other.server.connectionCount === 1);
  for (const connection of other.server.connections()) connection.close('a test');
  await assert.rejects(waiting, { code: 'CONNECTION_CLOSED', retryable: true });
  assert.deepEqual(lost, [other.address]);
  assert.equal((await client.invoke(other.address, { code: 1 }, { timeoutMs })).code, 0);
  remove();
  await other.server.close();
});

test('requests at the same time share one connection', async () => {
  const own = new RemotingClient(real);
  const other = await startServer();
  const all = [...Array(50).keys()].map((index) => {
    const ext = new Map([['index', String(index)]]);
    return own.invoke(other.address, { code: 1, ext }, { timeoutMs });
  });
  const answers = await Promise.all(all);
  assert.deepEqual(
    answers.map((answer) => answer.ext.get('index')),
    [...Array(50).keys()].map(String),
  );
  assert.equal(other.server.connectionCount, 1);
  await own.close();
  await other.server.close();
});

test('GO_AWAY: the request goes again over a new connection, once', async () => {
  const draining = await startServer();
  let asked = 0;
  draining.server.register(5, () => ({ code: asked++ === 0 ? 1500 : 0 }));
  draining.server.register(6, () => ({ code: 1500 }));
  const answer = await client.invoke(draining.address, { code: 5 }, { timeoutMs });
  assert.equal(answer.code, 0);
  assert.equal(draining.server.connectionCount, 2);
  const second = await client.invoke(draining.address, { code: 6 }, { timeoutMs });
  assert.equal(second.code, 1500);
  await draining.server.close();
});

test('what is added before a request reaches the server', async () => {
  const signing = new RemotingClient({
    ...real,
    beforeRequest: (request, to) => ({ ...request, ext: new Map([['to', to]]) }),
  });
  const answer = await signing.invoke(address, { code: 1 }, { timeoutMs });
  assert.equal(answer.ext.get('to'), address);
  await signing.close();
});

test('a closed client says so', async () => {
  const gone = new RemotingClient(real);
  const waiting = gone.invoke(address, { code: 3 }, { timeoutMs });
  await until(() => gone.isConnected(address));
  await gone.close();
  await assert.rejects(waiting, { code: 'CONNECTION_CLOSED' });
  await assert.rejects(gone.invoke(address, { code: 1 }, { timeoutMs }), { code: 'CLOSED' });
});
