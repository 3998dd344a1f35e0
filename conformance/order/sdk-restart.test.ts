/** Order by key and in a whole topic, while the broker goes down and comes back: with our SDK. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { MqError, Producer, PushConsumer } from '@skylarkmq/client';
import { makeTopic, pause, range, type Target, unique, until } from '../sdk/scenario.ts';
import { OrderLedger } from './order-ledger.ts';
import { type Down, RestartingBroker } from './restarting-broker.ts';

const DOWNS: readonly Down[] = ['stop', 'kill'];
/** Steps of each key that come between two restarts, at least. */
const STEPS = 60;
const LIMIT_MS = 240_000;

interface Case {
  readonly name: string;
  readonly queues: number;
  readonly keys: readonly string[];
}

const CASES: readonly Case[] = [
  { name: 'the order of each key', queues: 4, keys: range(8).map((index) => `key-${index}`) },
  { name: 'the order of a whole topic', queues: 1, keys: ['all'] },
];

/** Sends the next step of a key until it is acknowledged; so nothing is sent before it is there. */
async function sendStep(producer: Producer, topic: string, key: string, step: number) {
  for (;;) {
    try {
      await producer.send({ topic, body: `${key}/${step}`, shardingKey: key });
      return;
    } catch (error) {
      assert.ok(error instanceof MqError && error.retryable, String(error));
      await pause(50);
    }
  }
}

suite('order through a restart of the broker, with the SDK', () => {
  let broker: RestartingBroker;
  before(async () => {
    broker = await RestartingBroker.start();
  });
  after(() => broker?.close());

  async function run({ queues, keys }: Case): Promise<void> {
    const target: Target = { namesrv: broker.namesrv };
    const topic = await makeTopic(target, 'order-restart', queues);
    const ledger = new OrderLedger();
    const common = { ...target, group: unique('order-restart'), subscriptions: topic } as const;
    // Two members: a restart must not give a queue to both.
    const members = range(2).map(
      () => new PushConsumer({ ...common, consumeFrom: 'first', ordered: true }),
    );
    const running = members.map((member) => member.run((message) => ledger.note(message.text())));
    await using producer = new Producer({ ...target, sendTimeoutMs: 5000 });
    const reached = new Map(keys.map((key) => [key, -1]));
    let end = Number.POSITIVE_INFINITY;
    const sending = keys.map(async (key) => {
      for (let step = 0; step < end; step++) {
        await sendStep(producer, topic, key, step);
        reached.set(key, step);
        await pause(5);
      }
    });
    const least = (): number => Math.min(...reached.values());
    for (const down of DOWNS) {
      const [sent, came] = [least() + STEPS, ledger.count + STEPS];
      const isOn = (): boolean => least() >= sent && ledger.count >= came;
      await until(`messages before the ${down}`, isOn, LIMIT_MS);
      await broker.restart(down);
    }
    end = Math.max(...reached.values()) + STEPS;
    await Promise.all(sending);
    await until('all messages', () => ledger.has(keys, end - 1), LIMIT_MS);
    await Promise.all(members.map((member) => member.close()));
    await Promise.all(running);
    assert.deepEqual(ledger.broken, []);
  }

  for (const one of CASES) {
    test(`keeps ${one.name}`, { timeout: 4 * LIMIT_MS }, () => run(one));
  }
});
