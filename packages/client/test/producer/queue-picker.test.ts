import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, realScheduler, VirtualTime } from '@skylarkmq/base';
import { LatencyFault } from '../../src/producer/latency-fault.ts';
import { QueuePicker } from '../../src/producer/queue-picker.ts';
import { queueAtRandom, queueByHash, queueIndexByHash } from '../../src/producer/queue-selector.ts';
import { queuesOf } from '../fake/queues.ts';

const queues = queuesOf('T', ['a', 'b'], 4);

test('queues are taken in turn', () => {
  const picker = new QueuePicker(createPrng(7));
  const first = Array.from({ length: 8 }, () => picker.pick(queues, undefined, undefined));
  assert.equal(new Set(first).size, 8);
});

test('a retry goes to another broker, if there is one', () => {
  const picker = new QueuePicker(createPrng(7));
  for (let round = 0; round < 20; round++) {
    assert.equal(picker.pick(queues, 'a', undefined)?.brokerName, 'b');
  }
  const only = queuesOf('T', ['a'], 2);
  assert.equal(picker.pick(only, 'a', undefined)?.brokerName, 'a');
});

test('slow brokers are avoided, unreachable ones even more', () => {
  const faults = new LatencyFault(new VirtualTime(realScheduler));
  const three = queuesOf('T', ['a', 'b', 'c'], 2);
  const picker = new QueuePicker(createPrng(3));
  faults.answered('a', 4_000);
  for (let round = 0; round < 12; round++) {
    assert.notEqual(picker.pick(three, undefined, faults)?.brokerName, 'a');
  }
  faults.failed('b', 1, false);
  faults.failed('c', 1, false);
  for (let round = 0; round < 12; round++) {
    assert.equal(picker.pick(three, undefined, faults)?.brokerName, 'a');
  }
});

test('a key takes the queue that Java takes', () => {
  // "order-1".hashCode() is -1207111310, "Aa" and "BB" are 2112, "" is 0.
  assert.equal(queueIndexByHash('Aa', 7), 2112 % 7);
  assert.equal(queueIndexByHash('BB', 7), queueIndexByHash('Aa', 7));
  assert.equal(queueIndexByHash('order-1', 4), 1207111310 % 4);
  assert.equal(queueIndexByHash('', 4), 0);
  assert.equal(queueByHash('Aa')(queues), queues[0]);
  assert.ok(
    queues.includes(
      queueAtRandom(createPrng(1))(queues) ?? { topic: '', brokerName: '', queueId: 0 },
    ),
  );
});
