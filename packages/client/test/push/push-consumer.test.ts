import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RequestCode, ResponseCode } from '@skylarkmq/wire';
import { PushConsumer } from '../../src/push/push-consumer.ts';
import { ScriptedServer } from '../fake/scripted-server.ts';

const server = new ScriptedServer();

before(async () => {
  await server.start();
  server.addTopic('T', 2);
});
after(() => server.stop());

test('a start that failed may be repeated; closing what never ran is nothing', async () => {
  const lost = new PushConsumer({ namesrv: '127.0.0.1:1', group: 'G', subscriptions: 'T' });
  await assert.rejects(lost.start(), { code: 'CONNECT', retryable: true });
  await assert.rejects(
    lost.run(() => {}),
    { code: 'CONNECT' },
  );
  await lost.close();
  await assert.rejects(lost.start(), { code: 'CLOSED' });
});

test('it announces itself, and says goodbye', async () => {
  const consumer = new PushConsumer({ namesrv: server.address, group: 'G', subscriptions: 'T' });
  await consumer.start();
  assert.match(consumer.clientId ?? '', /@/);
  assert.ok(server.count(RequestCode.HeartBeat) >= 1);
  assert.deepEqual(consumer.assignment(), [], 'no broker says that it is a member');
  await consumer.close();
  assert.equal(server.count(RequestCode.UnregisterClient), 1);
});

test('a group that no broker lets in is told so, not left without messages', async () => {
  const consumer = new PushConsumer({ namesrv: server.address, group: 'G', subscriptions: 'T' });
  server.on(RequestCode.HeartBeat, () => ({ code: ResponseCode.NoPermission, remark: 'not you' }));
  await assert.rejects(consumer.start(), { code: 'PERMISSION', message: /not you/ });
  server.on(RequestCode.HeartBeat, () => ({ code: ResponseCode.Success }));
  await consumer.start();
  await consumer.close();
});

test('a signal ends a run that has nothing to do', async () => {
  await using consumer = new PushConsumer({
    namesrv: server.address,
    group: 'G',
    subscriptions: 'T',
  });
  await consumer.run(() => assert.fail('nothing there'), { signal: AbortSignal.timeout(50) });
  const signal = AbortSignal.abort();
  await consumer.run(() => assert.fail('nothing there'), { signal });
});

test('options that cannot be used are refused at once', () => {
  const base = { namesrv: 'a:1', group: 'G', subscriptions: 'T' } as const;
  for (const bad of [
    { group: 'a b' },
    { group: 'DEFAULT_CONSUMER' },
    { subscriptions: [] },
    { subscriptions: ['T', 'T'] },
    { subscriptions: [{ topic: 'T', tags: [] }] },
    { subscriptions: [{ topic: 'T', tags: 'a', sql: 'b' }] },
    { consumeFrom: { timestampMs: -1 } },
    { maxReconsumeTimes: -1 },
    { pullBatchSize: 0 },
    { orderedRetryMs: 5 },
  ]) {
    assert.throws(() => new PushConsumer({ ...base, ...bad }), { code: 'INVALID_ARGUMENT' });
  }
});

test('who has no types is told what is missing', async () => {
  const invalid = { code: 'INVALID_ARGUMENT' };
  const base = { namesrv: 'a:1', group: 'G', subscriptions: 'T' } as const;
  const without = (name: keyof typeof base) =>
    JSON.parse(JSON.stringify({ ...base, [name]: null }));
  assert.throws(() => new PushConsumer(without('subscriptions')), {
    ...invalid,
    message: 'Option subscriptions must be a topic or a list of topics, not null',
  });
  assert.throws(() => new PushConsumer(without('group')), { ...invalid, message: /group is req/ });
  const consumer = new PushConsumer(base);
  const message = 'The handler must be a function, not object';
  await assert.rejects(consumer.run(JSON.parse('null')), { ...invalid, message });
  await assert.rejects(consumer.runBatch(JSON.parse('null'), { batchSize: 2 }), invalid);
});
