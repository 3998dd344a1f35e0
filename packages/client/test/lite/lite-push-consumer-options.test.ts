import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqErrorCode } from '@skylarkmq/base';
import { LitePushConsumer, type LitePushConsumerOptions } from '../../src/index.ts';
import { offsetOptionOf, pushOptionsOf } from '../../src/lite/lite-push-consumer-options.ts';

const BASE: LitePushConsumerOptions = { namesrv: '127.0.0.1:1', group: 'G', topic: 'Chats' };
const ILLEGAL = { code: MqErrorCode.InvalidArgument };

test('no two consumers have one client id', () => {
  const names = [BASE, BASE, { ...BASE, instanceName: 'me' }].map(
    (options) => pushOptionsOf(options).instanceName,
  );
  assert.equal(new Set(names).size, 3);
  assert.equal(names[2], 'me-G');
});

test('where to begin, as brokers are told', () => {
  assert.equal(offsetOptionOf(undefined), undefined);
  assert.deepEqual(offsetOptionOf('first'), { type: 'POLICY', value: 1 });
  assert.deepEqual(offsetOptionOf('last'), { type: 'POLICY', value: 2 });
  assert.deepEqual(offsetOptionOf({ offset: 7 }), { type: 'OFFSET', value: 7 });
  assert.deepEqual(offsetOptionOf({ tail: 3 }), { type: 'TAIL_N', value: 3 });
  assert.deepEqual(offsetOptionOf({ timestampMs: 9 }), { type: 'TIMESTAMP', value: 9 });
  assert.throws(() => offsetOptionOf({ offset: -1 }), ILLEGAL);
});

test('options and names that cannot be are refused', async () => {
  const wrong: Partial<LitePushConsumerOptions>[] = [
    { group: '' },
    { topic: 'a b' },
    { liteTopicsMax: 0 },
    { serialization: 'binary' },
    { popInvisibleMs: 1 },
  ];
  for (const more of wrong) {
    assert.throws(() => new LitePushConsumer({ ...BASE, ...more }), ILLEGAL);
  }
  await using consumer = new LitePushConsumer(BASE);
  for (const name of ['', 'a b', 'ü', 'x'.repeat(65)]) {
    await assert.rejects(consumer.subscribeLite(name), ILLEGAL);
    await assert.rejects(consumer.unsubscribeLite(name), ILLEGAL);
  }
  await consumer.unsubscribeLite('never-there');
  assert.deepEqual(consumer.liteTopics, []);
  await consumer.close();
  await assert.rejects(consumer.subscribeLite('l1'), { code: MqErrorCode.Closed });
});
