/** Members, offsets and queue locks over a real connection, with the official codes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeConsumerList,
  decodeLockOk,
  encodeLockBatch,
  GetConsumerListByGroup,
  QueryConsumerOffset,
  RequestCode,
  subscriptionGroup,
  topicConfig,
  UpdateConsumerOffset,
} from '@skylarkmq/wire';
import { type Domains, startDomains } from '../domains.ts';
import { heartbeat } from '../heartbeats.ts';

const AT = { consumerGroup: 'G', topic: 'T', queueId: 0 };

async function query(broker: Domains, more: { setZeroIfNotFound?: boolean } = {}) {
  const ext = QueryConsumerOffset.request.encode({ ...AT, ...more });
  const answer = await broker.client().ask({ code: QueryConsumerOffset.code, ext });
  return { code: answer.code, remark: answer.remark, offset: answer.ext.get('offset') };
}

async function update(broker: Domains, commitOffset: number, changes: Partial<typeof AT> = {}) {
  const ext = UpdateConsumerOffset.request.encode({ ...AT, ...changes, commitOffset });
  const answer = await broker.client().ask({ code: UpdateConsumerOffset.code, ext });
  return { code: answer.code, remark: answer.remark };
}

async function startWithTopic(): Promise<Domains> {
  const broker = await startDomains();
  broker.topics.put(topicConfig('T', 4, 6));
  broker.groups.put(subscriptionGroup('G'));
  return broker;
}

test('the members of a group; an error for a group without any', async () => {
  const broker = await startWithTopic();
  const ask = async () => {
    const ext = GetConsumerListByGroup.request.encode({ consumerGroup: 'G' });
    return broker.client().ask({ code: GetConsumerListByGroup.code, ext });
  };
  const nobody = await ask();
  assert.equal(nobody.code, 1);
  assert.equal(nobody.remark, 'no consumer for this group, G');
  const [a, b] = [broker.client(), broker.client()];
  await a.ask(heartbeat('a', { consumers: { G: ['T'] } }));
  await b.ask(heartbeat('b', { consumers: { G: ['T'] } }));
  assert.deepEqual(decodeConsumerList((await ask()).body), ['a', 'b']);
  await broker.close();
});

test('a committed offset is answered; unknown topics, groups and queues are refused', async () => {
  const broker = await startWithTopic();
  assert.deepEqual(await update(broker, 42), { code: 0, remark: null });
  assert.equal((await query(broker)).offset, '42');
  assert.deepEqual(await update(broker, 7), { code: 0, remark: null });
  assert.equal((await query(broker)).offset, '7');
  const noTopic = await update(broker, 1, { topic: 'X' });
  assert.deepEqual(noTopic, { code: 17, remark: 'Topic X not exist!' });
  const noGroup = await update(broker, 1, { consumerGroup: 'X' });
  assert.deepEqual(noGroup, { code: 26, remark: 'Group X not exist!' });
  assert.equal((await update(broker, 1, { queueId: 4 })).code, 29);
  assert.equal((await update(broker, 1, { queueId: -1 })).code, 29);
  await broker.close();
});

test('while a reset waits for its pull, commits are acknowledged and not applied', async () => {
  const broker = await startWithTopic();
  broker.offsets.reset('G', 'T', 0, 10);
  const answer = await update(broker, 99);
  assert.deepEqual(answer, { code: 0, remark: 'Offset has been previously reset' });
  assert.equal((await query(broker)).offset, '10');
  assert.equal(broker.offsets.takeReset('G', 'T', 0), 10);
  await update(broker, 99);
  assert.equal((await query(broker)).offset, '99');
  await broker.close();
});

test('a new group begins at 0 of a young queue, and is told when there is nothing', async () => {
  const broker = await startWithTopic();
  const empty = await query(broker);
  assert.equal(empty.code, 22);
  assert.match(empty.remark ?? '', /^Not found, V3_0_6_SNAPSHOT/);
  await broker.store.put({ topic: 'T', queueId: 0, body: Buffer.from('x') });
  await broker.time.advance(0);
  assert.deepEqual(await query(broker), { code: 0, remark: null, offset: '0' });
  const strict = await query(broker, { setZeroIfNotFound: false });
  assert.equal(strict.code, 22);
  assert.match(strict.remark ?? '', /do not set to zero/);
  await broker.close();
});

test('queue locks over the wire', async () => {
  const broker = await startWithTopic();
  const mqSet = [0, 1].map((queueId) => ({ topic: 'T', brokerName: 'broker-a', queueId }));
  const ask = async (code: number, clientId: string, some = mqSet) => {
    const lock = { consumerGroup: 'G', clientId, onlyThisBroker: false, mqSet: some };
    return broker.client().ask({ code, body: encodeLockBatch(lock) });
  };
  assert.deepEqual(decodeLockOk((await ask(RequestCode.LockBatchMq, 'a')).body), mqSet);
  assert.deepEqual(decodeLockOk((await ask(RequestCode.LockBatchMq, 'b')).body), []);
  assert.equal((await ask(RequestCode.UnlockBatchMq, 'a', mqSet.slice(1))).code, 0);
  assert.deepEqual(decodeLockOk((await ask(RequestCode.LockBatchMq, 'b')).body), mqSet.slice(1));
  await broker.close();
});
