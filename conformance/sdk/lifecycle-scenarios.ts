import assert from 'node:assert/strict';
import {
  type AllocationName,
  type AllocationStrategy,
  configured,
  type MessageQueue,
  machineRoomNearby,
  Producer,
  PullConsumer,
  PushConsumer,
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

/** Longer than anything takes here that does not wait for the end of it. */
const LONG_MS = 180_000;

async function producerDrains(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'drain');
  const producer = new Producer(target);
  await producer.start();
  const body = 'x'.repeat(100_000);
  const sending = range(100).map((index) => producer.send({ topic, body: `${index}${body}` }));
  await producer.close();
  const receipts = await Promise.all(sending);
  assert.equal(new Set(receipts.map((receipt) => receipt.messageId)).size, 100);
  await assert.rejects(producer.send({ topic, body }), { code: 'CLOSED' });
}

async function consumerDrains(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'drain', 2);
  const options = {
    ...target,
    group: unique('drain'),
    subscriptions: topic,
    consumeFrom: 'first',
  } as const;
  await sendAll(
    target,
    range(30).map((index) => ({ topic, body: `m${index}` })),
  );
  const started: string[] = [];
  const finished: string[] = [];
  const first = new PushConsumer(options);
  const running = first.run(
    async (message, signal) => {
      started.push(message.text());
      await pause(300);
      assert.equal(signal.aborted, false, 'there is time to finish');
      finished.push(message.text());
    },
    { concurrency: 4 },
  );
  await until('some messages in hands', () => started.length >= 8);
  await first.close();
  await running;
  assert.deepEqual(finished, started, 'what was begun was finished');
  assert.ok(started.length < 30, 'not everything: it was closed in the middle');
  const rest: string[] = [];
  await using second = new PushConsumer(options);
  const more = second.run((message) => {
    rest.push(message.text());
  });
  await until('the rest', () => finished.length + rest.length >= 30);
  await pause(300);
  await second.close();
  await more;
  assert.deepEqual([...finished, ...rest].sort(), [...range(30)].map((i) => `m${i}`).sort());
}

async function signalsEnd(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'abort', 1);
  const aborted = { code: 'ABORTED' };
  // Whoever does not end at once ends after minutes.
  const long = { pullHoldMs: LONG_MS, pullTimeoutMs: 2 * LONG_MS };
  const options = { ...target, ...long, group: unique('abort'), subscriptions: topic };
  await using pull = new PullConsumer(options);
  const startedMs = performance.now();
  const signal = AbortSignal.timeout(100);
  await assert.rejects(pull.poll({ timeoutMs: LONG_MS, signal }), aborted);
  await assert.rejects(pull.queues(topic, { signal: AbortSignal.abort() }), aborted);
  for await (const message of pull.messages({ signal: AbortSignal.timeout(100) })) {
    assert.fail(`unexpected ${message.text()}`);
  }
  await using push = new PushConsumer({ ...options, group: unique('abort') });
  await push.run(() => assert.fail('nothing was sent'), { signal: AbortSignal.timeout(100) });
  for await (const message of push.messages({ signal: AbortSignal.timeout(100) })) {
    assert.fail(`unexpected ${message.text()}`);
  }
  await using producer = new Producer(target);
  const late = new AbortController();
  const sending = producer.send({ topic, body: 'x' }, { signal: late.signal });
  late.abort();
  await assert.rejects(sending, aborted);
  assert.ok(performance.now() - startedMs < LONG_MS, 'all of them at once');
}

/** A loop that ends in the middle gives its message back. */
async function brokenLoop(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'loop', 1);
  await sendAll(
    target,
    range(3).map((index) => ({ topic, body: `m${index}` })),
  );
  await using consumer = new PushConsumer({
    ...target,
    group: unique('loop'),
    subscriptions: topic,
    consumeFrom: 'first',
    drainTimeoutMs: LONG_MS,
  });
  const seen: string[] = [];
  const failing = async (): Promise<void> => {
    for await (const message of consumer) throw new Error(message.text());
  };
  await assert.rejects(failing(), /m0/);
  for await (const message of consumer) {
    seen.push(`${message.text()}/${message.reconsumeTimes}`);
    await message.ack();
    if (seen.length === 3) break;
  }
  assert.deepEqual(seen, ['m0/0', 'm1/0', 'm2/0']);
  const startedMs = performance.now();
  await consumer.close();
  assert.ok(performance.now() - startedMs < LONG_MS, 'nothing is waited for');
}

const QUEUES = 8;

async function shareOut(
  target: Target,
  topic: string,
  allocations: readonly [AllocationName | AllocationStrategy, AllocationName | AllocationStrategy],
): Promise<void> {
  const group = unique('share');
  const members = allocations.map(
    (allocation) => new PushConsumer({ ...target, group, subscriptions: topic, allocation }),
  );
  try {
    await Promise.all(members.map((member) => member.start()));
    const ids = (queues: readonly MessageQueue[]): number[] => queues.map((one) => one.queueId);
    const shares = (): number[] => members.flatMap((member) => ids(member.assignment()));
    await until('every queue at one member', () => {
      const all = shares();
      return all.length === QUEUES && new Set(all).size === QUEUES;
    });
  } finally {
    await Promise.all(members.map((member) => member.close()));
  }
}

async function allocations(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'share', QUEUES);
  await using producer = new Producer(target);
  const queues = await producer.queues(topic);
  const oneRoom = { roomOfQueue: () => 'room-1', roomOfClient: () => 'room-1' };
  const nearby = machineRoomNearby(oneRoom);
  await Promise.all([
    shareOut(target, topic, ['averagely', 'averagely']),
    shareOut(target, topic, ['averagely-by-circle', 'averagely-by-circle']),
    shareOut(target, topic, ['consistent-hash', 'consistent-hash']),
    shareOut(target, topic, [nearby, nearby]),
    shareOut(target, topic, [configured(queues.slice(0, 3)), configured(queues.slice(3))]),
  ]);
}

async function tellsAssignments(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'told', QUEUES);
  const group = unique('told');
  const told = new Map<string, readonly MessageQueue[]>();
  const open = (name: string, mode: 'pull' | 'pop'): PushConsumer =>
    new PushConsumer({
      ...{ ...target, group: `${group}-${mode}`, subscriptions: topic, mode },
      ...{ topicMessagesMax: 8, consumeFrom: 'first' },
      onAssignment: (changed, queues) => {
        assert.equal(changed, topic, 'the retry topic is none of the users');
        told.set(name, queues);
      },
    });
  const countOf = (name: string): number => told.get(name)?.length ?? 0;
  await using first = open('first', 'pull');
  await first.start();
  await until('all queues', () => countOf('first') === QUEUES);
  await using second = open('second', 'pull');
  await second.start();
  await until('half of them', () => countOf('first') === 4 && countOf('second') === 4);
  assert.deepEqual(second.assignment().length, 4);
  await using popping = open('popping', 'pop');
  await popping.start();
  await until('the broker', () => told.get('popping')?.[0]?.queueId === -1);
}

async function topicLimits(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'share-room', 2);
  await sendAll(
    target,
    range(200).map((index) => ({ topic, body: `m${index}` })),
  );
  await using consumer = new PushConsumer({
    ...{ ...target, group: unique('room'), subscriptions: topic, consumeFrom: 'first' },
    ...{ topicMessagesMax: 20, pullBatchSize: 1 },
  });
  const seen = new Set<string>();
  let out = 0;
  let most = 0;
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const running = consumer.run(
    async (message) => {
      out++;
      most = Math.max(most, out);
      await opened;
      out--;
      seen.add(message.text());
    },
    { concurrency: 200 },
  );
  // A queue is pulled once more when its share is used up.
  await until('both shares', () => out === 22);
  await pause(500);
  assert.equal(most, 22);
  open();
  await until('all messages', () => seen.size === 200);
  await consumer.close();
  await running;
}

/** Starting, stopping, sharing. */
export const lifecycleScenarios: readonly Scenario[] = [
  { name: 'finishes sends that are under way when closed', run: producerDrains },
  { name: 'finishes handlers that are under way when closed', run: consumerDrains },
  { name: 'ends waits when a signal fires', run: signalsEnd },
  { name: 'gives a message back when its loop breaks', run: brokenLoop },
  { name: 'tells which queues a push consumer has', run: tellsAssignments },
  { name: 'caches no more of a topic than it may', run: topicLimits },
  { name: 'shares queues by every allocation strategy', run: allocations },
];
