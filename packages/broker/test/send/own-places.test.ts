import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topicConfig } from '@skylarkmq/wire';
import { placeByProperties } from '../../src/send/own-places.ts';

const TOPIC = topicConfig('T', 4, 6);

function queueOf(pairs: [string, string][]): number {
  return placeByProperties(new Map(pairs), TOPIC, 2).queueId;
}

test('a priority is the number of the queue, as far as there are queues', () => {
  assert.equal(queueOf([]), 2);
  assert.equal(queueOf([['_SYS_MSG_PRIORITY_', '0']]), 0);
  assert.equal(queueOf([['_SYS_MSG_PRIORITY_', '3']]), 3);
  assert.equal(queueOf([['_SYS_MSG_PRIORITY_', '100']]), 3);
  assert.equal(queueOf([['_SYS_MSG_PRIORITY_', '-1']]), 2);
  assert.equal(queueOf([['_SYS_MSG_PRIORITY_', 'high']]), 2);
});

test('messages of another type lose their priority', () => {
  for (const name of ['DELAY', 'TIMER_DELAY_MS', '__SHARDINGKEY', 'TRAN_MSG']) {
    const properties = new Map([
      ['_SYS_MSG_PRIORITY_', '3'],
      [name, '1'],
    ]);
    assert.equal(placeByProperties(properties, TOPIC, 2).queueId, 2);
    assert.equal(properties.has('_SYS_MSG_PRIORITY_'), false);
  }
});

test('a lite topic is a light queue of its parent', () => {
  const properties = new Map([['__LITE_TOPIC', 'chat-1']]);
  assert.deepEqual(placeByProperties(properties, TOPIC, 2), { topic: 'T', queueId: 2 });
  assert.equal(properties.get('INNER_MULTI_DISPATCH'), '%LMQ%$T$chat-1');
});
