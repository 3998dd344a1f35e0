import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqErrorCode, silentLogger } from '@skylarkmq/base';
import {
  decodeLiteSubscriptionChanges,
  type LiteOffsetOption,
  type Outgoing,
  ResponseCode,
} from '@skylarkmq/wire';
import { LiteSubscriptions } from '../../src/lite/lite-subscriptions.ts';
import { RecordingRequester } from '../fake/recording-requester.ts';

const MIN: LiteOffsetOption = { type: 'POLICY', value: 1 };

function lab(addresses: readonly string[], ...answers: readonly Outgoing[]) {
  const requester = new RecordingRequester(...answers);
  const subscriptions = new LiteSubscriptions({
    ...{ requester, logger: silentLogger, group: 'G', topic: 'Chats', max: 2 },
    addresses: () => Promise.resolve(addresses),
  });
  const told = (): string[] =>
    requester.made.flatMap(({ address, outgoing }) => {
      const changes = decodeLiteSubscriptionChanges(Buffer.from(outgoing.body ?? []));
      return changes.map((change) => {
        assert.deepEqual([change.group, change.topic], ['G', 'Chats']);
        assert.equal(change.clientId, requester.clientId);
        const from = change.offsetOption === undefined ? '' : ` ${change.offsetOption.type}`;
        return `${address} ${change.action} ${change.liteTopics.join()}${from}`;
      });
    });
  return { subscriptions, told };
}

test('every broker is told of what is added and removed, once', async () => {
  const { subscriptions, told } = lab(['a:1', 'b:1']);
  await subscriptions.add('l1', undefined);
  await subscriptions.add('l1', undefined);
  await subscriptions.add('l1', MIN);
  assert.equal(await subscriptions.remove('l1'), true);
  assert.equal(await subscriptions.remove('l1'), false);
  assert.deepEqual(told(), [
    'a:1 PARTIAL_ADD l1',
    'b:1 PARTIAL_ADD l1',
    'a:1 PARTIAL_ADD l1 POLICY',
    'b:1 PARTIAL_ADD l1 POLICY',
    'a:1 PARTIAL_REMOVE l1',
    'b:1 PARTIAL_REMOVE l1',
  ]);
});

test('what a broker refuses is not subscribed to; a quota is BUSY, there and here', async () => {
  const quota = { code: ResponseCode.LiteSubscriptionQuotaExceeded, remark: 'quota exceeded' };
  const refused = { code: ResponseCode.IllegalOperation, remark: 'no' };
  const { subscriptions } = lab(['a:1'], quota, refused);
  await assert.rejects(subscriptions.add('l1', undefined), {
    code: MqErrorCode.Busy,
    responseCode: ResponseCode.LiteSubscriptionQuotaExceeded,
  });
  await assert.rejects(subscriptions.add('l1', undefined), { code: MqErrorCode.Response });
  assert.deepEqual(subscriptions.liteTopics, []);
  await subscriptions.add('l1', undefined);
  await subscriptions.add('l2', undefined);
  await assert.rejects(subscriptions.add('l3', undefined), { code: MqErrorCode.Busy });
  assert.deepEqual(subscriptions.liteTopics, ['l1', 'l2']);
  await assert.rejects(lab([]).subscriptions.add('l1', undefined), { code: MqErrorCode.NoRoute });
});

test('a broker that has the topic is told of everything, until the end', async () => {
  const { subscriptions, told } = lab(['a:1']);
  // A list must not be made before a change and arrive behind it.
  await Promise.all([subscriptions.add('l1', undefined), subscriptions.announce('a:1')]);
  await subscriptions.announce('other:1');
  await subscriptions.add('l2', undefined);
  assert.equal(subscriptions.lost('l1'), true);
  assert.equal(subscriptions.lost('l1'), false);
  await subscriptions.announce('a:1');
  await subscriptions.leave();
  await subscriptions.announce('a:1');
  assert.deepEqual(told(), [
    'a:1 PARTIAL_ADD l1',
    'a:1 COMPLETE_ADD l1',
    'a:1 PARTIAL_ADD l2',
    'a:1 COMPLETE_ADD l2',
    'a:1 COMPLETE_REMOVE ',
  ]);
});

test('only what may pass makes an announcement fail', async () => {
  const busy = { code: ResponseCode.SystemBusy, remark: 'busy' };
  const refused = { code: ResponseCode.IllegalOperation, remark: 'no' };
  const { subscriptions } = lab(['a:1'], busy, refused, busy);
  await assert.rejects(subscriptions.announce('a:1'), { retryable: true });
  await subscriptions.announce('a:1');
  await subscriptions.leave();
});
