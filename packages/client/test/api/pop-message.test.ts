import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeHost, encodeProperties, encodeRecord, RecordFields } from '@skylarkmq/message';
import {
  ChangeInvisibleTime,
  decodeBatchAckBody,
  type Outgoing,
  PopMessage,
  type PopMessageResponse,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import { type PopArguments, popMessages } from '../../src/api/pop-message.ts';
import { ackMessage, ackMessages, changeInvisible } from '../../src/api/pop-settle.ts';
import { tagSubscription } from '../../src/consumer/subscription.ts';
import type { Popped } from '../../src/pop/popped.ts';
import { RecordingRequester } from '../fake/recording-requester.ts';

const signal = new AbortController().signal;
const HANDLE = '7 1000 30000 3 0 b 2 9';

function popArguments(more: Partial<PopArguments> = {}): PopArguments {
  return {
    queue: { topic: 'T', brokerName: 'b', queueId: -1 },
    subscription: tagSubscription('T', 'A || B', 1),
    ...{ max: 8, invisibleMs: 30_000, holdMs: 15_000, from: 'first', ordered: false },
    ...more,
  };
}

function record(topic: string, queueId: number, queueOffset: number, receipt?: string): Buffer {
  const fields = new RecordFields();
  const properties = receipt === undefined ? [] : ([['POP_CK', receipt]] as const);
  Object.assign(fields, {
    ...{ queueId, queueOffset, topic: Buffer.from(topic), body: Buffer.from('body'), bodyEnd: 4 },
    ...{ bornHost: encodeHost('1.2.3.4:5'), storeHost: encodeHost('1.2.3.4:6') },
    ...{ properties: encodeProperties(properties), reconsumeTimes: receipt === undefined ? 0 : 2 },
  });
  fields.propertiesEnd = fields.properties.length;
  const target = Buffer.alloc(1_000);
  return target.subarray(0, encodeRecord(target, 0, fields));
}

function answer(more: Partial<PopMessageResponse>, ...records: readonly Buffer[]): Outgoing {
  const ext = PopMessage.response.encode({
    ...{ popTime: 1000, invisibleTime: 30_000, reviveQid: 3, restNum: 0 },
    ...more,
  });
  return { code: ResponseCode.Success, ext, body: Buffer.concat(records) };
}

async function pop(outgoing: Outgoing, more: Partial<PopArguments> = {}): Promise<Popped[]> {
  const requester = new RecordingRequester(outgoing);
  const result = await popMessages(requester, 'b:1', 'G', popArguments(more), signal);
  return [...result.messages];
}

test('a pop says what is wanted, and by no clock of its own', async () => {
  const requester = new RecordingRequester({ code: ResponseCode.PollingTimeout });
  const result = await popMessages(requester, 'b:1', 'G', popArguments(), signal);
  assert.deepEqual(result, { messages: [], full: false });
  const made = requester.made[0]?.outgoing;
  assert.equal(made?.code, RequestCode.PopMessage);
  assert.deepEqual(Object.fromEntries(made?.ext ?? []), {
    ...{ consumerGroup: 'G', topic: 'T', queueId: '-1', maxMsgNums: '8', invisibleTime: '30000' },
    ...{ pollTime: '15000', bornTime: '0', initMode: '0', expType: 'TAG', exp: 'A || B' },
    ...{ order: 'false', bname: 'b' },
  });
  const full = new RecordingRequester({ code: ResponseCode.PollingFull });
  assert.equal((await popMessages(full, 'b:1', 'G', popArguments(), signal)).full, true);
  const refused = new RecordingRequester({ code: ResponseCode.NoPermission, remark: 'no' });
  await assert.rejects(popMessages(refused, 'b:1', 'G', popArguments(), signal), {
    responseCode: ResponseCode.NoPermission,
  });
});

test('receipts are made of the answer, queue by queue', async () => {
  const info = { startOffsetInfo: '0 2 7;0 1 40', msgOffsetInfo: '0 2 7,9;0 1 40' };
  const records = [record('T', 2, 7), record('T', 2, 9), record('T', 1, 40)];
  const messages = await pop(answer(info, ...records));
  assert.deepEqual(
    messages.map(({ message }) => message.properties.get('POP_CK')),
    ['7 1000 30000 3 0 b 2 7', HANDLE, '40 1000 30000 3 0 b 1 40'],
  );
  assert.equal(messages[0]?.message.properties.get('1ST_POP_TIME'), '1000');
});

test('a retried message brings its receipt, an old broker names no start', async () => {
  const [retried] = await pop(answer({}, record('T', 0, 5, '4 900 60000 1 1 b 0 5')));
  assert.equal(retried?.topic, 'T');
  assert.equal(retried?.reconsumeTimes, 2);
  assert.equal(retried?.handle.topicKind, '1');
  assert.equal(retried?.handle.startOffset, 4);
  const [first, second] = await pop(answer({}, record('T', 0, 5), record('T', 0, 6)));
  assert.equal(first?.handle.startOffset, 5);
  assert.equal(second?.handle.startOffset, 5);
  const [actual] = await pop(answer({}, record('%RETRY%G+T', 0, 5)));
  assert.equal(actual?.handle.topicKind, '2');
  assert.equal(actual?.topic, 'T');
});

test('an ordered pop counts attempts by queue or message', async () => {
  const info = {
    ...{ startOffsetInfo: '0 2 7', msgOffsetInfo: '0 2 7,8', reviveQid: 999 },
    orderCountInfo: '0 2 1;0 qo2%8 3',
  };
  const outgoing = answer(info, record('T', 2, 7), record('T', 2, 8));
  const counts = (await pop(outgoing, { ordered: true })).map((one) => one.reconsumeTimes);
  assert.deepEqual(counts, [1, 3]);
});

test('an acknowledgement names the topic in which the message really lies', async () => {
  const requester = new RecordingRequester();
  const [popped] = await pop(answer({}, record('T', 0, 5, '4 900 60000 1 1 b 0 5')));
  assert.ok(popped !== undefined);
  await ackMessage(requester, 'b:1', 'G', popped);
  const { code, ext } = requester.made[0]?.outgoing ?? {};
  assert.equal(code, RequestCode.AckMessage);
  assert.deepEqual(Object.fromEntries(ext ?? []), {
    ...{ consumerGroup: 'G', topic: '%RETRY%G_T', queueId: '0', offset: '5' },
    ...{ extraInfo: '4 900 60000 1 1 b 0 5', bname: 'b' },
  });
});

test('acknowledgements of one check point go together', async () => {
  const info = { startOffsetInfo: '0 2 7;0 1 40', msgOffsetInfo: '0 2 7,9;0 1 40' };
  const messages = await pop(
    answer(info, record('T', 2, 7), record('T', 2, 9), record('T', 1, 40)),
  );
  const requester = new RecordingRequester();
  await ackMessages(requester, 'b:1', 'G', messages);
  const { code, body } = requester.made[0]?.outgoing ?? {};
  assert.equal(code, RequestCode.BatchAckMessage);
  const { brokerName, acks } = decodeBatchAckBody(Buffer.from(body ?? []));
  assert.equal(brokerName, 'b');
  assert.deepEqual(
    acks.map((ack) => [ack.queueId, ack.startOffset, ack.offsetDiffs, ack.reviveQueueId]),
    [
      [2, 7, [0, 2], 3],
      [1, 40, [0], 3],
    ],
  );
});

test('a message that is held for longer has a new receipt', async () => {
  const ext = ChangeInvisibleTime.response.encode({
    ...{ popTime: 5000, invisibleTime: 90_000, reviveQid: 6 },
  });
  const requester = new RecordingRequester({ code: ResponseCode.Success, ext });
  const info = { startOffsetInfo: '0 2 7', msgOffsetInfo: '0 2 9' };
  const [popped] = await pop(answer(info, record('T', 2, 9)));
  assert.ok(popped !== undefined);
  const handle = await changeInvisible(requester, 'b:1', 'G', popped, 90_000);
  assert.equal(requester.made[0]?.outgoing.ext?.get('extraInfo'), HANDLE);
  assert.equal(requester.made[0]?.outgoing.ext?.get('invisibleTime'), '90000');
  assert.deepEqual(handle, {
    ...{ startOffset: 9, popTime: 5000, invisibleTime: 90_000, reviveQueueId: 6 },
    ...{ topicKind: '0', brokerName: 'b', queueId: 2, queueOffset: 9 },
  });
});
