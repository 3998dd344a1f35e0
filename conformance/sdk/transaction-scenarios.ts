/** Transactions. The broker must be set to ask soon: see TRANSACTION_SETTINGS. */
import assert from 'node:assert/strict';
import {
  Admin,
  MqErrorCode,
  PushConsumer,
  type ReceivedMessage,
  type TransactionOutcome,
  TransactionProducer,
  type TransactionReceipt,
} from '@skylarkmq/client';
import { makeTopic, pause, range, type Scenario, type Target, unique, until } from './scenario.ts';

/** Lines of broker.conf. */
export const TRANSACTION_SETTINGS: readonly string[] = [
  // Long enough for a slow machine to end what is decided at once, and to answer before the next.
  'transactionTimeOut=6000',
  'transactionCheckInterval=5000',
  'transactionCheckMax=5',
  // Apache's writer of operation messages waits until the last write is this old, and then never
  // again: it keeps a core busy from the first transaction on. So each is written when it comes.
  'transactionOpMsgMaxSize=1',
  'transactionOpBatchInterval=600000',
];

/** By then a broker with these settings has looked for open transactions once more. */
const NEXT_CHECK_MS = 7000;

/** Reads a topic while `during` runs; the bodies, in order of arrival. */
async function consuming(
  target: Target,
  topic: string,
  during: (bodies: readonly string[], messages: readonly ReceivedMessage[]) => Promise<void>,
): Promise<void> {
  const bodies: string[] = [];
  const messages: ReceivedMessage[] = [];
  await using consumer = new PushConsumer({
    ...target,
    group: unique('read'),
    subscriptions: topic,
    consumeFrom: 'first',
  });
  const stop = new AbortController();
  const running = consumer.run(
    (message) => {
      bodies.push(message.text());
      messages.push(message);
    },
    { signal: stop.signal },
  );
  try {
    await during(bodies, messages);
  } finally {
    stop.abort();
    await running;
  }
}

async function outcomes(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'tx');
  const asked: string[] = [];
  await using producer = new TransactionProducer({
    ...target,
    group: unique('tx'),
    check: async (message) => {
      asked.push(message.text());
      return 'unknown';
    },
  });
  const receipts = new Map<string, TransactionReceipt>();
  await Promise.all(
    range(40).map(async (index) => {
      const outcome: TransactionOutcome = index % 2 === 0 ? 'commit' : 'rollback';
      const body = `${outcome} ${index}`;
      const message = { topic, body, keys: `key-${index}`, tags: 'T' };
      const receipt = await producer.sendInTransaction(message, async (given, half) => {
        assert.equal(given, message);
        assert.equal(half.queue.topic, topic);
        await pause(index % 5);
        return outcome;
      });
      assert.equal(receipt.outcome, outcome);
      assert.equal(receipt.settled, true);
      assert.equal(receipt.transactionId, receipt.messageId);
      receipts.set(body, receipt);
    }),
  );
  await consuming(target, topic, async (bodies, messages) => {
    await until('20 committed messages', () => bodies.length >= 20);
    await pause(NEXT_CHECK_MS);
    assert.deepEqual(
      [...bodies].sort(),
      [...receipts.keys()].filter((one) => one.startsWith('c')).sort(),
    );
    for (const message of messages) {
      const receipt = receipts.get(message.text());
      assert.equal(message.messageId, receipt?.messageId);
      assert.deepEqual(message.queue.queueId, receipt?.queue.queueId);
      assert.equal(message.tags, 'T');
    }
  });
  assert.deepEqual(asked, []);
  await using admin = new Admin(target);
  const found = await admin.queryByKey(topic, 'key-0');
  assert.equal(found.length, 1);
}

async function checks(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'tx-check');
  const asked = new Map<string, number>();
  const answers = new Map<string, TransactionOutcome>([
    ['yes', 'commit'],
    ['no', 'rollback'],
  ]);
  const group = unique('tx');
  await using producer = new TransactionProducer({
    ...target,
    group,
    check: async (message) => {
      const body = message.text();
      const times = (asked.get(body) ?? 0) + 1;
      asked.set(body, times);
      assert.equal(message.topic, topic);
      assert.equal(message.property('PGROUP'), group);
      if (body === 'broken' && times === 1) throw new Error('not now');
      if (body === 'broken') return 'commit';
      return answers.get(body) ?? 'unknown';
    },
  });
  for (const body of ['yes', 'no', 'broken']) {
    const receipt = await producer.sendInTransaction({ topic, body }, async () => 'unknown');
    assert.equal(receipt.outcome, 'unknown');
    assert.equal(receipt.settled, false);
  }
  const failed = producer.sendInTransaction({ topic, body: 'thrown' }, async () => {
    answers.set('thrown', 'commit');
    throw new TypeError('the database is away');
  });
  await assert.rejects(failed, { name: 'TypeError', message: 'the database is away' });
  await consuming(target, topic, async (bodies) => {
    await until('what the checks committed', () => bodies.length >= 3);
    await pause(NEXT_CHECK_MS);
    assert.deepEqual([...bodies].sort(), ['broken', 'thrown', 'yes']);
  });
  assert.equal(asked.get('yes'), 1);
  assert.equal(asked.get('no'), 1);
  assert.ok((asked.get('broken') ?? 0) >= 2);
}

async function inherited(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'tx-heir');
  const group = unique('tx');
  const heard: string[] = [];
  await using heir = new TransactionProducer({
    ...target,
    group,
    instanceName: unique('heir'),
    check: async (message) => {
      heard.push(message.text());
      return 'commit';
    },
  });
  await heir.start();
  await heir.send({ topic, body: 'hello' });
  const gone = new TransactionProducer({
    ...target,
    group,
    instanceName: unique('gone'),
    check: async () => 'unknown',
  });
  await gone.sendInTransaction({ topic, body: 'left behind' }, async () => 'unknown');
  await gone.close();
  await consuming(target, topic, async (bodies) => {
    await until('what was left behind', () => bodies.includes('left behind'));
  });
  assert.deepEqual(heard, ['left behind']);
}

async function refusals(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'tx-refused');
  const producer = new TransactionProducer({
    ...target,
    group: unique('tx'),
    check: async () => 'unknown',
  });
  const delayed = producer.sendInTransaction(
    { topic, body: 'x', delayLevel: 1 },
    async () => 'commit',
  );
  await assert.rejects(delayed, { code: MqErrorCode.InvalidArgument });
  let isDone = false;
  const slow = producer.sendInTransaction({ topic, body: 'slow' }, async () => {
    await pause(300);
    isDone = true;
    return 'commit';
  });
  await pause(100);
  await producer.close();
  assert.equal(isDone, true, 'close waits for the work');
  assert.equal((await slow).settled, true);
  const late = producer.sendInTransaction({ topic, body: 'late' }, async () => 'commit');
  await assert.rejects(late, { code: MqErrorCode.Closed });
}

export const transactionScenarios: readonly Scenario[] = [
  { name: 'a transaction is committed or rolled back, once', run: outcomes },
  { name: 'a broker that knows no outcome asks, until there is one', run: checks },
  { name: 'another of the group answers for one that is gone', run: inherited },
  { name: 'transactions that cannot be are refused; close waits', run: refusals },
];
