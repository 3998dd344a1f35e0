import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, MqErrorCode, realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import { encodePropertyText, SystemFlag, zlibCodec } from '@skylarkmq/message';
import { type Outgoing, PushReplyMessage } from '@skylarkmq/wire';
import { ReceivedMessage } from '../../src/consumer/received-message.ts';
import { answerServerRequest } from '../../src/instance/server-requests.ts';
import type { OutgoingMessage } from '../../src/producer/outgoing-message.ts';
import type { MessageExtras } from '../../src/producer/packer.ts';
import { RequestReply, type RequestReplyOptions } from '../../src/request/request-reply.ts';
import { WaitingRequests } from '../../src/request/waiting-requests.ts';
import { queuesOf, storedMessage } from '../fake/queues.ts';
import { received } from '../fake/recording-requester.ts';

interface Sent {
  readonly message: OutgoingMessage;
  readonly options: RequestReplyOptions;
  readonly extras: MessageExtras;
}

const REPLY_TOPIC = 'c_REPLY_TOPIC';

class Lab {
  readonly time = new VirtualTime(realScheduler);
  readonly requests = new WaitingRequests();
  readonly sent: Sent[] = [];
  announced = 0;
  failure: MqError | undefined;
  readonly asking = new RequestReply({
    clock: this.time,
    scheduler: this.time,
    logger: silentLogger,
    sendTimeoutMs: 3_000,
    topicOf: (topic) => topic,
    instance: () => ({
      clientId: 'me',
      requests: this.requests,
      nextMessageId: () => `c${this.sent.length}`,
      routes: {
        known: () => undefined,
        findToSend: (topic) => Promise.resolve(this.#route(topic)),
      },
      announce: () => {
        this.announced++;
        return Promise.resolve();
      },
    }),
    send: (message, options, extras) => {
      this.sent.push({ message, options, extras });
      if (this.failure !== undefined) return Promise.reject(this.failure);
      const queue = { topic: message.topic, brokerName: 'a', queueId: 0 };
      return Promise.resolve({
        ...{ status: 'ok', messageId: '', offsetMessageId: '', queue, queueOffset: 0 },
        ...{ transactionId: undefined, regionId: '', traceOn: true },
      });
    },
  });

  /** A reply as a broker pushes it. */
  push(correlationId: string, more: Partial<{ body: Buffer; sysFlag: number }> = {}) {
    const properties = encodePropertyText(new Map([['CORRELATION_ID', correlationId]]));
    const ext = PushReplyMessage.request.encode({
      ...{ producerGroup: 'P', topic: REPLY_TOPIC, defaultTopicQueueNums: 4, queueId: 0 },
      ...{ sysFlag: more.sysFlag ?? 0, bornTimestamp: 1, flag: 3, properties, reconsumeTimes: 0 },
      ...{ unitMode: false, bornHost: '1.2.3.4:5', storeHost: '1.2.3.4:6', storeTimestamp: 2 },
    });
    return this.serve({ code: PushReplyMessage.code, ext, body: more.body ?? Buffer.from('yes') });
  }

  serve(outgoing: Outgoing): Promise<Outgoing | null> {
    const options = { codecs: [], logger: silentLogger };
    return answerServerRequest(received(outgoing), new Map(), this.requests, options);
  }

  #route(topic: string) {
    const writable = queuesOf(topic, ['a', 'b'], 1);
    return { topic, writable, readable: writable, brokers: new Map() };
  }
}

/** A request as its consumer has it, from broker `b`. */
function request(more: readonly (readonly [string, string])[] = []): ReceivedMessage {
  const queue = { topic: 'T', brokerName: 'b', queueId: 0 };
  const properties = new Map([
    ['CLUSTER', 'c'],
    ['CORRELATION_ID', 'c-1'],
    ['REPLY_TO_CLIENT', 'who'],
    ['TTL', '500'],
    ...more,
  ]);
  return new ReceivedMessage(storedMessage(queue, 0, { properties }), queue, 0, 'T', []);
}

test('a request says who asks, and gets the reply with its id', async () => {
  const lab = new Lab();
  const asked = lab.asking.request({ topic: 'T', body: 'q' }, { timeoutMs: 500 });
  await lab.time.advance(0);
  assert.deepEqual(Object.fromEntries(lab.sent[0]?.extras.properties ?? []), {
    CORRELATION_ID: 'c0',
    REPLY_TO_CLIENT: 'me',
    TTL: '500',
  });
  assert.equal(lab.announced, 1);
  assert.equal((await lab.push('other'))?.code, 0, 'a reply that nobody waits for is taken');
  assert.equal((await lab.push('c0'))?.code, 0);
  const reply = await asked;
  assert.equal(reply.text(), 'yes');
  assert.equal(reply.correlationId, 'c0');
  assert.equal(reply.flag, 3);
  assert.equal(reply.queueOffset, -1);
  assert.equal(lab.requests.size, 0);
  const second = lab.asking.request({ topic: 'T', body: 'q' }, {});
  await lab.time.advance(0);
  assert.equal(lab.announced, 1, 'announced once for a topic');
  const body = await zlibCodec.compress(Buffer.from('short'));
  await lab.push('c1', { body, sysFlag: SystemFlag.Compressed });
  assert.equal((await second).text(), 'short');
  await lab.asking.idle();
});

test('a request ends with its time, its signal, or its failed send, and is forgotten', async () => {
  const lab = new Lab();
  const late = lab.asking.request({ topic: 'T', body: 'q' }, { timeoutMs: 500 });
  const isLate = assert.rejects(late, { code: 'TIMEOUT', message: /within 500 ms/ });
  await lab.time.advance(499);
  assert.equal(lab.requests.size, 1);
  await lab.time.advance(1);
  await isLate;
  const stop = new AbortController();
  const aborted = lab.asking.request({ topic: 'T', body: 'q' }, { signal: stop.signal });
  await lab.time.advance(0);
  stop.abort();
  await assert.rejects(aborted, { code: 'ABORTED' });
  lab.failure = new MqError(MqErrorCode.NoRoute, 'no route');
  await assert.rejects(lab.asking.request({ topic: 'T', body: 'q' }, {}), { code: 'NO_ROUTE' });
  assert.equal(lab.requests.size, 0);
});

test('a reply names who asked and goes through the broker of the request', async () => {
  const lab = new Lab();
  await lab.asking.reply(request(), { body: 'yes', tags: 'A' }, {});
  const [sent] = lab.sent;
  assert.deepEqual(sent?.message, { topic: REPLY_TOPIC, body: 'yes', tags: 'A' });
  assert.deepEqual(sent?.options.queue, { topic: REPLY_TOPIC, brokerName: 'b', queueId: 0 });
  assert.equal(sent?.extras.isReply, true);
  assert.deepEqual(Object.fromEntries(sent?.extras.properties ?? []), {
    MSG_TYPE: 'reply',
    CORRELATION_ID: 'c-1',
    REPLY_TO_CLIENT: 'who',
    TTL: '500',
  });
  const none = new ReceivedMessage(
    storedMessage({ topic: 'T', brokerName: 'b', queueId: 0 }, 0),
    ...([{ topic: 'T', brokerName: 'b', queueId: 0 }, 0, 'T', []] as const),
  );
  await assert.rejects(lab.asking.reply(none, 'yes', {}), { code: 'INVALID_ARGUMENT' });
});

test('a handler that replies keeps the message only while a reply may still work', async () => {
  const lab = new Lab();
  const { signal } = new AbortController();
  const handler = lab.asking.replying((message) => `${message.text()}!`);
  await handler(request(), signal);
  assert.equal(lab.sent[0]?.message.body, 'body-0!');
  const remark = 'push reply message fail, channel of <who> not found.';
  const response = { responseCode: 1, retryable: true };
  lab.failure = new MqError(MqErrorCode.Response, `refused: ${remark}`, response);
  await handler(request(), signal);
  await assert.rejects(lab.asking.reply(request(), 'yes', {}), { retryable: false });
  lab.failure = new MqError(MqErrorCode.Response, 'broker busy', response);
  await assert.rejects(handler(request(), signal), { message: 'broker busy' });
  const silent = lab.asking.replying(() => undefined);
  await silent(request(), signal);
  assert.equal(lab.sent.length, 4);
});

test('a reply that cannot be read is refused', async () => {
  const answer = await new Lab().serve({ code: PushReplyMessage.code, body: Buffer.from('x') });
  assert.equal(answer?.code, 1);
  assert.match(String(answer?.remark), /^process reply message fail: /);
});
