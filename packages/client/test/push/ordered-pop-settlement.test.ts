import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { CachedMessage } from '../../src/consumer/process-queue.ts';
import type { PushConsumerOptions } from '../../src/push/push-consumer-options.ts';
import { PopEngineLab, popped } from '../fake/pop-lab.ts';

/** An engine that pops lite topics. */
class Lab extends PopEngineLab {
  readonly steps: string[];

  constructor(more: Partial<PushConsumerOptions> = {}) {
    const steps: string[] = [];
    const leave = (): Promise<void> => {
      steps.push('left');
      return Promise.resolve();
    };
    super(more, { lite: { leave } });
    this.steps = steps;
  }

  /** Starts with so many messages of a lite topic at the broker. */
  async start(counts: Readonly<Record<string, number>>): Promise<void> {
    const messages = Object.entries(counts).flatMap(([liteTopic, count]) =>
      Array.from({ length: count }, (_, offset) => popped('a', offset, { liteTopic })),
    );
    await this.startWith(messages);
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
