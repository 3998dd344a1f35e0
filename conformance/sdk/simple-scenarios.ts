import assert from 'node:assert/strict';
import { Producer, SimpleConsumer, type SimpleMessage } from '@skylarkmq/client';
import {
  makeTopic,
  pause,
  range,
  type Scenario,
  sendAll,
  type Target,
  unique,
} from './scenario.ts';

const PATIENCE_MS = 120_000;
/** Held for so long, a message is not back before a slow machine has done the next step. */
const HELD_MS = 12_000;
/** A wait that nothing ends. */
const WAIT_MS = 60_000;

/** Receives until there are so many messages. */
async function collect(
  consumer: SimpleConsumer,
  count: number,
  invisibleMs = 60_000,
): Promise<SimpleMessage[]> {
  const messages: SimpleMessage[] = [];
  const deadline = Date.now() + PATIENCE_MS;
  while (messages.length < count) {
    messages.push(...(await consumer.receive({ awaitMs: 5_000, invisibleMs })));
    if (Date.now() > deadline) throw new Error(`Got ${messages.length} of ${count} messages`);
  }
  return messages;
}

function open(target: Target, topics: string | readonly string[], more = {}): SimpleConsumer {
  const subscriptions = typeof topics === 'string' ? [topics] : topics;
  const group = unique('simple');
  return new SimpleConsumer({ ...target, group, subscriptions, consumeFrom: 'first', ...more });
}

async function receiveAndAck(target: Target): Promise<void> {
  const topics = [await makeTopic(target, 'simple-a'), await makeTopic(target, 'simple-b', 1)];
  const bodies = range(100).map((index) => `m${index}`);
  await sendAll(
    target,
    bodies.map((body, index) => ({
      topic: topics[index % 2] ?? '',
      body,
      keys: `k${index}`,
      properties: { colour: 'grün' },
    })),
  );
  await using consumer = open(target, topics);
  const messages = await collect(consumer, 100);
  assert.deepEqual(messages.map((one) => one.text()).sort(), [...bodies].sort());
  for (const [index, message] of messages.entries()) {
    assert.equal(message.deliveryAttempt, 1);
    assert.ok(topics.includes(message.topic));
    assert.equal(message.property('colour'), 'grün');
    assert.ok(message.invisibleUntilMs > Date.now());
    if (index % 2 === 0) await message.ack();
  }
  await consumer.ack(messages);
  assert.ok(messages.every((one) => one.acked));
  await messages[0]?.ack();
  assert.deepEqual(await consumer.receive({ awaitMs: 1_500 }), []);
}

async function comesAgain(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'again', 1);
  await sendAll(target, [{ topic, body: 'slow' }]);
  await using consumer = open(target, topic);
  const [first] = await collect(consumer, 1, HELD_MS);
  assert.ok(first !== undefined);
  assert.deepEqual(await consumer.receive({ awaitMs: 500 }), []);
  const [second] = await collect(consumer, 1, 60_000);
  assert.equal(second?.text(), 'slow');
  assert.equal(second?.topic, topic);
  assert.equal(second?.deliveryAttempt, 2);
  assert.equal(second?.messageId, first.messageId);
  // Held for a minute, given back at once.
  await second?.changeInvisible(1_000);
  const [third] = await collect(consumer, 1, HELD_MS);
  assert.equal(third?.deliveryAttempt, 3);
  await third?.changeInvisible(5 * HELD_MS);
  assert.deepEqual(await consumer.receive({ awaitMs: HELD_MS + 3_000 }), []);
  await third?.ack();
}

async function waitsForMessages(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'wait');
  await using consumer = open(target, topic);
  assert.deepEqual(await consumer.receive({ awaitMs: 0 }), []);
  const waiting = consumer.receive({ awaitMs: WAIT_MS });
  await pause(500);
  await using producer = new Producer(target);
  const sentAt = Date.now();
  await producer.send({ topic, body: 'late' });
  const [message] = await waiting;
  assert.equal(message?.text(), 'late');
  assert.ok(Date.now() - sentAt < WAIT_MS - 5_000, `came after ${Date.now() - sentAt} ms`);
  await message?.ack();
  const stop = new AbortController();
  const aborted = consumer.receive({ awaitMs: 30_000, signal: stop.signal });
  await pause(100);
  stop.abort();
  await assert.rejects(aborted, { code: 'ABORTED' });
  const unread = consumer.receive({ awaitMs: 30_000 });
  await pause(100);
  await consumer.close();
  assert.deepEqual(await unread, []);
  await assert.rejects(consumer.receive(), { code: 'CLOSED' });
}

async function filters(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'tags');
  await sendAll(
    target,
    range(40).map((index) => ({ topic, body: `m${index}`, tags: `T${index % 4}` })),
  );
  await using consumer = open(target, topic, { subscriptions: [{ topic, tags: ['T1', 'T3'] }] });
  const messages = await collect(consumer, 20);
  assert.ok(messages.every((one) => one.tags === 'T1' || one.tags === 'T3'));
  await consumer.ack(messages);
  assert.deepEqual(await consumer.receive({ awaitMs: 1_000 }), []);
}

async function members(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'members', 2);
  const group = unique('simple');
  const consumers = range(4).map(() => open(target, topic, { group, batchSize: 2 }));
  const seen: string[] = [];
  const loops = consumers.map(async (consumer) => {
    for await (const message of consumer) {
      seen.push(message.text());
      await message.ack();
    }
  });
  await sendAll(
    target,
    range(60).map((index) => ({ topic, body: `m${index}` })),
  );
  const deadline = Date.now() + PATIENCE_MS;
  while (seen.length < 60 && Date.now() < deadline) await pause(50);
  for (const consumer of consumers) await consumer.close();
  await Promise.all(loops);
  assert.deepEqual(
    [...seen].sort(),
    range(60)
      .map((index) => `m${index}`)
      .sort(),
  );
}

async function inOrder(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'fifo', 1);
  await sendAll(
    target,
    range(6).map((index) => ({ topic, body: `m${index}` })),
  );
  await using consumer = open(target, topic, { ordered: true, batchSize: 2 });
  const first = await collect(consumer, 2, HELD_MS);
  assert.deepEqual(
    first.map((one) => one.text()),
    ['m0', 'm1'],
  );
  const meanwhile = await consumer.receive({ awaitMs: 500, invisibleMs: HELD_MS });
  assert.deepEqual(meanwhile, [], 'the queue is held');
  await first[0]?.ack();
  // Its time is over: it comes again, before all others.
  const again = await collect(consumer, 1, HELD_MS);
  assert.equal(again[0]?.text(), 'm1');
  assert.ok((again[0]?.deliveryAttempt ?? 0) >= 2);
  await consumer.ack(again);
  const done = again.map((one) => one.text());
  while (done.length < 5) {
    const some = await collect(consumer, 1, HELD_MS);
    done.push(...some.map((one) => one.text()));
    await consumer.ack(some);
  }
  assert.deepEqual(done, ['m1', 'm2', 'm3', 'm4', 'm5']);
}

/** What a simple consumer must do against any server that knows POP. */
export const simpleScenarios: readonly Scenario[] = [
  { name: 'simple: what is acknowledged is done', run: receiveAndAck },
  { name: 'simple: what is not acknowledged comes again', run: comesAgain },
  { name: 'simple: receiving waits, and a wait can be ended', run: waitsForMessages },
  { name: 'simple: tags filter', run: filters },
  { name: 'simple: more members than queues', run: members },
  { name: 'simple: in order', run: inOrder },
];
