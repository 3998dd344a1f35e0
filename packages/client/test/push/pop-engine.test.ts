import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { CachedMessage } from '../../src/consumer/process-queue.ts';
import {
  type PushConsumerOptions,
  resolvePushOptions,
} from '../../src/push/push-consumer-options.ts';
import { POP_OPTIONS, PopEngineLab, popped } from '../fake/pop-lab.ts';

class Lab extends PopEngineLab {
  constructor(more: Partial<PushConsumerOptions> = {}) {
    super(more);
  }

  /** Starts with so many messages at the broker. */
  async start(count: number, reconsumeTimes = 0): Promise<void> {
    const offsets = Array.from({ length: count }, (_, offset) => offset);
    await this.startWith(offsets.map((offset) => popped('a', offset, { reconsumeTimes })));
  }

  async take(): Promise<CachedMessage> {
    const [entry] = await this.engine.line.take(1);
    assert.ok(entry !== undefined, 'a message');
    return entry;
  }
}

test('acknowledgements of one moment go together', async () => {
  const lab = new Lab();
  await lab.start(3);
  for (let times = 0; times < 3; times++) {
    const entry = await lab.take();
    assert.equal(lab.engine.visibleTopic(entry.message), 'T');
    await lab.engine.settlement.ack(entry);
    await lab.engine.settlement.ack(entry);
  }
  await lab.engine.settlement.idle();
  assert.equal(lab.network.acked.length, 3);
  await lab.engine.stop(() => assert.fail('nothing is out'));
});

test('a failed message is held until its retry: the back-off, a delay, a level', async () => {
  const lab = new Lab();
  await lab.start(4, 2);
  const { settlement } = lab.engine;
  await settlement.retry(await lab.take(), {});
  await settlement.retry(await lab.take(), { delayMs: 700 });
  await settlement.retry(await lab.take(), { delayLevel: 5 });
  const times = lab.network.changed.map(([, invisibleMs]) => invisibleMs);
  assert.deepEqual(times, [60_000, 700, 60_000]);
  assert.equal(lab.network.acked.length, 0);
  await settlement.ack(await lab.take());
  await lab.engine.stop(() => {});
});

test('a message without hope is a dead letter, then done; else it comes again', async () => {
  const lab = new Lab({ maxReconsumeTimes: 1 });
  await lab.start(3, 1);
  const { settlement } = lab.engine;
  await settlement.retry(await lab.take(), {});
  await settlement.reject(await lab.take());
  await settlement.idle();
  assert.equal(lab.buried.length, 2);
  assert.equal(lab.network.acked.length, 2);
  lab.buryFailure = new MqError(MqErrorCode.Connect, 'down');
  await settlement.reject(await lab.take());
  await settlement.idle();
  assert.equal(lab.network.acked.length, 2, 'it is neither buried nor acknowledged');
  await lab.engine.stop(() => {});
});

test('no more is taken while too much is not settled', async () => {
  const lab = new Lab({ popUnsettledMax: 3, popBatchSize: 2 });
  await lab.start(10);
  const [loop] = lab.engine.loops();
  assert.equal(loop?.unsettled, 4);
  assert.equal(lab.network.pops.length, 2);
  await lab.engine.settlement.ack(await lab.take());
  await lab.time.advance(0);
  assert.equal(loop?.unsettled, 5, 'there was room for one more batch');
  lab.engine.pause();
  await lab.engine.stop(() => {});
});

test('what lay here for too long is not handed out', async () => {
  const lab = new Lab({ popInvisibleMs: 5_000 });
  await lab.start(2);
  const first = await lab.take();
  await lab.engine.settlement.ack(first);
  await lab.time.advance(5_000);
  const stop = new AbortController();
  const waiting = lab.engine.line.take(1, stop.signal);
  stop.abort();
  assert.deepEqual(await waiting, []);
  assert.equal(lab.engine.loops()[0]?.unsettled, 0);
  await lab.engine.stop(() => {});
});

test('at the end the rest is given back and what is out is waited for', async () => {
  const lab = new Lab({ drainTimeoutMs: 1_000 });
  await lab.start(3);
  const entry = await lab.take();
  let impatient = 0;
  const stopped = lab.engine.stop(() => {
    impatient++;
  });
  await lab.time.advance(500);
  assert.deepEqual(
    lab.network.changed.map(([one, invisibleMs]) => [one.handle.queueOffset, invisibleMs]),
    [
      [1, 1_000],
      [2, 1_000],
    ],
  );
  await lab.engine.settlement.ack(entry);
  await stopped;
  assert.equal(impatient, 0);
  assert.equal(lab.network.acked.length, 1);
  assert.equal(lab.network.waiting.length, 0);
  const late = new Lab({ drainTimeoutMs: 1_000 });
  await late.start(1);
  await late.take();
  const gone = late.engine.stop(() => {
    impatient++;
  });
  await late.time.advance(1_000);
  await gone;
  assert.equal(impatient, 1);
});

test('a message is held for longer while its handler is at work', async () => {
  const lab = new Lab({ popInvisibleMs: 8_000, consumeTimeoutMs: 60_000 });
  await lab.start(2);
  const slow = await lab.take();
  await lab.time.advance(20_000);
  const renewed = lab.network.changed.map(([one, ms]) => [one.handle.queueOffset, ms]);
  assert.equal(renewed.length, 5, 'with half of the time left');
  for (const one of renewed) assert.deepEqual(one, [0, 8_000]);
  await lab.engine.settlement.ack(slow);
  await lab.engine.settlement.idle();
  assert.equal(lab.network.acked.length, 1);
  assert.equal(lab.engine.loops()[0]?.unsettled, 0, 'what nobody took is out of date');
  await lab.time.advance(20_000);
  assert.equal(lab.network.changed.length, 5);
  await lab.engine.stop(() => assert.fail('nothing is out'));
});

test('a handler that hangs keeps its message no longer than consumeTimeoutMs', async () => {
  const lab = new Lab({ popInvisibleMs: 8_000, consumeTimeoutMs: 10_000, drainTimeoutMs: 1 });
  await lab.start(1);
  await lab.take();
  await lab.time.advance(60_000);
  assert.equal(lab.network.changed.length, 2);
  const stopped = lab.engine.stop(() => {});
  await lab.time.advance(1);
  await stopped;
});

test('without renewal nothing is renewed', async () => {
  const lab = new Lab({ popInvisibleMs: 8_000, popRenewal: false });
  await lab.start(1);
  const entry = await lab.take();
  await lab.time.advance(60_000);
  assert.equal(lab.network.changed.length, 0);
  await lab.engine.settlement.ack(entry);
  await lab.engine.stop(() => {});
});

test('a message is settled by the receipt of the renewal that is under way', async () => {
  const lab = new Lab({ popInvisibleMs: 8_000, maxReconsumeTimes: 1 });
  await lab.start(3);
  const entries = [await lab.take(), await lab.take(), await lab.take()];
  lab.network.holdChanges();
  await lab.time.advance(4_000);
  const [acked, retried, rejected] = entries;
  assert.ok(acked && retried && rejected);
  const { settlement } = lab.engine;
  const settled = [
    settlement.ack(acked),
    settlement.retry(retried, { delayMs: 700 }),
    settlement.reject(rejected),
  ];
  await lab.time.advance(0);
  assert.equal(lab.network.acked.length, 0, 'the old receipt is about to be void');
  lab.network.releaseChanges();
  await Promise.all(settled);
  await settlement.idle();
  assert.deepEqual(lab.network.acked.map(({ handle }) => handle.queueOffset).sort(), [0, 2]);
  assert.deepEqual(lab.network.changed.at(-1)?.[1], 700);
  await lab.engine.stop(() => {});
});

test('a renewal that fails is tried again while there is time', async () => {
  const lab = new Lab({ popInvisibleMs: 8_000 });
  await lab.start(1);
  const entry = await lab.take();
  lab.network.changeFailure = new MqError(MqErrorCode.Connect, 'down');
  await lab.time.advance(4_000);
  assert.equal(lab.network.changed.length, 0);
  lab.network.changeFailure = undefined;
  await lab.time.advance(2_000);
  assert.equal(lab.network.changed.length, 1);
  await lab.engine.settlement.ack(entry);
  await lab.engine.stop(() => {});
});

test('what popping cannot do is refused', () => {
  const wrong: Partial<PushConsumerOptions>[] = [
    { model: 'broadcasting' },
    { ordered: true },
    { consumeFrom: { timestampMs: 1 } },
    { serialization: 'binary' },
    { popInvisibleMs: 4_999 },
    { popBatchSize: 33 },
  ];
  for (const more of wrong) {
    const [name = ''] = Object.keys(more);
    assert.throws(() => resolvePushOptions({ ...POP_OPTIONS, ...more }, 1), {
      code: 'INVALID_ARGUMENT',
      message: new RegExp(`Option ${name} must be`),
    });
  }
});
