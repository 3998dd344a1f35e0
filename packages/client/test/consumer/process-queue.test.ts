import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, randomSeed } from '@skylarkmq/base';
import { type CachedMessage, CachedState, ProcessQueue } from '../../src/consumer/process-queue.ts';
import { storedMessage } from '../fake/queues.ts';

const queue = { topic: 'T', brokerName: 'b', queueId: 0 };

function filled(offsets: readonly number[]): ProcessQueue {
  const processQueue = new ProcessQueue(queue);
  processQueue.put(offsets.map((offset) => storedMessage(queue, offset)));
  return processQueue;
}

function takeAll(processQueue: ProcessQueue): CachedMessage[] {
  const taken: CachedMessage[] = [];
  for (let entry = processQueue.take(1); entry !== undefined; entry = processQueue.take(1)) {
    taken.push(entry);
  }
  return taken;
}

test('the committable offset is the oldest unsettled message', () => {
  const processQueue = filled([5, 6, 9]);
  assert.equal(new ProcessQueue(queue).committableOffset, -1);
  assert.equal(processQueue.committableOffset, 5);
  const [first, second, third] = takeAll(processQueue);
  assert.ok(first && second && third);
  processQueue.settle(second);
  assert.equal(processQueue.committableOffset, 5);
  processQueue.settle(first);
  assert.equal(processQueue.committableOffset, 9);
  processQueue.settle(third);
  assert.equal(processQueue.committableOffset, 10);
  assert.deepEqual([processQueue.count, processQueue.bytes, processQueue.span], [0, 0, 0]);
});

test('count, bytes and span tell how much is cached', () => {
  const processQueue = filled([1, 2, 50]);
  assert.deepEqual([processQueue.count, processQueue.bytes, processQueue.span], [3, 300, 49]);
});

test('a message that is given back comes again first, in order, with its count', () => {
  const processQueue = filled([1, 2, 3, 4]);
  const [one, two] = [processQueue.take(1), processQueue.take(1)];
  assert.ok(one && two);
  processQueue.giveBack(two, 1);
  processQueue.giveBack(one, 1);
  const again = takeAll(processQueue);
  assert.deepEqual(
    again.map((entry) => entry.message.queueOffset),
    [1, 2, 3, 4],
  );
  assert.deepEqual(
    again.map((entry) => entry.reconsumeTimes),
    [1, 1, 0, 0],
  );
});

test('settling twice and giving back what is settled do nothing', () => {
  const processQueue = filled([1]);
  const [entry] = takeAll(processQueue);
  assert.ok(entry);
  assert.equal(processQueue.settle(entry), true);
  assert.equal(processQueue.settle(entry), false);
  processQueue.giveBack(entry);
  assert.equal(processQueue.hasWaiting, false);
  assert.equal(processQueue.deliveredCount, 0);
});

test('clearing forgets everything, also what is out', () => {
  const processQueue = filled([1, 2]);
  const entry = processQueue.take(1);
  assert.ok(entry);
  processQueue.clear();
  assert.equal(entry.state, CachedState.Settled);
  assert.equal(processQueue.settle(entry), false);
  assert.deepEqual([processQueue.count, processQueue.hasWaiting], [0, false]);
});

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`random puts, takes and settlements agree with a plain model (SEED=${seed})`, () => {
  const prng = createPrng(seed);
  const processQueue = new ProcessQueue(queue);
  const unsettled = new Set<number>();
  const out: CachedMessage[] = [];
  let next = 0;
  for (let step = 0; step < 3_000; step++) {
    const action = prng.below(4);
    if (action === 0) {
      const batch = Array.from({ length: prng.below(5) }, () => storedMessage(queue, next++));
      for (const message of batch) unsettled.add(message.queueOffset);
      processQueue.put(batch);
    } else if (action === 1) {
      const entry = processQueue.take(step);
      if (entry !== undefined) out.push(entry);
    } else if (out.length > 0) {
      const [entry] = out.splice(prng.below(out.length), 1);
      assert.ok(entry);
      if (action === 2) {
        processQueue.settle(entry);
        unsettled.delete(entry.message.queueOffset);
      } else {
        processQueue.giveBack(entry);
      }
    }
    const oldest = unsettled.size === 0 ? next : Math.min(...unsettled);
    const expected = next === 0 ? -1 : oldest;
    assert.equal(processQueue.committableOffset, expected, `seed ${seed}, step ${step}`);
    assert.equal(processQueue.count, unsettled.size, `seed ${seed}`);
    assert.equal(processQueue.deliveredCount, out.length, `seed ${seed}`);
  }
});
