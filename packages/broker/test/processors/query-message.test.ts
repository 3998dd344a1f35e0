import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeOffsetMessageId } from '@skylarkmq/message';
import { type Command, QueryMessage, ResponseCode, ViewMessageById } from '@skylarkmq/wire';
import { startHotPath } from '../hot-path-broker.ts';
import { bodiesOf, HotPathClient } from '../hot-path-client.ts';

test('messages are found by key, unique key, tag and position', async () => {
  const broker = await startHotPath({ store: { indexSlots: 1000, indexEntries: 4000 } });
  const client = new HotPathClient(broker.port);
  const query = (key: string, more: [string, string][] = [], maxNum = 32): Promise<Command> => {
    const request = { topic: 'T', key, maxNum, beginTimestamp: 0, endTimestamp: 2 ** 52 };
    const ext = QueryMessage.request.encode(request);
    return client.invoke({ code: QueryMessage.code, ext: new Map([...ext, ...more]) });
  };
  const view = (offset: number): Promise<Command> =>
    client.invoke({ code: ViewMessageById.code, ext: ViewMessageById.request.encode({ offset }) });
  try {
    for (let i = 0; i < 3; i++) {
      const properties: [string, string][] = [
        ['UNIQ_KEY', `unique${i}`],
        ['KEYS', `both key${i}`],
        ['TAGS', 'TagA'],
      ];
      await client.send({ body: `m${i}`, properties });
    }
    const both = await query('both');
    assert.equal(both.code, ResponseCode.Success);
    assert.deepEqual(bodiesOf(both).sort(), ['m0', 'm1', 'm2']);
    assert.ok(Number(both.ext.get('indexLastUpdateTimestamp')) > 0);
    assert.ok(Number(both.ext.get('indexLastUpdatePhyoffset')) > 0);
    assert.deepEqual(bodiesOf(await query('key1')), ['m1']);
    assert.equal(bodiesOf(await query('both', [], 2)).length, 2);
    const unique: [string, string][] = [['_UNIQUE_KEY_QUERY', 'true']];
    assert.deepEqual(bodiesOf(await query('unique2', unique, 0)), ['m2']);
    assert.equal((await query('both', unique)).code, ResponseCode.QueryNotFound);
    assert.equal(bodiesOf(await query('TagA', [['indexType', 'T']])).length, 3);
    const none = await query('nothing');
    assert.equal(none.code, ResponseCode.QueryNotFound);
    assert.equal(none.remark, 'can not find message, maybe time range not correct');
    assert.ok(none.ext.has('indexLastUpdatePhyoffset'));

    const answer = await client.send({ body: 'seen' });
    const { physicalOffset } = decodeOffsetMessageId(answer.ext.get('msgId') ?? '');
    assert.deepEqual(bodiesOf(await view(physicalOffset)), ['seen']);
    for (const offset of [physicalOffset + 1, -1, 2 ** 50]) {
      const missing = await view(offset);
      assert.equal(missing.code, ResponseCode.SystemError);
      assert.equal(missing.remark, `can not find message by the offset, ${offset}`);
    }
  } finally {
    await client.close();
    await broker.close();
  }
});
