import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realClock } from '@skylarkmq/base';
import { DeliveryLine } from '../../src/consumer/delivery-line.ts';
import { type CachedMessage, ProcessQueue } from '../../src/consumer/process-queue.ts';
import { queuesOf, storedMessage } from '../fake/queues.ts';

function queueWith(queueId: number, count: number): ProcessQueue {
  const queue = { topic: 'T', brokerName: 'b', queueId };
  const processQueue = new ProcessQueue(queue);
  processQueue.put(Array.from({ length: count }, (_, offset) => storedMessage(queue, offset)));
  return processQueue;
}

const names = (batch: readonly CachedMessage[]): string[] =>
  batch.map(({ message }) => `${message.queueId}:${message.queueOffset}`);

test('queues take turns', async () => {
  const line = new DeliveryLine(realClock, () => true);
  line.ready(queueWith(0, 3));
  line.ready(queueWith(1, 2));
  const got: string[] = [];
  for (let i = 0; i < 5; i++) got.push(...names(await line.take(1)));
  assert.deepEqual(got, ['0:0', '1:0', '0:1', '1:1', '0:2']);
});

test('a batch comes from one queue', async () => {
  const line = new DeliveryLine(realClock, () => true);
  line.ready(queueWith(0, 3));
  line.ready(queueWith(1, 2));
  assert.deepEqual(names(await line.take(10)), ['0:0', '0:1', '0:2']);
  assert.deepEqual(names(await line.take(10)), ['1:0', '1:1']);
});

test('who waits is served in order as soon as something is there', async () => {
  const line = new DeliveryLine(realClock, () => true);
  const first = line.take(1);
  const second = line.take(1);
  line.ready(queueWith(4, 2));
  assert.deepEqual(names(await first), ['4:0']);
  assert.deepEqual(names(await second), ['4:1']);
});

test('the gate keeps a queue back until it opens', async () => {
  let open = false;
  const line = new DeliveryLine(realClock, () => open);
  const processQueue = queueWith(0, 1);
  line.ready(processQueue);
  const waiting = line.take(1);
  open = true;
  line.ready(processQueue);
  assert.deepEqual(names(await waiting), ['0:0']);
});

test('an abort and a close end the wait with nothing', async () => {
  const line = new DeliveryLine(realClock, () => true);
  const abort = new AbortController();
  const aborted = line.take(1, abort.signal);
  const closed = line.take(1);
  abort.abort();
  assert.deepEqual(await aborted, []);
  line.close();
  assert.deepEqual(await closed, []);
  line.ready(queueWith(0, 1));
  assert.deepEqual(await line.take(1), []);
});

test('a dropped queue delivers nothing', async () => {
  const line = new DeliveryLine(realClock, () => true);
  const dropped = queueWith(0, 1);
  line.ready(dropped);
  line.ready(queueWith(1, 1));
  dropped.dropped = true;
  assert.deepEqual(names(await line.take(1)), ['1:0']);
  assert.equal(queuesOf('T', ['b'], 1).length, 1);
});
