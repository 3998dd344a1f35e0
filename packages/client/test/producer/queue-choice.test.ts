import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng } from '@skylarkmq/base';
import { QueueChoice } from '../../src/producer/queue-choice.ts';
import { queueByHash } from '../../src/producer/queue-selector.ts';
import type { TopicRoute } from '../../src/route/topic-route.ts';
import { queuesOf } from '../fake/queues.ts';

const writable = queuesOf('T', ['a', 'b'], 2);
const route: TopicRoute = { topic: 'T', writable, readable: writable, brokers: new Map() };
const choice = new QueueChoice(createPrng(1), undefined);

test('a queue that is named is taken, then a selector, then the key; else none is fixed', () => {
  const plain = { topic: 'T', shardingKey: undefined };
  const keyed = { topic: 'T', shardingKey: 'k' };
  const queue = { topic: 'other', brokerName: 'x', queueId: 9 };
  assert.deepEqual(choice.fixed(keyed, route, { queue }), { ...queue, topic: 'T' });
  const last = choice.fixed(keyed, route, { selector: (queues) => queues.at(-1) });
  assert.deepEqual(last, writable[3]);
  assert.deepEqual(choice.fixed(keyed, route, {}), queueByHash('k')(writable));
  assert.equal(choice.fixed(plain, route, {}), undefined);
  const none = { selector: () => undefined };
  assert.throws(() => choice.fixed(plain, route, none), { code: 'INVALID_ARGUMENT' });
});

test('queues take turns, topic by topic, away from the broker that failed', () => {
  const picked = new Set(Array.from({ length: 4 }, () => choice.pick(route, undefined, 'T')));
  assert.equal(picked.size, 4);
  for (let turn = 0; turn < 4; turn++) {
    assert.equal(choice.pick(route, 'a', 'U').brokerName, 'b');
  }
  const empty: TopicRoute = { ...route, writable: [] };
  assert.throws(() => choice.pick(empty, undefined, 'V'), { code: 'NO_ROUTE' });
});
