import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, MqErrorCode, realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import type { StoredMessage } from '@skylarkmq/message';
import type { CachedMessage } from '../../src/consumer/process-queue.ts';
import { PopEngine } from '../../src/push/pop-engine.ts';
import {
  type PushConsumerOptions,
  resolvePushOptions,
} from '../../src/push/push-consumer-options.ts';
import { FakePopNetwork, popped } from '../fake/pop-lab.ts';

const BASE: PushConsumerOptions = {
  ...{ namesrv: '127.0.0.1:1', group: 'G', subscriptions: 'T', mode: 'pop' },
};

/** An engine that pops lite topics. */
class Lab {
  readonly time = new VirtualTime(realScheduler);
  readonly network = new FakePopNetwork();
  readonly buried: StoredMessage[] = [];
  buryFailure: MqError | undefined;
  readonly steps: string[] = [];
  readonly engine: PopEngine;

  constructor(more: Partial<PushConsumerOptions> = {}) {
    this.engine = new PopEngine({
      ...{ clock: this.time, scheduler: this.time, logger: silentLogger, network: this.network },
      clientId: 'me',
      options: resolvePushOptions({ ...BASE, ...more }, 1),
      assigned: (topic) => Promise.resolve([{ topic, brokerName: 'a', queueId: -1 }]),
      heartbeat: () => Promise.resolve(),
      bury: (message) => {
        if (this.buryFailure !== undefined) return Promise.reject(this.buryFailure);
        this.buried.push(message);
        return Promise.resolve();
      },
      lite: {
        leave: () => {
          this.steps.push('left');
          return Promise.resolve();
        },
      },
    });
  }

  /** Starts with so many messages of a lite topic at the broker. */
  async start(counts: Readonly<Record<string, number>>): Promise<void> {
    for (const [liteTopic, count] of Object.entries(counts)) {
      for (let offset = 0; offset < count; offset++) {
        this.network.arrive(popped('a', offset, { liteTopic }));
      }
    }
    this.engine.start();
    await this.time.advance(0);
  }

  /** What can be taken right now. */
  async take(): Promise<CachedMessage | undefined> {
    const stop = new AbortController();
    const taken = this.engine.line.take(1, stop.signal);
    stop.abort();
    return (await taken)[0];
  }

  async taken(): Promise<CachedMessage> {
    const entry = await this.take();
    assert.ok(entry !== undefined, 'a message');
    return entry;
  }
}

function offsetOf({ message }: CachedMessage): number {
  return message.queueOffset;
}

test('a lite topic gives one message at a time, and does not hold up another', async () => {
  const lab = new Lab();
  await lab.start({ a: 2, b: 1 });
  const first = await lab.taken();
  const other = await lab.taken();
  assert.deepEqual([offsetOf(first), offsetOf(other)], [0, 0]);
  assert.equal(await lab.take(), undefined, 'one of a is out, b has no more');
  await lab.engine.settlement.ack(first);
  const second = await lab.taken();
  assert.equal(offsetOf(second), 1);
  for (const entry of [second, other]) await lab.engine.settlement.ack(entry);
  await lab.engine.stop(() => assert.fail('nothing is out'));
  assert.equal(lab.network.acked.length, 3);
  assert.deepEqual(lab.steps, ['left']);
});

test('a message that failed comes again first, and is buried in the end', async () => {
  const lab = new Lab({ maxReconsumeTimes: 1, orderedRetryMs: 700 });
  await lab.start({ a: 2 });
  await lab.engine.settlement.retry(await lab.taken(), {});
  assert.equal(await lab.take(), undefined, 'it waits, and so does what is behind it');
  await lab.time.advance(700);
  const again = await lab.taken();
  assert.deepEqual([offsetOf(again), again.reconsumeTimes], [0, 1]);
  lab.buryFailure = new MqError(MqErrorCode.Connect, 'down');
  await lab.engine.settlement.retry(again, {});
  assert.equal(await lab.take(), undefined, 'it is not buried');
  lab.buryFailure = undefined;
  await lab.time.advance(700);
  await lab.engine.settlement.retry(await lab.taken(), {});
  assert.equal(lab.buried.length, 1);
  const next = await lab.taken();
  assert.equal(offsetOf(next), 1);
  await lab.engine.settlement.ack(next);
  await lab.engine.stop(() => assert.fail('nothing is out'));
  assert.equal(lab.network.acked.length, 2);
});

test('what waits behind a slow handler is held as well', async () => {
  const lab = new Lab({ popInvisibleMs: 8_000, consumeTimeoutMs: 60_000 });
  await lab.start({ a: 2 });
  const slow = await lab.taken();
  await lab.time.advance(20_000);
  const renewed = lab.network.changed.map(([{ handle }]) => handle.queueOffset);
  assert.deepEqual(renewed.slice(0, 2), [0, 1]);
  await lab.engine.settlement.ack(slow);
  const next = await lab.taken();
  assert.equal(offsetOf(next), 1, 'it is still ours');
  await lab.engine.settlement.ack(next);
  await lab.engine.stop(() => assert.fail('nothing is out'));
});

test('nothing is held for a handler that hangs, and then it is dropped', async () => {
  const lab = new Lab({ popInvisibleMs: 8_000, consumeTimeoutMs: 10_000, drainTimeoutMs: 1 });
  await lab.start({ a: 2 });
  const hanging = await lab.taken();
  await lab.time.advance(60_000);
  const renewals = lab.network.changed.length;
  await lab.time.advance(60_000);
  assert.equal(lab.network.changed.length, renewals);
  await lab.engine.settlement.ack(hanging);
  assert.equal(await lab.take(), undefined, 'the group has it again');
  await lab.engine.stop(() => assert.fail('nothing is out'));
});

test('what waits of a lite topic that was left is given back, and of no other', async () => {
  const lab = new Lab();
  await lab.start({ a: 3, b: 2 });
  const first = await lab.taken();
  await lab.engine.giveBackLite('a');
  const givenBack = lab.network.changed.map(([one]) => `${one.liteTopic}${one.handle.queueOffset}`);
  assert.deepEqual(givenBack, ['a1', 'a2']);
  await lab.engine.settlement.ack(first);
  const other = await lab.taken();
  await lab.engine.settlement.ack(other);
  await lab.engine.stop(() => assert.fail('nothing is out'));
  assert.equal(lab.network.acked.length, 2);
  assert.equal(lab.network.changed.length, 3, 'the rest of b at the end');
});
