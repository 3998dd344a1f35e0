/** Replies are passed on to the client that asked, and kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePropertyText, encodePropertyText } from '@skylarkmq/message';
import {
  type Command,
  type Outgoing,
  PushReplyMessage,
  RequestCode,
  ResponseCode,
  SendMessage,
  topicConfig,
} from '@skylarkmq/wire';
import { type Domains, messagesOf, startDomains, type TestClient } from '../domains.ts';
import { heartbeat } from '../heartbeats.ts';

const TOPIC = 'DefaultCluster_REPLY_TOPIC';

interface ReplyParts {
  readonly code?: number;
  readonly queueId?: number;
  readonly clientId?: string;
  readonly body?: string;
}

function reply(parts: ReplyParts = {}): Outgoing {
  const { code = RequestCode.SendReplyMessageV2, queueId = 0, body = 'the answer' } = parts;
  const properties = new Map([
    ['MSG_TYPE', 'reply'],
    ['CORRELATION_ID', 'c-1'],
    ['UNIQ_KEY', 'key'],
  ]);
  if (parts.clientId !== undefined) properties.set('REPLY_TO_CLIENT', parts.clientId);
  const long = {
    producerGroup: 'P2',
    topic: TOPIC,
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId,
    sysFlag: 1,
    bornTimestamp: 1_700_000_000_000,
    flag: 5,
    properties: encodePropertyText(properties),
    reconsumeTimes: 0,
    unitMode: false,
    batch: false,
  };
  const letters = {
    ...{ a: long.producerGroup, b: long.topic, c: long.defaultTopic, d: 4, e: queueId, f: 1 },
    ...{ g: long.bornTimestamp, h: 5, i: long.properties, j: 0, m: false },
  };
  const ext =
    code === RequestCode.SendReplyMessage
      ? SendMessage.request.encode(long)
      : SendMessage.requestV2.encode(letters);
  return { code, ext, body: Buffer.from(body) };
}

async function start(): Promise<{ broker: Domains; asker: TestClient; replier: TestClient }> {
  const broker = await startDomains();
  broker.topics.put(topicConfig(TOPIC, 1, 6));
  const asker = broker.client();
  asker.answer = { code: ResponseCode.Success };
  await asker.ask(heartbeat('asker', { producers: ['P1'] }));
  return { broker, asker, replier: broker.client() };
}

function pushed(asker: TestClient): Command {
  const [request] = asker.told;
  assert.ok(request !== undefined, 'a pushed reply');
  return request;
}

for (const code of [RequestCode.SendReplyMessage, RequestCode.SendReplyMessageV2]) {
  test(`a reply by code ${code} reaches who asked, and is kept as it came`, async () => {
    const { broker, asker, replier } = await start();
    const answer = await replier.ask(reply({ code, clientId: 'asker' }));
    assert.equal(answer.code, ResponseCode.Success);
    const request = pushed(asker);
    assert.equal(request.code, PushReplyMessage.code);
    const header = PushReplyMessage.request.decode(request.ext);
    assert.equal(request.body?.toString(), 'the answer');
    const { producerGroup, topic, flag, sysFlag, bornTimestamp, storeHost } = header;
    assert.deepEqual(
      { producerGroup, topic, flag, sysFlag, bornTimestamp, storeHost },
      {
        ...{ producerGroup: 'P2', topic: TOPIC, flag: 5, sysFlag: 1 },
        ...{ bornTimestamp: 1_700_000_000_000, storeHost: '127.0.0.1:26911' },
      },
    );
    assert.match(header.bornHost, /^127\.0\.0\.1:\d+$/);
    const properties = decodePropertyText(header.properties);
    assert.equal(properties.get('CORRELATION_ID'), 'c-1');
    assert.equal(properties.get('PUSH_REPLY_TIME'), String(broker.time.nowMs()));
    await broker.time.advance(0);
    const [stored] = await messagesOf(broker.store, TOPIC, 0);
    assert.ok(stored !== undefined);
    assert.equal(stored.body.toString(), 'the answer');
    assert.equal(stored.sysFlag & 1, 1);
    assert.equal(stored.properties.has('PUSH_REPLY_TIME'), false);
    assert.equal(answer.ext.get('msgId'), stored.offsetMessageId);
    assert.equal(answer.ext.get('queueOffset'), '0');
    await broker.close();
  });
}

test('without a copy the answer names no message', async () => {
  const { broker, replier } = await start();
  broker.change({ storeReplyMessageEnable: false });
  const answer = await replier.ask(reply({ clientId: 'asker' }));
  assert.equal(answer.code, ResponseCode.Success);
  assert.equal(answer.ext.get('msgId'), '0');
  await broker.time.advance(0);
  assert.equal((await messagesOf(broker.store, TOPIC, 0)).length, 0);
  await broker.close();
});

test('a reply to nobody is refused in the official words, and kept', async () => {
  const { broker, asker, replier } = await start();
  const nameless = await replier.ask(reply());
  assert.equal(nameless.code, ResponseCode.SystemError);
  assert.equal(nameless.remark, 'reply message properties[REPLY_TO_CLIENT] is null');
  assert.notEqual(nameless.ext.get('msgId'), '0');
  const unknown = await replier.ask(reply({ clientId: 'other' }));
  assert.equal(unknown.remark, 'push reply message fail, channel of <other> not found.');
  asker.answer = { code: ResponseCode.SystemError, remark: 'no' };
  const refused = await replier.ask(reply({ clientId: 'asker' }));
  assert.equal(refused.remark, 'push reply message to asker fail.');
  await asker.close();
  await broker.time.advance(0);
  assert.equal((await messagesOf(broker.store, TOPIC, 0)).length, 3);
  await broker.close();
});

test('a reply passes the checks of a send', async () => {
  const { broker, replier } = await start();
  const queue = await replier.ask(reply({ clientId: 'asker', queueId: 7 }));
  assert.equal(queue.code, ResponseCode.InvalidParameter);
  broker.change({ maxMessageSize: 4 });
  const long = await replier.ask(reply({ clientId: 'asker' }));
  assert.equal(long.code, ResponseCode.MessageIllegal);
  assert.equal(long.ext.get('MSG_REGION'), 'DefaultRegion');
  await broker.close();
});

test('who unregistered one of two groups can still be reached', async () => {
  const { broker, asker, replier } = await start();
  await asker.ask(heartbeat('asker', { producers: ['P1', 'P3'] }));
  const ext = new Map([
    ['clientID', 'asker'],
    ['producerGroup', 'P3'],
  ]);
  await asker.ask({ code: RequestCode.UnregisterClient, ext });
  assert.equal((await replier.ask(reply({ clientId: 'asker' }))).code, ResponseCode.Success);
  await asker.ask({ code: RequestCode.UnregisterClient, ext: ext.set('producerGroup', 'P1') });
  assert.equal((await replier.ask(reply({ clientId: 'asker' }))).code, ResponseCode.SystemError);
  assert.equal(broker.producers.client('asker'), undefined);
  await broker.close();
});
