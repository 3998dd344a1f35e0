import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeDirectResult } from '../../src/api/direct-result.ts';
import { encodeGroupOffsets } from '../../src/api/group-offsets.ts';
import { decodeResetOffsets } from '../../src/api/reset-offsets.ts';
import { encodeRunningInfo } from '../../src/api/running-info.ts';
import type { ConsumerMember } from '../../src/consumer/consumer-member.ts';
import { tagSubscription } from '../../src/consumer/subscription.ts';

const queue = { topic: 'T', brokerName: 'b', queueId: 3 };

test('offsets to reset come as a map with queues as keys, or as a list', () => {
  const map = '{"offsetTable":{{"brokerName":"b","queueId":3,"topic":"T"}:12}}';
  const list = '{"offsetTable":[{"brokerName":"b","queueId":3,"topic":"T","offset":12}]}';
  for (const text of [map, list]) {
    assert.deepEqual(decodeResetOffsets(Buffer.from(text)), [{ queue, offset: 12 }]);
  }
  assert.throws(() => decodeResetOffsets(Buffer.from('{"offsetTable":7}')));
  assert.throws(() => decodeResetOffsets(Buffer.from('no json')));
});

test('a group tells its offsets with queues as keys', () => {
  assert.equal(
    encodeGroupOffsets([{ queue, offset: 12 }]).toString(),
    '{"consumerTable":{},"messageQueueTable":{{"brokerName":"b","queueId":3,"topic":"T"}:12}}',
  );
});

test('a direct consumption tells how it went', () => {
  const result = { result: 'CR_SUCCESS', remark: undefined, spentMs: 4, ordered: false } as const;
  assert.deepEqual(JSON.parse(encodeDirectResult(result).toString()), {
    autoCommit: true,
    consumeResult: 'CR_SUCCESS',
    order: false,
    spentTimeMills: 4,
  });
});

test('running info has the spelling of the protocol', () => {
  const none = (): never => assert.fail('not asked for');
  const member: ConsumerMember = {
    group: 'G',
    kind: 'push',
    broadcasting: false,
    consumeFrom: 'last',
    subscriptions: () => [tagSubscription('T', 'a', 5)],
    membersChanged: none,
    routeChanged: none,
    resetOffsets: none,
    offsetsOf: none,
    consumeDirectly: none,
    runningInfo: () => ({
      properties: new Map([['PROP_CONSUMEORDERLY', 'false']]),
      queues: [
        {
          queue,
          commitOffset: 7,
          cachedMinOffset: 7,
          cachedMaxOffset: 9,
          cachedCount: 3,
          cachedBytes: 3 * 1024 * 1024,
          locked: true,
          dropped: false,
          lastPullAtMs: 1,
          lastDeliveryAtMs: 2,
        },
      ],
      topics: new Map(),
    }),
  };
  const text = encodeRunningInfo(member).toString();
  assert.match(text, /"mqTable":\{\{"brokerName":"b","queueId":3,"topic":"T"\}:\{/);
  assert.match(text, /"cachedMsgSizeInMiB":3/);
  assert.match(text, /"droped":false/);
  assert.match(text, /"subString":"a"/);
});
