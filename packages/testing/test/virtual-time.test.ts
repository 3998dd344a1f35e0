import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Producer, PushConsumer, SimpleConsumer, TransactionProducer } from '@skylarkmq/client';
import { type Skylark, startSkylark } from '@skylarkmq/testing';

const HOUR_MS = 3_600_000;
/** Delays of sixteen retries: 10 s to 2 h. */
const ALL_RETRIES_MS = 6 * HOUR_MS;
const PATIENCE = { within: 120_000 };

async function started(topic: string): Promise<Skylark> {
  const skylark = await startSkylark({ virtualTime: true });
  await skylark.createTopic({ topic, queues: 1 });
  return skylark;
}

test('sixteen retries to the dead letters, with clients on virtual time', async () => {
  await using skylark = await started('orders');
  await using producer = new Producer({ ...skylark.clientOptions });
  await using consumer = new PushConsumer({
    ...skylark.clientOptions,
    ...{ group: 'billing', subscriptions: 'orders', consumeFrom: 'first' },
  });
  let attempts = 0;
  const running = consumer.run(() => {
    attempts++;
    throw new Error('the bank is closed');
  });
  await producer.send({ topic: 'orders', body: JSON.stringify({ order: 7 }), tags: 'created' });
  await skylark.time.advance(ALL_RETRIES_MS);
  const letter = await skylark.expectDeadLetter('billing', { body: { order: 7 } }, PATIENCE);
  assert.equal(attempts, 17);
  assert.equal(letter.topic, 'orders');
  assert.equal((await skylark.deadLetters('billing')).length, 1);
  await skylark.waitUntilConsumed('billing', 'orders', PATIENCE);
  await consumer.close();
  await running;
});

test('the broker asks about a transaction that nobody ended', async () => {
  await using skylark = await started('orders');
  let checks = 0;
  await using producer = new TransactionProducer({
    ...skylark.clientOptions,
    group: 'shop',
    check: async () => {
      checks++;
      return 'commit';
    },
  });
  await producer.sendInTransaction({ topic: 'orders', body: 'half' }, async () => 'unknown');
  await skylark.expectNoMessage('orders');
  await skylark.time.advance(60_000);
  await skylark.expectMessage('orders', { body: 'half' }, PATIENCE);
  assert.equal(checks, 1);
});

test('a popped message that is not acknowledged comes again', async () => {
  await using skylark = await started('orders');
  await using producer = new Producer({ ...skylark.clientOptions });
  await using consumer = new SimpleConsumer({
    namesrv: skylark.namesrvAddress,
    ...{ group: 'billing', subscriptions: 'orders' },
  });
  await producer.send({ topic: 'orders', body: 'once more' });
  const first = await consumer.receive({ invisibleMs: 60_000 });
  assert.equal(first[0]?.text(), 'once more');
  await skylark.time.advance(2 * 60_000);
  const second = await consumer.receive({ invisibleMs: 60_000 });
  assert.equal(second[0]?.text(), 'once more');
  await second[0]?.ack();
});

test('a message for a time arrives at that time', async () => {
  await using skylark = await started('orders');
  await using producer = new Producer({ ...skylark.clientOptions });
  await producer.send({ topic: 'orders', body: 'later', delayMs: 2 * HOUR_MS });
  await skylark.time.advance(2 * HOUR_MS - 10_000);
  await skylark.expectNoMessage('orders');
  await skylark.time.advance(11_000);
  await skylark.expectMessage('orders', { body: 'later' }, PATIENCE);
});

test('timeouts of clients on virtual time pass with it', async () => {
  await using skylark = await started('orders');
  await using producer = new Producer({ ...skylark.clientOptions, retries: 0 });
  await producer.send({ topic: 'orders', body: 'first' });
  const drop = skylark.faults.drop({ request: 'send' });
  const sent = producer.send({ topic: 'orders', body: 'lost' });
  const failed = assert.rejects(sent, { code: 'TIMEOUT' });
  await drop.happened();
  await skylark.time.advance(4_000);
  await failed;
});
