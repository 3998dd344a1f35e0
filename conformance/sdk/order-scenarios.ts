import assert from 'node:assert/strict';
import { Producer, PushConsumer, queueByHash } from '@skylarkmq/client';
import { makeTopic, range, type Scenario, type Target, unique, until } from './scenario.ts';

async function keysStayInOrder(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'order');
  await using producer = new Producer(target);
  const keys = range(6).map((index) => `order-${index}`);
  for (const step of range(20)) {
    await Promise.all(
      keys.map((shardingKey) =>
        producer.send({ topic, body: `${shardingKey}/${step}`, shardingKey }),
      ),
    );
  }
  const byKey = new Map<string, string[]>();
  let failedAt = 0;
  let retriedAt = 0;
  let total = 0;
  await using consumer = new PushConsumer({
    ...target,
    group: unique('order'),
    subscriptions: topic,
    consumeFrom: 'first',
    ordered: true,
  });
  const running = consumer.run((message) => {
    const text = message.text();
    const key = message.shardingKey ?? '';
    if (text === 'order-3/5' && failedAt === 0) {
      failedAt = Date.now();
      throw new Error('blocks its queue once');
    }
    if (text === 'order-3/5') {
      retriedAt = Date.now();
      assert.equal(message.reconsumeTimes, 1);
    }
    byKey.set(key, [...(byKey.get(key) ?? []), text]);
    total++;
  });
  await until('all messages', () => total >= 120);
  await consumer.close();
  await running;
  for (const key of keys) {
    assert.deepEqual(
      byKey.get(key),
      range(20).map((step) => `${key}/${step}`),
    );
  }
  assert.ok(retriedAt - failedAt >= 950, `blocked for ${retriedAt - failedAt} ms`);
}

async function selectors(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'select');
  await using producer = new Producer(target);
  const queues = await producer.queues(topic);
  assert.equal(queues.length, 4);
  const hashed = await producer.send({ topic, body: 'x' }, { selector: queueByHash('Aa') });
  assert.deepEqual(hashed.queue, queues[2112 % 4]);
  const fixed = queues[3];
  assert.ok(fixed);
  const receipt = await producer.send({ topic, body: 'x' }, { queue: fixed });
  assert.deepEqual(receipt.queue, fixed);
  const last = await producer.send({ topic, body: 'x' }, { selector: (all) => all.at(-1) });
  assert.deepEqual(last.queue, queues.at(-1));
}

async function orderAcrossMembers(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'order-members');
  const options = {
    ...target,
    group: unique('order-members'),
    subscriptions: topic,
    ordered: true,
    consumeFrom: 'first',
  } as const;
  const seen = new Map<string, number>();
  const broken: string[] = [];
  const handled = [0, 0];
  const open = (member: number): { consumer: PushConsumer; running: Promise<void> } => {
    const consumer = new PushConsumer(options);
    const running = consumer.run((message) => {
      const [key = '', step = ''] = message.text().split('/');
      const last = seen.get(key) ?? -1;
      // A change of hands may repeat what was not committed yet, it must not skip.
      if (Number(step) > last + 1) broken.push(message.text());
      seen.set(key, Math.max(last, Number(step)));
      handled[member] = (handled[member] ?? 0) + 1;
    });
    return { consumer, running };
  };
  const first = open(0);
  await using producer = new Producer(target);
  const keys = range(8).map((index) => `key-${index}`);
  const send = async (from: number, to: number): Promise<void> => {
    for (let step = from; step < to; step++) {
      await Promise.all(
        keys.map((shardingKey) =>
          producer.send({ topic, body: `${shardingKey}/${step}`, shardingKey }),
        ),
      );
    }
  };
  await send(0, 50);
  const second = open(1);
  await until('the second member to take over queues', async () => {
    const from = Math.max(...seen.values(), 49) + 1;
    await send(from, from + 1);
    return (handled[1] ?? 0) > 0;
  });
  await first.consumer.close();
  await first.running;
  const end = Math.max(...seen.values()) + 1;
  await send(end, end + 50);
  await until('all messages', () => keys.every((key) => seen.get(key) === end + 49));
  await second.consumer.close();
  await second.running;
  assert.deepEqual(broken, []);
}

/** Order by key. */
export const orderScenarios: readonly Scenario[] = [
  {
    name: 'keeps the order of each key, and a failed message blocks its queue',
    run: keysStayInOrder,
  },
  { name: 'sends to queues chosen by hash, by hand and by function', run: selectors },
  { name: 'keeps the order while members come and go', run: orderAcrossMembers },
];
