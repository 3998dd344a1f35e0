import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeFromTemplate, topicRouteOf } from '../../src/route/topic-route.ts';

const PERM_RW = 6;

function part(brokerName: string, nums: number, perm = PERM_RW) {
  return { brokerName, readQueueNums: nums, writeQueueNums: nums, perm };
}

function broker(brokerName: string, ...ids: number[]) {
  const brokerAddrs = new Map(ids.map((id) => [id, `${brokerName}-${id}:1`]));
  return { brokerName, cluster: 'c', brokerAddrs };
}

function names(queues: readonly { brokerName: string; queueId: number }[]): string[] {
  return queues.map((queue) => `${queue.brokerName}${queue.queueId}`);
}

test('queues are sorted by broker; writing needs a master and the permission', () => {
  const route = topicRouteOf('T', {
    queueDatas: [part('b', 2), part('a', 1), part('slaves', 1), part('r', 1, 4), part('w', 1, 2)],
    brokerDatas: [
      broker('a', 0, 1),
      broker('b', 0),
      broker('slaves', 1),
      broker('r', 0),
      broker('w', 0),
    ],
  });
  assert.deepEqual(names(route.writable), ['a0', 'b0', 'b1', 'w0']);
  assert.deepEqual(names(route.readable), ['a0', 'b0', 'b1', 'r0', 'slaves0']);
});

test('an order configuration says itself where to write', () => {
  const route = topicRouteOf('T', {
    queueDatas: [part('a', 4)],
    brokerDatas: [broker('a', 0)],
    orderTopicConf: 'a:2;gone:1;rubbish',
  });
  assert.deepEqual(names(route.writable), ['a0', 'a1', 'gone0']);
});

test('a template gives a new topic as many queues as it may have', () => {
  const template = {
    queueDatas: [part('a', 8), part('b', 2)],
    brokerDatas: [broker('a', 0), broker('b', 0)],
  };
  const route = routeFromTemplate('New', template, 4);
  assert.deepEqual(names(route.writable), ['a0', 'a1', 'a2', 'a3', 'b0', 'b1']);
  assert.ok(route.writable.every((queue) => queue.topic === 'New'));
});
