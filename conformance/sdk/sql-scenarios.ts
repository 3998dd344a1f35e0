import assert from 'node:assert/strict';
import { type OutgoingMessage, PullConsumer, PushConsumer } from '@skylarkmq/client';
import {
  makeTopic,
  range,
  type Scenario,
  sendAll,
  type Target,
  unique,
  until,
} from './scenario.ts';

/** Brokers need enablePropertyFilter=true. */
const SQL =
  "price BETWEEN 10 AND 12 AND kind IN ('book', 'dvd') AND NOT (price = 11) OR gift = TRUE";

function messages(topic: string, prefix: string): OutgoingMessage[] {
  return range(30).map((index) => ({
    topic,
    body: `${prefix}${index}`,
    properties: {
      price: String(index),
      kind: index % 3 === 0 ? 'dvd' : 'book',
      ...(index === 20 ? { gift: 'true' } : {}),
    },
  }));
}

async function pushBySql(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'sql');
  await sendAll(target, messages(topic, 'early'));
  await using consumer = new PushConsumer({
    ...target,
    group: unique('sql'),
    subscriptions: [{ topic, sql: SQL }],
    consumeFrom: 'first',
  });
  const seen = new Set<string>();
  const work = consumer.run((message) => {
    seen.add(message.text());
  });
  await until('the early ones', () => seen.size >= 3);
  await sendAll(target, messages(topic, 'late'));
  await until('the late ones', () => seen.size >= 6);
  await consumer.close();
  await work;
  const wanted = ['early', 'late'].flatMap((word) => [10, 12, 20].map((n) => `${word}${n}`));
  assert.deepEqual([...seen].sort(), wanted.sort());
}

async function pullBySql(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'sql');
  await sendAll(target, messages(topic, 'm'));
  await using consumer = new PullConsumer({
    ...target,
    group: unique('sql'),
    subscriptions: [{ topic, sql: 'price >= 28' }],
    consumeFrom: 'first',
  });
  const seen: string[] = [];
  await until('all that match', async () => {
    for (const message of await consumer.poll({ timeoutMs: 200 })) seen.push(message.text());
    return seen.length >= 2;
  });
  assert.deepEqual(seen.sort(), ['m28', 'm29']);
}

async function wrongSql(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'sql');
  const subscriptions = [{ topic, sql: "price > 'seven'" }];
  await using push = new PushConsumer({ ...target, group: unique('sql'), subscriptions });
  await assert.rejects(push.start(), { code: 'RESPONSE', responseCode: 23, retryable: false });
  await using pull = new PullConsumer({ ...target, group: unique('sql'), subscriptions });
  await assert.rejects(pull.poll(), { code: 'RESPONSE', responseCode: 23 });
}

export const sqlScenarios: readonly Scenario[] = [
  { name: 'push by SQL92', run: pushBySql },
  { name: 'pull by SQL92', run: pullBySql },
  { name: 'a wrong SQL92 expression is refused at the start', run: wrongSql },
];
