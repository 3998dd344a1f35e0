import assert from 'node:assert/strict';
import { Producer, PullConsumer, PushConsumer, type ReceivedMessage } from '@skylarkmq/client';
import {
  makeTopic,
  range,
  type Scenario,
  sendAll,
  type Target,
  unique,
  until,
} from './scenario.ts';

/** The dead letters of a group, when there are `count` of them. */
async function deadLetters(
  target: Target,
  group: string,
  count: number,
): Promise<readonly ReceivedMessage[]> {
  const topic = `%DLQ%${group}`;
  const found: ReceivedMessage[] = [];
  await using consumer = new PullConsumer({
    ...target,
    group: unique('dlq'),
    consumeFrom: 'first',
  });
  await until('the dead letter topic', async () => {
    try {
      const queues = await consumer.queues(topic);
      await consumer.assign(queues);
      return queues.length > 0;
    } catch {
      return false;
    }
  });
  await until(`${count} dead letters`, async () => {
    found.push(...(await consumer.poll({ timeoutMs: 200 })));
    return found.length >= count;
  });
  return found;
}

async function retryThenBury(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'retry', 1);
  const group = unique('retry');
  const tries: string[] = [];
  await using consumer = new PushConsumer({
    ...target,
    group,
    subscriptions: [{ topic, tags: 'x' }],
    consumeFrom: 'first',
    maxReconsumeTimes: 2,
  });
  const running = consumer.run(async (message) => {
    tries.push(`${message.text()}/${message.reconsumeTimes}/${message.topic}/${message.tags}`);
    if (message.text() === 'good') return;
    await message.retry({ delayLevel: 1 });
  });
  await using producer = new Producer(target);
  const bad = await producer.send({
    topic,
    body: 'bad',
    tags: 'x',
    keys: 'k',
    properties: { a: 'b' },
  });
  await producer.send({ topic, body: 'good', tags: 'x' });
  const [buried] = await deadLetters(target, group, 1);
  await consumer.close();
  await running;
  const expected = range(3).map((index) => `bad/${index}/${topic}/x`);
  assert.deepEqual(
    tries.filter((text) => text.startsWith('bad')),
    expected,
  );
  assert.deepEqual(
    tries.filter((text) => text.startsWith('good')),
    [`good/0/${topic}/x`],
  );
  assert.ok(buried);
  assert.equal(buried.text(), 'bad');
  assert.equal(buried.messageId, bad.messageId);
  assert.equal(buried.property('RETRY_TOPIC'), topic);
  assert.equal(buried.property('ORIGIN_MESSAGE_ID'), bad.offsetMessageId);
  assert.equal(buried.property('a'), 'b');
  assert.deepEqual(buried.keys, ['k']);
}

async function rejectAtOnce(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'reject', 1);
  const group = unique('reject');
  await using consumer = new PushConsumer({
    ...target,
    group,
    subscriptions: topic,
    consumeFrom: 'first',
  });
  const running = consumer.run((message) => message.reject());
  await sendAll(target, [{ topic, body: 'hopeless' }]);
  const [buried] = await deadLetters(target, group, 1);
  await consumer.close();
  await running;
  assert.equal(buried?.text(), 'hopeless');
}

async function thrownMeansRetry(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'throw', 1);
  const counts: number[] = [];
  await using consumer = new PushConsumer({
    ...target,
    group: unique('throw'),
    subscriptions: topic,
    consumeFrom: 'first',
  });
  const running = consumer.run((message) => {
    counts.push(message.reconsumeTimes);
    if (message.reconsumeTimes === 0) throw new Error('the handler fails once');
  });
  await sendAll(target, [{ topic, body: 'twice' }]);
  await until('the second delivery, after ten seconds', () => counts.length === 2);
  await consumer.close();
  await running;
  assert.deepEqual(counts, [0, 1]);
}

/** Messages that fail. */
export const retryScenarios: readonly Scenario[] = [
  { name: 'retries and then puts into the dead letters', run: retryThenBury },
  { name: 'rejects into the dead letters at once', run: rejectAtOnce },
  { name: 'delivers again what a handler failed on', run: thrownMeansRetry },
];
