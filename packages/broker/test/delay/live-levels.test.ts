/** messageDelayLevel can be changed while the broker runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueryMessage, RequestCode } from '@skylarkmq/wire';
import { startAdminBroker } from '../admin-broker.ts';

test('later messages wait as the new levels say, those that wait keep their time', async (t) => {
  const broker = await startAdminBroker(t);
  await broker.makeTopic('T');
  const startMs = broker.time.nowMs();
  const change = async (levels: string): Promise<void> => {
    const body = `messageDelayLevel=${levels}`;
    const answer = await broker.ask(RequestCode.UpdateBrokerConfig, {}, body);
    assert.equal(answer.code, 0, answer.remark ?? '');
  };
  const storedMs = async (key: string): Promise<number[]> => {
    const query = { topic: 'T', key, maxNum: 8, beginTimestamp: 0, endTimestamp: startMs * 2 };
    const { body } = await broker.ask(QueryMessage.code, query);
    // The store time of the one record that has the key.
    return body === null ? [] : [Number(body.readBigInt64BE(56)) - startMs];
  };
  await broker.send('T', 'a', { DELAY: '3', KEYS: 'a' });
  await broker.send('T', 'b', { DELAY: '4', KEYS: 'b' });
  await change('1s 2s 3s 40s 5s');
  await broker.send('T', 'c', { DELAY: '2', KEYS: 'c' });
  await broker.send('T', 'd', { DELAY: '4', KEYS: 'd' });
  await broker.send('T', 'e', { DELAY: '9', KEYS: 'e' });
  await change('1s 2s 3s 4s 5s 60s');
  await broker.send('T', 'f', { DELAY: '6', KEYS: 'f' });
  for (let seconds = 0; seconds < 61; seconds++) await broker.time.advance(1000);
  assert.deepEqual(await storedMs('a'), [10_000]);
  assert.deepEqual(await storedMs('b'), [30_000]);
  assert.deepEqual(await storedMs('c'), [2000]);
  assert.deepEqual(await storedMs('d'), [40_000]);
  assert.deepEqual(await storedMs('e'), [5000]);
  assert.deepEqual(await storedMs('f'), [60_000]);
  const wrong = await broker.ask(RequestCode.UpdateBrokerConfig, {}, 'messageDelayLevel=1s 5x');
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.remark ?? '', /5x/);
});
