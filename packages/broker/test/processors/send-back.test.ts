/** Messages that consumers hand back: retried with back-off, dead letters in the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFastjson } from '@skylarkmq/base';
import type { StoredMessage } from '@skylarkmq/message';
import {
  type Command,
  ConsumerSendMsgBack,
  type ConsumerSendMsgBackRequest,
  subscriptionGroup,
} from '@skylarkmq/wire';
import { type Domains, messagesOf, startDomains } from '../domains.ts';

async function store(broker: Domains): Promise<number> {
  const properties = [
    ['TAGS', 'A'],
    ['UNIQ_KEY', 'unique'],
  ] as const;
  const body = Buffer.from('hello');
  const put = await broker.store.put({ topic: 'T', queueId: 0, body, properties, flag: 3 });
  await broker.time.advance(0);
  return put.physicalOffset;
}

function sendBack(
  broker: Domains,
  offset: number,
  more: Partial<ConsumerSendMsgBackRequest> = {},
  version = 479,
): Promise<Command> {
  const ext = ConsumerSendMsgBack.request.encode({ offset, group: 'G', delayLevel: 0, ...more });
  return broker.client().ask({ code: ConsumerSendMsgBack.code, ext, version });
}

/** The last message of a topic's first queue. */
async function last(broker: Domains, topic: string): Promise<StoredMessage> {
  await broker.time.advance(0);
  const message = (await messagesOf(broker.store, topic, 0)).at(-1);
  assert.ok(message !== undefined, `a message in ${topic}`);
  return message;
}

function visible(message: StoredMessage): Record<string, string> {
  const { '__CRC32#': _, ...properties } = Object.fromEntries(message.properties);
  return properties;
}

test('a message comes back after 10 s, 30 s, 1 m ... and is dead after 16 times', async () => {
  const broker = await startDomains();
  let offset = await store(broker);
  const first = await last(broker, 'T');
  const failedMs = broker.time.nowMs();
  const delays = [10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200];
  for (const [index, seconds] of delays.entries()) {
    assert.equal((await sendBack(broker, offset)).code, 0);
    await broker.time.advance(seconds * 1000 - 1);
    assert.equal((await messagesOf(broker.store, '%RETRY%G', 0)).length, index);
    await broker.time.advance(1);
    const again = await last(broker, '%RETRY%G');
    assert.equal(again.reconsumeTimes, index + 1);
    offset = again.physicalOffset;
  }
  const retried = await last(broker, '%RETRY%G');
  assert.equal(retried.body.toString(), 'hello');
  assert.equal(retried.flag, 3);
  assert.equal(retried.bornTimestamp, first.bornTimestamp);
  assert.deepEqual(visible(retried), {
    TAGS: 'A',
    UNIQ_KEY: 'unique',
    RETRY_TOPIC: 'T',
    ORIGIN_MESSAGE_ID: first.offsetMessageId,
    WAIT: 'false',
    DELAY: '18',
    REAL_TOPIC: '%RETRY%G',
    REAL_QID: '0',
    DLQ_ORIGIN_BROKER: 'broker-a',
    DLQ_ORIGIN_QUEUE_ID: '0',
    DLQ_ORIGIN_OFFSET: '0',
    DLQ_FIRST_FAILED_MS: String(failedMs),
  });
  assert.equal((await sendBack(broker, offset)).code, 0);
  const dead = await last(broker, '%DLQ%G');
  assert.equal(dead.reconsumeTimes, 17);
  assert.equal(dead.properties.get('RETRY_TOPIC'), 'T');
  assert.equal(dead.properties.get('ORIGIN_MESSAGE_ID'), first.offsetMessageId);
  assert.equal(dead.properties.get('DLQ_ORIGIN_TOPIC'), 'T');
  assert.equal(dead.properties.get('DLQ_ORIGIN_MESSAGE_ID'), first.offsetMessageId);
  assert.equal(dead.properties.get('DLQ_ATTEMPTS'), '17');
  assert.equal(dead.properties.get('DLQ_FIRST_FAILED_MS'), String(failedMs));
  assert.equal(dead.properties.get('DLQ_LAST_FAILED_MS'), String(broker.time.nowMs()));
  assert.equal(broker.topics.get('%DLQ%G')?.perm, 6);
  assert.equal(broker.topics.get('%DLQ%G')?.writeQueueNums, 1);
  await broker.close();
});

test('the consumer can ask for a level, for a dead letter, and for fewer retries', async () => {
  const broker = await startDomains();
  const offset = await store(broker);
  await sendBack(broker, offset, { delayLevel: 1 });
  await broker.time.advance(1000);
  assert.equal((await messagesOf(broker.store, '%RETRY%G', 0)).length, 1);
  await sendBack(broker, offset, { delayLevel: -1 });
  assert.equal((await last(broker, '%DLQ%G')).body.toString(), 'hello');
  await sendBack(broker, offset, { maxReconsumeTimes: 0 });
  await last(broker, '%DLQ%G');
  assert.equal((await messagesOf(broker.store, '%DLQ%G', 0)).length, 2);
  await sendBack(broker, offset, { maxReconsumeTimes: 0 }, 100);
  await broker.time.advance(0);
  assert.equal((await messagesOf(broker.store, '%DLQ%G', 0)).length, 2);
  await broker.close();
});

test('a dead letter does not go to the light queues of its message', async () => {
  const broker = await startDomains();
  const properties = [
    ['__LITE_TOPIC', 'c1'],
    ['INNER_MULTI_DISPATCH', '%LMQ%$T$c1'],
  ] as const;
  const put = await broker.store.put({
    topic: 'T',
    queueId: 0,
    body: Buffer.from('x'),
    properties,
  });
  await broker.time.advance(0);
  await sendBack(broker, put.physicalOffset, { delayLevel: -1 });
  const letter = await last(broker, '%DLQ%G');
  assert.equal(letter.properties.get('INNER_MULTI_DISPATCH'), undefined);
  assert.equal(letter.properties.get('__LITE_TOPIC'), 'c1');
  assert.equal(broker.store.maxOffset('%LMQ%$T$c1', 0), 1);
  await broker.close();
});

test('a group with a policy of its own waits by that', async () => {
  const broker = await startDomains();
  const policy = '{"type":"EXPONENTIAL","exponentialRetryPolicy":{"initial":1000}}';
  const rest = new Map([['groupRetryPolicy', parseFastjson(policy)]]);
  broker.groups.put(subscriptionGroup('G', { rest }));
  await sendBack(broker, await store(broker));
  await broker.time.advance(999);
  assert.equal((await messagesOf(broker.store, '%RETRY%G', 0)).length, 0);
  await broker.time.advance(1);
  assert.equal((await last(broker, '%RETRY%G')).properties.get('DELAY'), '1');
  await broker.close();
});

test('a letter keeps what the consumer says that it failed with', async () => {
  const broker = await startDomains();
  const lastError = 'Error: no money';
  await sendBack(broker, await store(broker), { delayLevel: -1, lastError });
  const dead = await last(broker, '%DLQ%G');
  assert.equal(dead.properties.get('DLQ_ERROR'), lastError);
  assert.equal(dead.properties.get('DLQ_GROUP'), 'G');
  await broker.close();
});

test('a level beyond the last is the last', async () => {
  const broker = await startDomains();
  await sendBack(broker, await store(broker), { delayLevel: 99 });
  await broker.time.advance(7_200_000);
  assert.equal((await last(broker, '%RETRY%G')).properties.get('DELAY'), '18');
  await broker.close();
});

test('what cannot be handed back is refused with the official codes', async () => {
  const broker = await startDomains();
  const offset = await store(broker);
  const missing = await sendBack(broker, offset + 1);
  assert.equal(missing.code, 1);
  assert.equal(missing.remark, `look message by offset failed, ${offset + 1}`);
  assert.equal((await sendBack(broker, -5)).code, 1);
  assert.equal((await sendBack(broker, 2 ** 50)).code, 1);
  assert.equal((await sendBack(broker, offset, { group: 'a b' })).code, 26);
  broker.groups.put(subscriptionGroup('NoRetry', { retryQueueNums: 0 }));
  assert.equal((await sendBack(broker, offset, { group: 'NoRetry' })).code, 0);
  assert.equal(broker.topics.get('%RETRY%NoRetry'), undefined);
  broker.change({ brokerPermission: 4 });
  const readOnly = await sendBack(broker, offset);
  assert.equal(readOnly.code, 16);
  assert.equal(readOnly.remark, 'the broker[127.0.0.1] sending message is forbidden');
  await broker.close();
});
