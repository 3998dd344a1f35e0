/** What queues hold, over a real connection. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GetEarliestMsgStoretime,
  GetMaxOffset,
  GetMinOffset,
  SearchOffsetByTimestamp,
} from '@skylarkmq/wire';
import { startDomains } from '../domains.ts';

test('begin, end, oldest message and the offset of a time', async () => {
  const broker = await startDomains();
  const firstMs = broker.time.nowMs();
  for (let index = 0; index < 5; index++) {
    await broker.store.put({ topic: 'T', queueId: 1, body: Buffer.from(String(index)) });
    await broker.time.advance(100);
  }
  const client = broker.client();
  const at = { topic: 'T', queueId: 1 };
  const max = await client.ask({ code: GetMaxOffset.code, ext: GetMaxOffset.request.encode(at) });
  assert.deepEqual([max.code, max.ext.get('offset')], [0, '5']);
  const min = await client.ask({ code: GetMinOffset.code, ext: GetMinOffset.request.encode(at) });
  assert.deepEqual([min.code, min.ext.get('offset')], [0, '0']);
  const ext = GetEarliestMsgStoretime.request.encode(at);
  const oldest = await client.ask({ code: GetEarliestMsgStoretime.code, ext });
  assert.equal(oldest.ext.get('timestamp'), String(firstMs));
  const offsetOf = async (timestamp: number, boundaryType?: string) => {
    const search = SearchOffsetByTimestamp.request.encode({ ...at, timestamp, boundaryType });
    const answer = await client.ask({ code: SearchOffsetByTimestamp.code, ext: search });
    return answer.ext.get('offset');
  };
  assert.equal(await offsetOf(firstMs + 200), '2');
  assert.equal(await offsetOf(firstMs + 150), '2');
  assert.equal(await offsetOf(firstMs + 200, 'upper'), '2');
  assert.equal(await offsetOf(0), '0');
  await broker.close();
});

test('queues that do not exist are empty', async () => {
  const broker = await startDomains();
  const client = broker.client();
  const ext = GetMaxOffset.request.encode({ topic: 'Nothing', queueId: 9 });
  assert.equal((await client.ask({ code: GetMaxOffset.code, ext })).ext.get('offset'), '0');
  assert.equal((await client.ask({ code: GetMinOffset.code, ext })).ext.get('offset'), '0');
  const oldest = await client.ask({ code: GetEarliestMsgStoretime.code, ext });
  assert.equal(oldest.ext.get('timestamp'), '-1');
  assert.equal((await client.ask({ code: GetMaxOffset.code })).code, 1);
  await broker.close();
});
