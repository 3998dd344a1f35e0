import assert from 'node:assert/strict';
import { Admin, Producer, type ProducerOptions } from '@skylarkmq/client';
import { LameBroker, type Lameness } from './lame-broker.ts';
import { makeTopic, range, type Scenario, type Target, unique } from './scenario.ts';

const QUEUES = 4;
const MESSAGES = 40;

/** Sends beside a lame broker; returns how many sends the lame one saw. */
async function sendBeside(
  target: Target,
  lameness: Lameness,
  options: Omit<ProducerOptions, 'namesrv'> = {},
): Promise<number> {
  const topic = await makeTopic(target, 'beside', QUEUES);
  const lame = new LameBroker(target, lameness);
  await lame.start(topic, QUEUES);
  try {
    // An instance of its own: a shared one may know the route from before.
    await using producer = new Producer({ ...target, ...options, instanceName: unique('beside') });
    const queues = await producer.queues(topic);
    assert.equal(queues.length, 2 * QUEUES, 'both brokers are in the route');
    await using admin = new Admin(target);
    for (const index of range(MESSAGES)) {
      const receipt = await producer.send({ topic, body: `m${index}` });
      assert.equal(receipt.status, 'ok');
      assert.notEqual(receipt.queue.brokerName, lame.name);
      const stored = await admin.viewMessage(receipt.offsetMessageId);
      assert.equal(stored.text(), `m${index}`);
      assert.equal(stored.messageId, receipt.messageId);
    }
    return lame.attempts;
  } finally {
    await lame.stop();
  }
}

/** A failed send skips the other queues of that broker: at least one of nine goes there first. */
const ATTEMPTS_MIN: number = MESSAGES / 9;

async function anotherBroker(target: Target): Promise<void> {
  const attempts = await sendBeside(target, 'busy');
  assert.ok(attempts >= ATTEMPTS_MIN, `tried ${attempts} times`);
}

async function brokenConnection(target: Target): Promise<void> {
  const attempts = await sendBeside(target, 'hang-up');
  assert.ok(attempts >= ATTEMPTS_MIN, `tried ${attempts} times`);
}

async function keepAway(target: Target): Promise<void> {
  // Only failures count, for ever: a slow machine is no reason to keep away from the good one.
  const latencyFaultTolerance = [{ latencyMs: 10_000, isolationMs: 600_000 }];
  const attempts = await sendBeside(target, 'busy', { latencyFaultTolerance });
  assert.ok(attempts <= 2, `isolated after a failure, but tried ${attempts} times`);
}

async function noRetry(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'no-retry', 1);
  const lame = new LameBroker(target, 'busy');
  await lame.start(topic, 1);
  try {
    await using producer = new Producer(target);
    const queue = { topic, brokerName: lame.name, queueId: 0 };
    const refused = { code: 'RESPONSE', responseCode: 1, retryable: true };
    await assert.rejects(producer.send({ topic, body: 'x' }, { queue }), refused);
    assert.equal(lame.attempts, 1, 'a queue that was asked for has no other broker');
  } finally {
    await lame.stop();
  }
}

async function helpfulErrors(target: Target): Promise<void> {
  await using lost = new Producer({ namesrv: '127.0.0.1:1' });
  await assert.rejects(lost.start(), {
    code: 'CONNECT',
    message: /No name server answers, tried 127\.0\.0\.1:1 .*ECONNREFUSED.* Is it running/,
  });
  await using admin = new Admin(target);
  await assert.rejects(admin.queues(unique('nowhere')), { code: 'NO_ROUTE', retryable: true });
  await assert.rejects(admin.createTopic({ topic: unique('x'), cluster: 'Nowhere' }), {
    code: 'NO_ROUTE',
    message: /no master in cluster Nowhere/,
  });
}

/** Brokers and name servers in trouble. */
export const failoverScenarios: readonly Scenario[] = [
  { name: 'sends to another broker when one refuses', run: anotherBroker },
  { name: 'sends to another broker when a connection breaks', run: brokenConnection },
  { name: 'keeps away from a bad broker with latency fault tolerance', run: keepAway },
  { name: 'does not try another queue than the one asked for', run: noRetry },
  { name: 'says what is wrong and what to do', run: helpfulErrors },
];
