import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageQueue } from '@skylarkmq/message';
import { allocateForPop, allocateQueues } from '../../src/assignment/allocate-queues.ts';

function queuesOf(count: number): MessageQueue[] {
  return Array.from({ length: count }, (_, queueId) => ({ topic: 'T', brokerName: 'b', queueId }));
}

function ids(queues: readonly MessageQueue[] | undefined): number[] | undefined {
  return queues?.map((queue) => queue.queueId);
}

test('queues are shared out as by the clients', () => {
  const sharing = { clientIds: ['a', 'b', 'c'], queues: queuesOf(8) };
  assert.deepEqual(ids(allocateQueues('AVG', { ...sharing, clientId: 'a' })), [0, 1, 2]);
  assert.deepEqual(ids(allocateQueues('AVG', { ...sharing, clientId: 'c' })), [6, 7]);
  assert.deepEqual(ids(allocateQueues('AVG_BY_CIRCLE', { ...sharing, clientId: 'b' })), [1, 4, 7]);
  assert.deepEqual(ids(allocateQueues('AVG', { ...sharing, clientId: 'x' })), []);
  assert.equal(allocateQueues('OTHER', { ...sharing, clientId: 'a' }), undefined);
});

test('everybody pops from all queues unless few share each', () => {
  const sharing = { clientId: 'a', clientIds: ['a', 'b', 'c', 'd'], queues: queuesOf(8) };
  assert.deepEqual(ids(allocateForPop('AVG', sharing, 0)), [-1]);
  assert.deepEqual(ids(allocateForPop('AVG', sharing, 3)), [-1]);
  assert.deepEqual(ids(allocateForPop('AVG', sharing, 1)), [0, 1, 2, 3]);
  const many = { ...sharing, queues: queuesOf(2), clientId: 'c' };
  assert.deepEqual(ids(allocateForPop('AVG', many, 1)), [0]);
});
