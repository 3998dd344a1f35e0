import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, jsonObject, parseFastjson } from '@skylarkmq/base';
import { staticQueues } from '../../src/route/static-queues.ts';
import { topicRouteOf } from '../../src/route/topic-route.ts';

function mapping(epoch: number, ids: string): JsonObject {
  return jsonObject(parseFastjson(`{"epoch":${epoch},"currIdMap":{${ids}}}`), 'mapping');
}

test('where two brokers claim a queue, the newer mapping is right', () => {
  const old = mapping(1, '0:0,1:1');
  const fresh = mapping(2, '1:4,2:0');
  for (const order of [
    [['broker-a', old] as const, ['broker-b', fresh] as const],
    [['broker-b', fresh] as const, ['broker-a', old] as const],
  ]) {
    const owners = [...staticQueues(new Map(order))].sort(([one], [other]) => one - other);
    assert.deepEqual(owners, [
      [0, 'broker-a'],
      [1, 'broker-b'],
      [2, 'broker-b'],
    ]);
  }
});

test('a static topic has its logical queues, at the brokers that take their messages', () => {
  const names = ['broker-a', 'broker-b'];
  const route = topicRouteOf('T', {
    queueDatas: names.map((brokerName) => ({
      brokerName,
      readQueueNums: 8,
      writeQueueNums: 8,
      perm: 6,
    })),
    brokerDatas: names.map((brokerName) => ({
      brokerName,
      cluster: 'c',
      brokerAddrs: new Map([[0, 'x:1']]),
    })),
    mappings: new Map([
      ['broker-a', mapping(1, '3:0')],
      ['broker-b', mapping(1, '0:5')],
    ]),
  });
  const expected = [
    { topic: 'T', brokerName: 'broker-a', queueId: 3 },
    { topic: 'T', brokerName: 'broker-b', queueId: 0 },
  ];
  assert.deepEqual(route.writable, expected);
  assert.deepEqual(route.readable, expected);
});
