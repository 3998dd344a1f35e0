import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestCode, ResponseCode, SendMessage } from '@skylarkmq/wire';
import { groupMembers } from '../../src/api/consumer-group.ts';
import { expectSuccess } from '../../src/api/expect-success.ts';
import { getTopicRoute } from '../../src/api/get-topic-route.ts';
import { commitOffset, committedOffset } from '../../src/api/offsets.ts';
import { pullMessage } from '../../src/api/pull-message.ts';
import { type SendArguments, sendMessage } from '../../src/api/send-message.ts';
import { queryMessages } from '../../src/api/stored-messages.ts';
import { createTopicAt } from '../../src/api/topics.ts';
import { tagSubscription } from '../../src/consumer/subscription.ts';
import { RecordingRequester, received } from '../fake/recording-requester.ts';

const queue = { topic: 'T', brokerName: 'b', queueId: 3 };
const signal = new AbortController().signal;

function sendArguments(more: Partial<SendArguments> = {}): SendArguments {
  return {
    group: 'P',
    topic: 'T',
    sysFlag: 1,
    bornTimestamp: 1_700_000_000_000,
    flag: 5,
    properties: 'a\u0001b\u0002',
    batch: false,
    body: Buffer.from('body'),
    messageIds: ['ID'],
    ...more,
  };
}

function sendAnswer(code: number, msgId: string) {
  const ext = SendMessage.response.encode({ msgId, queueId: 3, queueOffset: 40 });
  return { code, ext };
}

test('a send names its queue in the short header and gives a receipt', async () => {
  const requester = new RecordingRequester(sendAnswer(ResponseCode.Success, 'OFFSET'));
  const [receipt] = await sendMessage(requester, 'b:1', queue, sendArguments(), {});
  const ext = requester.made[0]?.outgoing.ext;
  assert.equal(requester.made[0]?.outgoing.code, RequestCode.SendMessageV2);
  assert.equal(ext?.get('b'), 'T');
  assert.equal(ext?.get('e'), '3');
  assert.equal(ext?.get('i'), 'a\u0001b\u0002');
  assert.deepEqual(receipt, {
    status: 'ok',
    messageId: 'ID',
    offsetMessageId: 'OFFSET',
    queue,
    queueOffset: 40,
    transactionId: undefined,
    regionId: 'DefaultRegion',
    traceOn: true,
  });
});

test('a batch has a receipt per message', async () => {
  const requester = new RecordingRequester(sendAnswer(ResponseCode.Success, 'A,B'));
  const args = sendArguments({ batch: true, messageIds: ['1', '2'] });
  const receipts = await sendMessage(requester, 'b:1', queue, args, {});
  assert.equal(requester.made[0]?.outgoing.code, RequestCode.SendBatchMessage);
  assert.deepEqual(
    receipts.map((one) => [one.messageId, one.offsetMessageId, one.queueOffset]),
    [
      ['1', 'A', 40],
      ['2', 'B', 41],
    ],
  );
});

test('stored but not as durable as wished is a status, not an error', async () => {
  for (const [code, status] of [
    [ResponseCode.FlushDiskTimeout, 'flush-disk-timeout'],
    [ResponseCode.SlaveNotAvailable, 'slave-not-available'],
    [ResponseCode.FlushSlaveTimeout, 'flush-slave-timeout'],
  ] as const) {
    const requester = new RecordingRequester(sendAnswer(code, 'X'));
    const [receipt] = await sendMessage(requester, 'b:1', queue, sendArguments(), {});
    assert.equal(receipt?.status, status);
  }
});

test('a refusal carries code and remark, and whether it may pass', async () => {
  const refuse = (code: number) => {
    const requester = new RecordingRequester({ code, remark: 'because' });
    return sendMessage(requester, 'b:1', queue, sendArguments(), {});
  };
  const responseCode = ResponseCode.SystemBusy;
  const message = 'The message to T was refused with code 2: because';
  await assert.rejects(refuse(responseCode), {
    code: 'RESPONSE',
    responseCode,
    retryable: true,
    message,
  });
  await assert.rejects(refuse(ResponseCode.MessageIllegal), { retryable: false });
  const silent = received({ code: ResponseCode.NoPermission });
  assert.throws(() => expectSuccess(silent, 'It'), /refused with code 16: no reason given/);
});

test('a topic that no name server knows has no route', async () => {
  const unknown = new RecordingRequester({ code: ResponseCode.TopicNotExist });
  assert.equal(await getTopicRoute(unknown, 'T'), undefined);
  const broken = new RecordingRequester({ code: ResponseCode.SystemError, remark: 'x' });
  await assert.rejects(getTopicRoute(broken, 'T'), { code: 'RESPONSE' });
  const responseCode = ResponseCode.RequestCodeNotSupported;
  const aBroker = new RecordingRequester({ code: responseCode, remark: ' request type 105' });
  await assert.rejects(getTopicRoute(aBroker, 'T'), {
    code: 'RESPONSE',
    responseCode,
    message:
      /route of topic T is no name server: option namesrv needs the address of a name server/,
  });
});

test('no committed offset is not an error', async () => {
  const none = new RecordingRequester({ code: ResponseCode.QueryNotFound });
  assert.equal(await committedOffset(none, 'b:1', 'G', queue), undefined);
  const ext = new Map([['offset', '17']]);
  const some = new RecordingRequester({ code: ResponseCode.Success, ext });
  assert.equal(await committedOffset(some, 'b:1', 'G', queue), 17);
});

test('a commit is one-way unless it must be sure', async () => {
  const requester = new RecordingRequester({ code: ResponseCode.SystemError });
  await commitOffset(requester, 'b:1', 'G', queue, 9, false);
  assert.equal(requester.made[0]?.outgoing.ext?.get('commitOffset'), '9');
  await assert.rejects(commitOffset(requester, 'b:1', 'G', queue, 9, true), { code: 'RESPONSE' });
});

test('a pull says what it wants, and what it commits at masters only', async () => {
  const answer = {
    code: ResponseCode.PullNotFound,
    ext: new Map([
      ['nextBeginOffset', '8'],
      ['suggestWhichBrokerId', '1'],
      ['minOffset', '0'],
      ['maxOffset', '8'],
    ]),
  };
  const requester = new RecordingRequester(answer, answer);
  const args = {
    queue,
    offset: 7,
    subscription: tagSubscription('T', 'a||b', 1),
    batchSize: 32,
    batchBytes: 1_000,
    holdMs: 15_000,
    timeoutMs: 30_000,
    commitOffset: 5,
    lite: false,
  };
  const result = await pullMessage(requester, 'b:1', 'G', args, { fromMaster: true, signal });
  assert.deepEqual(result, {
    outcome: { status: 'nothing', nextOffset: 8 },
    suggestedBrokerId: 1,
  });
  await pullMessage(requester, 'b:1', 'G', { ...args, lite: true }, { fromMaster: false, signal });
  const [first, second] = requester.made.map(({ outgoing }) => outgoing);
  assert.equal(first?.code, RequestCode.PullMessage);
  assert.equal(first?.ext?.get('sysFlag'), '3', 'commit and suspend');
  assert.equal(first?.ext?.get('commitOffset'), '5');
  assert.equal(second?.code, RequestCode.LitePullMessage);
  assert.equal(second?.ext?.get('sysFlag'), '22', 'suspend, subscription, lite');
  assert.equal(second?.ext?.get('subscription'), 'a||b');
});

test('an offset that the broker does not have names another', async () => {
  const ext = new Map([
    ['nextBeginOffset', '100'],
    ['suggestWhichBrokerId', '0'],
    ['minOffset', '100'],
    ['maxOffset', '200'],
  ]);
  const requester = new RecordingRequester({ code: ResponseCode.PullOffsetMoved, ext });
  const args = {
    queue,
    offset: 7,
    subscription: tagSubscription('T', '*', 1),
    batchSize: 32,
    batchBytes: 1_000,
    holdMs: 15_000,
    timeoutMs: 30_000,
    commitOffset: undefined,
    lite: false,
  };
  const { outcome } = await pullMessage(requester, 'b:1', 'G', args, { fromMaster: true, signal });
  assert.deepEqual(outcome, { status: 'moved', nextOffset: 100 });
});

test('lists, queries and topics ask what the protocol wants', async () => {
  const body = Buffer.from('{"consumerIdList":["a","b"]}');
  const list = new RecordingRequester({ code: ResponseCode.Success, body });
  assert.deepEqual(await groupMembers(list, 'b:1', 'G'), ['a', 'b']);
  const query = new RecordingRequester({ code: ResponseCode.QueryNotFound });
  const args = { topic: 'T', key: 'K', unique: true, max: 5, beginMs: 0, endMs: 9 };
  assert.deepEqual(await queryMessages(query, 'b:1', args), []);
  assert.equal(query.made[0]?.outgoing.ext?.get('_UNIQUE_KEY_QUERY'), 'true');
  const create = new RecordingRequester({ code: ResponseCode.SystemError, remark: 'no' });
  const topic = { topic: 'T', readQueues: 2, writeQueues: 3, permission: 6, ordered: true };
  await assert.rejects(createTopicAt(create, 'b:1', { ...topic, attributes: '+a=b' }), {
    message: 'The creation of topic T at b:1 was refused with code 1: no',
  });
  const ext = create.made[0]?.outgoing.ext;
  assert.equal(ext?.get('writeQueueNums'), '3');
  assert.equal(ext?.get('attributes'), '+a=b');
});
