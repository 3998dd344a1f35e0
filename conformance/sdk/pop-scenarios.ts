import assert from 'node:assert/strict';
import {
  type ConsumerMessage,
  Producer,
  PushConsumer,
  type PushConsumerOptions,
} from '@skylarkmq/client';
import {
  makeTopic,
  pause,
  range,
  type Scenario,
  sendAll,
  type Target,
  unique,
  until,
} from './scenario.ts';

/** As long as the client lets a broker hold what it asks, and a little less. */
const HOLD_MS = 14_000;

function open(target: Target, topic: string, more: Partial<PushConsumerOptions> = {}) {
  const group = unique('pop');
  return new PushConsumer({
    ...{ ...target, group, subscriptions: topic, consumeFrom: 'first', mode: 'pop' },
    ...more,
  });
}

async function consume(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'pop');
  await using consumer = open(target, topic);
  const seen: string[] = [];
  const running = consumer.run((message) => {
    assert.equal(message.topic, topic);
    assert.equal(message.reconsumeTimes, 0);
    seen.push(message.text());
  });
  await sendAll(
    target,
    range(300).map((index) => ({ topic, body: `m${index}`, tags: `T${index % 2}` })),
  );
  await until('300 messages', () => seen.length >= 300);
  assert.equal(new Set(seen).size, 300);
  assert.ok(consumer.assignment().every((queue) => queue.queueId === -1));
  await using producer = new Producer(target);
  const sentAt = Date.now();
  await producer.send({ topic, body: 'late' });
  await until('a late message', () => seen.includes('late'));
  assert.ok(Date.now() - sentAt < HOLD_MS, 'nobody waits until a pop ends by itself');
  await consumer.close();
  await running;
  // What was acknowledged does not come again.
  await using other = open(target, topic, { group: consumer.group });
  const again: string[] = [];
  const rerun = other.run((message) => again.push(message.text()));
  await pause(1_500);
  assert.deepEqual(again, []);
  await other.close();
  await rerun;
}

async function retry(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'pop-retry', 1);
  await using consumer = open(target, topic, { maxReconsumeTimes: 2 });
  const seen: string[] = [];
  const running = consumer.run(async (message: ConsumerMessage) => {
    seen.push(`${message.text()} ${message.reconsumeTimes}`);
    if (message.text() === 'twice' && message.reconsumeTimes === 0) {
      await message.retry({ delayMs: 1_000 });
    }
    if (message.text() === 'never') await message.retry({ delayMs: 1_000 });
    if (message.text() === 'hopeless') await message.reject();
  });
  await sendAll(target, [
    { topic, body: 'twice' },
    { topic, body: 'never' },
    { topic, body: 'hopeless' },
  ]);
  await until('all retries', () => seen.includes('twice 1') && seen.includes('never 2'));
  await using dead = new PushConsumer({
    ...target,
    group: unique('dead'),
    subscriptions: `%DLQ%${consumer.group}`,
    consumeFrom: 'first',
  });
  const buried: string[] = [];
  const burying = dead.run((message) => buried.push(message.text()));
  await until('two dead letters', () => buried.length >= 2);
  assert.deepEqual([...buried].sort(), ['hopeless', 'never']);
  assert.equal(seen.filter((text) => text.startsWith('hopeless')).length, 1);
  for (const one of [consumer, dead]) await one.close();
  await Promise.all([running, burying]);
}

async function members(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'pop-members', 1);
  const group = unique('pop');
  const seen = new Map<string, number>();
  const consumers = range(3).map(() => open(target, topic, { group, popBatchSize: 2 }));
  const counts = consumers.map(() => 0);
  const runs = consumers.map((consumer, index) =>
    consumer.run(
      async (message) => {
        counts[index] = (counts[index] ?? 0) + 1;
        seen.set(message.text(), (seen.get(message.text()) ?? 0) + 1);
        await pause(20);
      },
      { concurrency: 1 },
    ),
  );
  try {
    await Promise.all(consumers.map((consumer) => consumer.start()));
    await sendAll(
      target,
      range(150).map((index) => ({ topic, body: `m${index}` })),
    );
    await until('150 messages', () => seen.size === 150);
    assert.ok([...seen.values()].every((times) => times === 1));
    assert.ok(
      counts.filter((count) => count > 0).length >= 2,
      `one queue serves several members: ${counts.join()}`,
    );
  } finally {
    for (const consumer of consumers) await consumer.close();
    await Promise.all(runs);
  }
}

async function closing(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'pop-close', 1);
  await sendAll(
    target,
    range(40).map((index) => ({ topic, body: `m${index}` })),
  );
  const first = open(target, topic);
  const seen: string[] = [];
  const running = first.run(
    async (message) => {
      seen.push(message.text());
      await pause(300);
    },
    { concurrency: 2 },
  );
  await until('two messages', () => seen.length >= 2);
  await first.close();
  await running;
  await using second = open(target, topic, { group: first.group });
  // Given back, not held for the minute that they were taken for.
  const rest = second.run((message) => seen.push(message.text()));
  await until('the rest', () => new Set(seen).size === 40);
  assert.equal(seen.length, 40);
  await second.close();
  await rest;
}

async function slowHandler(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'pop-slow', 1);
  const group = unique('pop');
  const popInvisibleMs = 20_000;
  const members = range(2).map(() => open(target, topic, { group, popInvisibleMs }));
  const seen: string[] = [];
  const ended: string[] = [];
  const runs = members.map((member) =>
    member.run(async (message) => {
      seen.push(message.text());
      await pause(popInvisibleMs * 1.6);
      ended.push(message.text());
    }),
  );
  try {
    await sendAll(
      target,
      range(3).map((index) => ({ topic, body: `m${index}` })),
    );
    await until('three slow handlers', () => ended.length >= 3);
    // What the first receipt stood for is over; what was acknowledged is the last one.
    await pause(popInvisibleMs);
    assert.deepEqual([...seen].sort(), ['m0', 'm1', 'm2'], 'nobody else got them meanwhile');
  } finally {
    for (const member of members) await member.close();
    await Promise.all(runs);
  }
}

/** What a push consumer that pops must do against any server that knows POP. */
export const popScenarios: readonly Scenario[] = [
  { name: 'pop: messages are consumed once', run: consume },
  { name: 'pop: what fails comes again, and is a dead letter in the end', run: retry },
  { name: 'pop: one queue serves several members', run: members },
  { name: 'pop: a message stays with a handler that takes long', run: slowHandler },
  { name: 'pop: what was not looked at is given back at the end', run: closing },
];
