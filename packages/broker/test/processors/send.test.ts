import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeOffsetMessageId,
  dlqTopic,
  encodeBatch,
  encodeProperties,
  retryTopic,
  type StoredMessage,
  SystemFlag,
  SystemTopic,
} from '@skylarkmq/message';
import {
  type Command,
  RequestCode,
  ResponseCode,
  Serialization,
  subscriptionGroup,
  topicConfig,
} from '@skylarkmq/wire';
import type { HotPathBroker } from '../hot-path-broker.ts';
import { type HotPathClient, numberOf } from '../hot-path-client.ts';
import { withHotPath } from '../with-hot-path.ts';

/** The message that an answer speaks of, as it lies in the log. */
async function stored(broker: HotPathBroker, answer: Command): Promise<StoredMessage> {
  const [id = ''] = (answer.ext.get('msgId') ?? '').split(',');
  const message = await broker.store.lookMessage(decodeOffsetMessageId(id).physicalOffset);
  assert.ok(message !== null);
  return message;
}

for (const serialization of [Serialization.Json, Serialization.Binary]) {
  for (const code of [RequestCode.SendMessage, RequestCode.SendMessageV2]) {
    test(`code ${code} in form ${serialization} is stored and answered in full`, async () => {
      await withHotPath(
        async ({ broker, client }) => {
          const key = '7F00000100002A9F00000000000000AA';
          const properties: [string, string][] = [
            ['UNIQ_KEY', key],
            ['KEYS', 'k1 "k2" ü'],
            ['TAGS', 'TagA'],
            ['WAIT', 'true'],
          ];
          const body = 'a body';
          const answer = await client.send({ code, queueId: 2, properties, body, flag: 9 });
          assert.equal(answer.code, ResponseCode.Success);
          assert.equal(answer.remark, null);
          assert.equal(answer.serialization, serialization);
          const message = await stored(broker, answer);
          assert.deepEqual(
            [...answer.ext].sort(),
            [
              ['MSG_REGION', 'DefaultRegion'],
              ['TRACE_ON', 'true'],
              ['msgId', message.offsetMessageId],
              ['queueId', '2'],
              ['queueOffset', '0'],
              ['transactionId', key],
            ].sort(),
          );
          assert.equal(message.topic, 'T');
          assert.equal(message.queueId, 2);
          assert.equal(message.flag, 9);
          assert.equal(message.body.toString(), body);
          assert.equal(message.bornTimestamp, 1_700_000_000_123);
          assert.deepEqual(
            Object.fromEntries(message.properties),
            Object.fromEntries([
              ...properties,
              ['MSG_REGION', 'DefaultRegion'],
              ['TRACE_ON', 'true'],
              ['CLUSTER', 'DefaultCluster'],
            ]),
          );
          const second = await client.send({ code, queueId: 2 });
          assert.equal(numberOf(second, 'queueOffset'), 1);
        },
        { store: { propertyCrc: false } },
        serialization,
      );
    });
  }
}

test('a message without a unique key gets one, and properties without an end get it', async () => {
  await withHotPath(async ({ broker, client }) => {
    const answer = await client.send({ propertyText: 'a\u0001b' });
    const message = await stored(broker, answer);
    const key = message.properties.get('UNIQ_KEY') ?? '';
    assert.match(key, /^[0-9A-F]{32}$/);
    assert.equal(answer.ext.get('transactionId'), key);
    assert.equal(message.properties.get('a'), 'b');
    const next = await stored(broker, await client.send({ propertyText: '' }));
    assert.notEqual(next.properties.get('UNIQ_KEY'), key);
  });
});

test('a unique key that needs escapes or is long is answered as it is', async () => {
  await withHotPath(async ({ client }) => {
    for (const key of ['with "quotes" and \\', 'ü', 'k'.repeat(1000)]) {
      const answer = await client.send({ properties: [['UNIQ_KEY', key]] });
      assert.equal(answer.code, ResponseCode.Success);
      assert.equal(answer.ext.get('transactionId'), key);
      assert.equal(answer.ext.get('TRACE_ON'), 'true');
    }
  });
});

test('without a queue the broker chooses one of those that can be written', async () => {
  await withHotPath(async ({ broker, client }) => {
    const seen = new Set<number>();
    for (let i = 0; i < 60; i++) seen.add(numberOf(await client.send({ queueId: -1 }), 'queueId'));
    assert.deepEqual([...seen].sort(), [0, 1, 2, 3]);
    assert.equal(broker.store.maxOffset('T', 0) > 0, true);
  });
});

test('a one-way send is stored and not answered', async () => {
  await withHotPath(async ({ broker, client }) => {
    await client.sendOneway({ body: 'one' });
    const answer = await client.send({ body: 'two' });
    assert.equal(numberOf(answer, 'queueOffset'), 1);
    assert.equal(broker.store.maxOffset('T', 0), 2);
  });
});

test('a topic is made on the first send, after the default topic', async () => {
  await withHotPath(async ({ broker, client }) => {
    const answers = await Promise.all([1, 2, 3].map(() => client.send({ topic: 'New' })));
    assert.deepEqual(
      answers.map((one) => one.code),
      [0, 0, 0],
    );
    assert.equal(broker.topics.get('New')?.writeQueueNums, 4);
    assert.equal(broker.topics.get('New')?.perm, 6);
  });
});

test('a topic that cannot be made is refused with cause and cure', async () => {
  await withHotPath(async ({ broker, client }) => {
    broker.change({ autoCreateTopicEnable: false });
    const answer = await client.send({ topic: 'New' });
    assert.equal(answer.code, ResponseCode.TopicNotExist);
    assert.match(answer.remark ?? '', /^topic\[New\] not exist, apply first please!\nSee https/);
    assert.match(answer.remark ?? '', /Cause: autoCreateTopicEnable is off; create the topic/);
    assert.equal(answer.ext.get('MSG_REGION'), 'DefaultRegion');
  });
});

test('what must not be sent is refused with the official codes', async () => {
  await withHotPath(async ({ broker, client }) => {
    const refuse = async (
      message: Parameters<HotPathClient['send']>[0],
      code: number,
      remark: RegExp,
    ): Promise<void> => {
      const answer = await client.send(message);
      assert.equal(answer.code, code, answer.remark ?? '');
      assert.match(answer.remark ?? '', remark);
    };
    await refuse({ topic: 'a b' }, 29, /illegal characters/);
    await refuse({ topic: 'x'.repeat(128) }, 29, /longer than topic max length/);
    await refuse({ topic: SystemTopic.Schedule }, 16, /Sending message to topic\[SCHEDULE.*forbid/);
    await refuse({ queueId: 4 }, 29, /request queueId\[4\] is illegal.*writeQueueNums=4/);
    await refuse({ body: null }, 13, /the message is illegal.*body is empty/);
    broker.change({ maxMessageSize: 10 });
    await refuse({ body: '12345678901' }, 13, /body length limit 10B.*the body has 11 bytes/);
    broker.change({ maxMessageSize: 1000 });
    const long = [['k', 'v'.repeat(32_760)]] as const;
    await refuse({ properties: long }, 13, /properties length limit 32KB.*properties/);
    await refuse({ properties: [['k', 'v'.repeat(40_000)]] }, 13, /properties have 40003 bytes/);
    broker.change({ startAcceptSendRequestTimeStamp: Date.now() + 60_000 });
    await refuse({}, 1, /broker unable to service, until/);
    broker.change({ startAcceptSendRequestTimeStamp: 0, brokerPermission: 4 });
    broker.topics.put(topicConfig('Ordered', 4, 6, { order: true }));
    await refuse(
      { topic: 'Ordered' },
      16,
      /^the broker\[127.0.0.1\] sending message is forbidden$/,
    );
    assert.equal((await client.send({})).code, 0, 'clients with old routes may still send');
    broker.topics.put(
      topicConfig('Compact', 4, 6, { attributes: new Map([['cleanup.policy', 'COMPACTION']]) }),
    );
    await refuse({ topic: 'Compact' }, 13, /needs KEYS/);
    assert.equal((await client.send({ topic: 'Compact', properties: [['KEYS', 'a']] })).code, 0);
  });
});

test('a malformed header is answered, not fatal', async () => {
  await withHotPath(async ({ client }) => {
    const answer = await client.invoke({ code: 310, ext: new Map([['a', 'P']]), body: null });
    assert.equal(answer.code, ResponseCode.SystemError);
    assert.match(answer.remark ?? '', /null/);
    assert.equal((await client.send({})).code, 0);
  });
});

test('a batch is stored message by message, with one answer', async () => {
  await withHotPath(async ({ broker, client }) => {
    const parts = ['one', 'two', 'three'].map((text) => ({
      flag: 3,
      body: Buffer.from(text),
      properties: encodeProperties([['UNIQ_KEY', `key-${text}`]]),
    }));
    const batch = { code: 320, batch: true, body: encodeBatch(parts), propertyText: '' };
    const answer = await client.send(batch);
    assert.equal(answer.code, 0);
    assert.equal(numberOf(answer, 'queueOffset'), 0);
    const ids = (answer.ext.get('msgId') ?? '').split(',');
    assert.equal(ids.length, 3);
    const bodies = await Promise.all(
      ids.map(async (id) => {
        const { physicalOffset } = decodeOffsetMessageId(id);
        return (await broker.store.lookMessage(physicalOffset))?.body.toString();
      }),
    );
    assert.deepEqual(bodies, ['one', 'two', 'three']);
    assert.equal(broker.stats.view('TOPIC_PUT_NUMS', 'T')?.statsMinute.sum, 3);
    assert.equal(numberOf(await client.send(batch), 'queueOffset'), 3);
    const broken = await client.send({ ...batch, body: batch.body.subarray(0, 40) });
    assert.equal(broken.code, ResponseCode.MessageIllegal);
    assert.match(broken.remark ?? '', /Bad batch/);
    broker.topics.put(topicConfig(retryTopic('G'), 1, 6));
    const retry = await client.send({ ...batch, topic: retryTopic('G') });
    assert.equal(retry.code, ResponseCode.MessageIllegal);
    assert.match(retry.remark ?? '', /does not support retry group/);
  });
});

test('a delayed message goes to the schedule topic and the sender hears of its own', async () => {
  await withHotPath(async ({ broker, client }) => {
    const properties: [string, string][] = [
      ['DELAY', '25'],
      ['UNIQ_KEY', 'delayed'],
      ['TIMER_DELAY_SEC', '9'],
    ];
    const answer = await client.send({ queueId: 3, properties });
    assert.equal(answer.code, 0);
    assert.equal(numberOf(answer, 'queueId'), 3);
    assert.equal(answer.ext.get('transactionId'), 'delayed');
    const message = await stored(broker, answer);
    assert.equal(message.topic, SystemTopic.Schedule);
    assert.equal(message.queueId, 17);
    assert.equal(message.properties.get('REAL_TOPIC'), 'T');
    assert.equal(message.properties.get('REAL_QID'), '3');
    assert.equal(message.properties.get('DELAY'), '18');
    assert.equal(message.properties.has('TIMER_DELAY_SEC'), false);
    assert.equal(message.properties.get('CLUSTER'), 'DefaultCluster');
    assert.equal(broker.store.maxOffset('T', 3), 0);
    const bad = await client.send({ properties: [['DELAY', 'soon']] });
    assert.equal(bad.code, ResponseCode.MessageIllegal);
    assert.match(bad.remark ?? '', /delay level \\?"soon\\?" is no number/);
  });
});

test('a checkpoint and a checksum of the sender are not stored', async () => {
  await withHotPath(async ({ broker, client }) => {
    const properties: [string, string][] = [
      ['POP_CK', '1 2 3'],
      ['__CRC32#', '0123456789'],
      ['a', 'b'],
    ];
    const message = await stored(broker, await client.send({ properties }));
    assert.equal(message.properties.has('POP_CK'), false);
    assert.notEqual(message.properties.get('__CRC32#'), '0123456789');
    assert.equal(message.properties.get('a'), 'b');
  });
});

test('topics with several tags mark their messages', async () => {
  await withHotPath(async ({ broker, client }) => {
    broker.topics.put(topicConfig('Tags', 1, 6, { topicFilterType: 'MULTI_TAG' }));
    const message = await stored(broker, await client.send({ topic: 'Tags' }));
    assert.equal(message.sysFlag & SystemFlag.MultiTags, SystemFlag.MultiTags);
  });
});

test('retries: group, limits, dead letters', async () => {
  await withHotPath(async ({ broker, client }) => {
    broker.change({ autoCreateSubscriptionGroup: false });
    const topic = retryTopic('G');
    const unknown = await client.send({ topic });
    assert.equal(unknown.code, ResponseCode.SubscriptionGroupNotExist);
    assert.match(unknown.remark ?? '', /^subscription group not exist, G/);
    broker.groups.put(subscriptionGroup('G', { retryMaxTimes: 2 }));
    assert.equal((await client.send({ topic, reconsumeTimes: 2 })).code, 0);
    assert.equal(broker.topics.get(topic)?.writeQueueNums, 1);
    assert.equal(broker.store.maxOffset(topic, 0), 1);
    const properties: [string, string][] = [
      ['DELAY', '3'],
      ['a', 'b'],
    ];
    const dead = await stored(broker, await client.send({ topic, reconsumeTimes: 3, properties }));
    assert.equal(dead.topic, dlqTopic('G'));
    assert.equal(dead.reconsumeTimes, 3);
    assert.equal(dead.properties.has('DELAY'), false);
    assert.equal(dead.properties.get('a'), 'b');
    assert.equal(broker.stats.view('DLQ_PUT_NUMS', `${topic}@G`)?.statsMinute.sum, 1);
    const more = await client.send({ topic, reconsumeTimes: 3, maxReconsumeTimes: 5 });
    assert.equal((await stored(broker, more)).topic, topic);
  });
});

test('retries of a group that consumes in order go to the dead letters', async () => {
  await withHotPath(async ({ broker, client }) => {
    broker.groups.put(subscriptionGroup('G'));
    broker.locks.lock('G', 'client', [{ topic: 'T', brokerName: 'broker-a', queueId: 0 }]);
    const message = await stored(broker, await client.send({ topic: retryTopic('G') }));
    assert.equal(message.topic, dlqTopic('G'));
  });
});

test('settings are followed at once', async () => {
  await withHotPath(async ({ broker, client }) => {
    await client.send({});
    broker.change({ regionId: 'Moon', traceOn: false });
    const answer = await client.send({});
    assert.equal(answer.ext.get('MSG_REGION'), 'Moon');
    assert.equal(answer.ext.get('TRACE_ON'), 'false');
    const message = await stored(broker, answer);
    assert.equal(message.properties.get('MSG_REGION'), 'Moon');
    assert.equal(message.properties.get('TRACE_ON'), 'false');
  });
});

test('a topic that is removed and made again begins anew', async () => {
  await withHotPath(async ({ broker, client }) => {
    for (let i = 0; i < 3; i++) await client.send({});
    broker.topics.delete('T');
    broker.stats.removeTopic('T');
    await broker.store.deleteTopic('T');
    broker.change({ autoCreateTopicEnable: false });
    assert.equal((await client.send({})).code, ResponseCode.TopicNotExist);
    broker.topics.put(topicConfig('T', 4, 6));
    const answer = await client.send({});
    assert.equal(numberOf(answer, 'queueOffset'), 0);
    assert.equal(broker.store.maxOffset('T', 0), 1);
    assert.equal(broker.stats.view('TOPIC_PUT_NUMS', 'T')?.statsMinute.sum, 1);
  });
});

test('a store that is closed says so, and busy is busy', async () => {
  await withHotPath(
    async ({ broker, client }) => {
      // The first takes more than may be pending; the second comes before the disk has it.
      const answers = await Promise.all(
        [1, 2, 3, 4].map(() => client.send({ body: Buffer.alloc(30_000) })),
      );
      const codes = answers.map((one) => one.code);
      assert.ok(codes.includes(ResponseCode.SystemBusy), `got ${codes.join()}`);
      const busy = answers.find((one) => one.code === ResponseCode.SystemBusy);
      assert.match(busy?.remark ?? '', /^\[PC_SYNCHRONIZED\]broker busy, start flow control/);
      assert.match(busy?.remark ?? '', /wait for the disk/);
      await broker.store.close();
      const closed = await client.send({});
      assert.equal(closed.code, ResponseCode.ServiceNotAvailable);
      assert.match(closed.remark ?? '', /^service not available now.*Cause: The store is closed/s);
      assert.equal(broker.stats.runtimeInfo().get('putMessageFailedTimes') === '0', false);
    },
    { store: { pendingBytesMax: 20_000 } },
  );
});
