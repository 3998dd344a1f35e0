import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type PushConsumerOptions,
  resolvePushOptions,
} from '../../src/push/push-consumer-options.ts';
import { QueueLimits } from '../../src/push/queue-limits.ts';

const MEBIBYTE = 1024 * 1024;

function limits(more: Partial<PushConsumerOptions>, held: () => number): QueueLimits {
  const base = { namesrv: '127.0.0.1:1', group: 'G', subscriptions: 'T' };
  return new QueueLimits(resolvePushOptions({ ...base, ...more }, 1), held);
}

test('a queue has its own limits, whatever its topic has', () => {
  const one = limits({}, () => 100).of({ topic: 'T' });
  assert.deepEqual(one, { countMax: 1_000, bytesMax: 100 * MEBIBYTE, spanMax: 2_000 });
  assert.equal(limits({ ordered: true }, () => 1).of({ topic: 'T' }).spanMax, Infinity);
});

test('the limits of a topic are shared by the queues that are held', () => {
  let held = 4;
  const shared = limits({ topicMessagesMax: 10_000, topicBytesMax: 8 * MEBIBYTE }, () => held);
  const { countMax, bytesMax } = shared.of({ topic: 'T' });
  assert.deepEqual([countMax, bytesMax], [2_500, 2 * MEBIBYTE]);
  held = 2;
  assert.equal(shared.of({ topic: 'T' }).countMax, 2_500, 'until somebody says so');
  shared.changed('T');
  assert.equal(shared.of({ topic: 'T' }).countMax, 5_000);
});

test('the smaller one counts where both are given, and one message always has room', () => {
  const both = limits({ topicMessagesMax: 10_000, queueMessagesMax: 50 }, () => 4);
  assert.equal(both.of({ topic: 'T' }).countMax, 50);
  assert.equal(limits({ topicMessagesMax: 3 }, () => 8).of({ topic: 'T' }).countMax, 1);
  assert.equal(limits({ topicMessagesMax: 3 }, () => 0).of({ topic: 'T' }).countMax, 3);
});

test('limits out of theirs are refused', () => {
  for (const wrong of [{ topicMessagesMax: 0 }, { topicBytesMax: -1 }, { topicMessagesMax: 1e9 }]) {
    assert.throws(() => limits(wrong, () => 1), { code: 'INVALID_ARGUMENT' });
  }
});
