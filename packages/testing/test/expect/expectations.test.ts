import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Producer, PushConsumer } from '@skylarkmq/client';
import { startSkylark } from '@skylarkmq/testing';

const PATIENCE = { within: 120_000 };

test('messages are found by function, shape, expression and foreign matcher', async () => {
  await using skylark = await startSkylark();
  await using producer = new Producer({ namesrv: skylark.namesrvAddress });
  const body = JSON.stringify({ order: 7, lines: [{ sku: 'a', count: 2 }], at: '2026-01-01' });
  const properties = { source: 'web' };
  await producer.send({ topic: 'orders', body, tags: 'paid', keys: ['7', 'x'], properties });
  const text = { asymmetricMatch: (value: unknown) => typeof value === 'string' };
  const fitting = [
    { body: { order: 7, lines: [{ sku: 'a' }], at: text } },
    { body: /"order":7/, tags: /^pa/, keys: '7' },
    { body: Buffer.from(body), keys: ['x', '7'], properties: { source: 'web' } },
    { body: { order: (value: number) => value > 6 } },
  ];
  for (const shape of fitting) await skylark.expectMessage('orders', shape);
  await skylark.expectMessage('orders', (message) => message.tags === 'paid');
  await skylark.expectNoMessage('orders', { tags: undefined });
  await skylark.expectNoMessage('orders', { body: { lines: [] } });
});

test('a failure shows what was there instead, the closest first', async () => {
  await using skylark = await startSkylark();
  await using producer = new Producer({ namesrv: skylark.namesrvAddress });
  await producer.send({ topic: 'orders', body: 'no JSON', tags: 'other' });
  await producer.send({ topic: 'orders', body: JSON.stringify({ order: 8 }), tags: 'paid' });
  const missing = skylark.expectMessage(
    'orders',
    { body: { order: 7 }, tags: 'paid' },
    { within: 0 },
  );
  await assert.rejects(missing, (error: Error) => {
    assert.equal(error.name, 'AssertionError');
    assert.match(error.message, /got no message .*order: 7.* within 0 ms. It has 2 others/);
    assert.match(error.message, /body\.order: 8 instead of 7/);
    assert.match(error.message, /tags: 'other' instead of 'paid'/);
    assert.ok(error.message.indexOf('8 instead') < error.message.indexOf("'other'"));
    return true;
  });
  const empty = skylark.expectMessage('nothing', {}, { within: 0 });
  await assert.rejects(empty, /has no message at all/);
  await assert.rejects(skylark.expectNoMessage('orders', { tags: 'paid' }), /none was expected/);
});

test('what comes later is waited for; from now on older ones do not count', async () => {
  await using skylark = await startSkylark();
  await using producer = new Producer({ namesrv: skylark.namesrvAddress });
  await producer.send({ topic: 'orders', body: 'old' });
  const next = skylark.expectMessage('orders', {}, { from: 'now', ...PATIENCE });
  await skylark.expectNoMessage('orders', {}, { from: 'now', within: 0 });
  await producer.send({ topic: 'orders', body: 'new' });
  assert.equal((await next).text(), 'new');
});

test('a group is waited for until it is through', async () => {
  await using skylark = await startSkylark();
  const namesrv = skylark.namesrvAddress;
  await using producer = new Producer({ namesrv });
  await producer.send({ topic: 'orders', body: 'one' });
  const early = skylark.waitUntilConsumed('billing', 'orders', { within: 0 });
  await assert.rejects(early, /has not begun[\s\S]*no consumer of the group is online/);
  await using consumer = new PushConsumer({
    ...{ namesrv, group: 'billing', subscriptions: 'orders', consumeFrom: 'first' },
  });
  const running = consumer.run(async () => {});
  await skylark.waitUntilConsumed('billing', 'orders', PATIENCE);
  await consumer.close();
  await running;
});
