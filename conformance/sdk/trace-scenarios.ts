/** What traces say of transactions, recalls, popped messages and loops. */
import assert from 'node:assert/strict';
import {
  decodeTrace,
  Producer,
  PullConsumer,
  PushConsumer,
  SimpleConsumer,
  type TraceRecord,
  TransactionProducer,
} from '@skylarkmq/client';
import { makeTopic, type Scenario, sendAll, type Target, unique, until } from './scenario.ts';

/** All records of a trace topic, when there are so many. */
async function traces(target: Target, topic: string, count: number): Promise<TraceRecord[]> {
  await using consumer = new PullConsumer({ ...target, group: unique('tr'), consumeFrom: 'first' });
  await consumer.assign(await consumer.queues(topic));
  const records: TraceRecord[] = [];
  await until(`${count} traces`, async () => {
    for (const message of await consumer.poll({ timeoutMs: 500 })) {
      records.push(...decodeTrace(message.body));
    }
    return records.length >= count;
  });
  return records;
}

async function ofTransactions(target: Target): Promise<void> {
  const [topic, traceTopic] = [await makeTopic(target, 'ttx'), await makeTopic(target, 'trace')];
  const asked: string[] = [];
  const group = unique('ttx');
  const producer = new TransactionProducer({
    ...target,
    group,
    trace: { topic: traceTopic },
    check: async (message) => {
      asked.push(message.text());
      return 'commit';
    },
  });
  const send = (body: string, outcome: 'commit' | 'rollback' | 'unknown') =>
    producer.sendInTransaction({ topic, body, keys: ['k1', 'k2'] }, async () => outcome);
  const yes = await send('yes', 'commit');
  const no = await send('no', 'rollback');
  const later = await send('later', 'unknown');
  await until('the question', () => asked.includes('later'));
  await producer.close();
  const records = await traces(target, traceTopic, 7);
  const ends = records.filter((one) => one.type === 'EndTransaction');
  for (const [receipt, state] of [
    [yes, 'COMMIT_MESSAGE false'],
    [no, 'ROLLBACK_MESSAGE false'],
    [later, 'UNKNOW false'],
    [later, 'COMMIT_MESSAGE true'],
  ] as const) {
    const end = ends.find(
      (one) => one.messageId === receipt.messageId && `${one.state} ${one.fromCheck}` === state,
    );
    assert.ok(end !== undefined, `No record of ${receipt.messageId}: ${state}`);
    assert.deepEqual([end.topic, end.group, end.keys], [topic, group, 'k1 k2']);
    assert.equal(end.transactionId, receipt.messageId);
    assert.notEqual(end.storeHost, '');
  }
  const halves = records.filter((one) => one.type === 'Pub');
  assert.equal(halves.length, 3);
  for (const half of halves) assert.deepEqual([half.topic, half.kind], [topic, 'transaction-half']);
}

async function ofRecalls(target: Target): Promise<void> {
  const [topic, traceTopic] = [await makeTopic(target, 'trec'), await makeTopic(target, 'trace')];
  const producer = new Producer({ ...target, group: unique('trec'), trace: { topic: traceTopic } });
  const receipt = await producer.send({ topic, body: 'late', delayMs: 600_000 });
  assert.ok(receipt.recallHandle !== undefined);
  const id = await producer.recall(topic, receipt.recallHandle);
  await assert.rejects(producer.recall('Another', receipt.recallHandle));
  await producer.close();
  assert.equal(id, receipt.messageId);
  const records = await traces(target, traceTopic, 3);
  const recalls = records.filter((one) => one.type === 'Recall');
  assert.deepEqual(
    recalls.map((one) => [one.messageId, one.topic, one.success]),
    [
      [id, topic, true],
      [id, 'Another', false],
    ],
  );
}

/** Starts and ends of what one message went through. */
function story(records: readonly TraceRecord[]): readonly string[] {
  return records
    .filter((one) => one.type === 'SubBefore')
    .map(({ messageId, requestId }) => {
      const end = records.find((one) => one.type === 'SubAfter' && one.requestId === requestId);
      assert.ok(end === undefined || (end.type === 'SubAfter' && end.messageId === messageId));
      return end?.type === 'SubAfter' ? end.outcome : 'none';
    })
    .sort();
}

async function ofSimpleConsumers(target: Target): Promise<void> {
  const [topic, traceTopic] = [await makeTopic(target, 'ts'), await makeTopic(target, 'trace')];
  await sendAll(target, [
    { topic, body: 'a' },
    { topic, body: 'b' },
    { topic, body: 'c' },
  ]);
  const consumer = new SimpleConsumer({
    ...target,
    group: unique('ts'),
    subscriptions: topic,
    consumeFrom: 'first',
    trace: { topic: traceTopic },
  });
  let got = 0;
  await until('all three', async () => {
    for (const message of await consumer.receive()) {
      got++;
      if (message.text() === 'a') await message.ack();
      if (message.text() === 'b') await consumer.ack([message]);
    }
    return got === 3;
  });
  await consumer.close();
  assert.deepEqual(story(await traces(target, traceTopic, 5)), ['none', 'success', 'success']);
}

async function ofLoops(target: Target, mode: 'pull' | 'pop'): Promise<void> {
  const [topic, traceTopic] = [await makeTopic(target, 'tl'), await makeTopic(target, 'trace')];
  await sendAll(target, [
    { topic, body: 'ack' },
    { topic, body: 'retry' },
  ]);
  await sendAll(target, [{ topic, body: 'reject' }]);
  const consumer = new PushConsumer({
    ...target,
    group: unique('tl'),
    subscriptions: topic,
    consumeFrom: 'first',
    mode,
    trace: { topic: traceTopic },
  });
  let handled = 0;
  for await (const message of consumer) {
    if (message.text() === 'retry' && message.reconsumeTimes === 0) await message.retry();
    else if (message.text() === 'reject') await message.reject();
    else await message.ack();
    handled++;
    if (handled === 3) break;
  }
  await consumer.close();
  const outcomes = story(await traces(target, traceTopic, 6));
  assert.deepEqual(
    outcomes.filter((one) => one !== 'none'),
    ['failed', 'failed', 'success'],
  );
}

export const traceScenarios: readonly Scenario[] = [
  { name: 'trace: transactions, also those that a broker asks about', run: ofTransactions },
  { name: 'trace: recalls', run: ofRecalls },
  { name: 'trace: a simple consumer', run: ofSimpleConsumers },
  { name: 'trace: a loop', run: (target) => ofLoops(target, 'pull') },
  { name: 'trace: a loop that pops', run: (target) => ofLoops(target, 'pop') },
];
