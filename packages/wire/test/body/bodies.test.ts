/** Bodies go to the wire and come back the same; what peers rely on in their text is shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { messageQueue, topicName } from '@skylarkmq/testkit';
import fc from 'fast-check';
import {
  decodeClusterInfo,
  decodeCompressedRegisterBrokerBody,
  decodeConsumerList,
  decodeGroupList,
  decodeHeartbeat,
  decodeLockBatch,
  decodeLockOk,
  decodeMessageQueueMapKey,
  decodeOldRegisterBrokerBody,
  decodeRegisterBrokerBody,
  decodeSubscriptionGroupBody,
  decodeTextTable,
  decodeTopicList,
  decodeTopicRoute,
  encodeClusterInfo,
  encodeConsumerList,
  encodeGroupList,
  encodeHeartbeat,
  encodeLockBatch,
  encodeLockOk,
  encodeRegisterBrokerBody,
  encodeSubscriptionGroup,
  encodeTextTable,
  encodeTopicList,
  encodeTopicRoute,
  NO_VERSION,
  nextVersion,
  sameVersion,
  subscriptionGroup,
  topicConfig,
} from '../../src/index.ts';

const options = { noNullPrototype: true };
const count = fc.nat({ max: 1024 });
const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const textMap = fc
  .array(fc.tuple(anyText, anyText), { maxLength: 5 })
  .map((pairs) => new Map(pairs));
const names = fc.uniqueArray(topicName, { maxLength: 5 });
const address = fc.tuple(fc.ipV4(), fc.nat({ max: 65535 })).map(([ip, port]) => `${ip}:${port}`);

const queueData = fc.record(
  {
    brokerName: topicName,
    readQueueNums: count,
    writeQueueNums: count,
    perm: fc.nat({ max: 7 }),
    topicSysFlag: fc.nat({ max: 3 }),
  },
  options,
);
const brokerData = fc.record(
  {
    cluster: topicName,
    brokerName: topicName,
    brokerAddrs: fc
      .array(fc.tuple(fc.nat({ max: 5 }), address), { maxLength: 3 })
      .map((pairs) => new Map(pairs)),
    enableActingMaster: fc.boolean(),
  },
  options,
);

test('routes, in both dialects', () => {
  const routes = fc.record(
    { queueDatas: fc.array(queueData, { maxLength: 4 }), brokerDatas: fc.array(brokerData) },
    options,
  );
  fc.assert(
    fc.property(
      routes,
      fc.boolean(),
      fc.option(anyText, { nil: undefined }),
      (parts, standard, orderTopicConf) => {
        const order = orderTopicConf === undefined ? {} : { orderTopicConf };
        const route = { ...parts, ...order, filterServerTable: new Map<string, string[]>() };
        const body = encodeTopicRoute(route, standard);
        assert.deepEqual(decodeTopicRoute(body), route);
        if (standard) assert.ok(JSON.parse(body.toString('utf8')));
      },
    ),
    { numRuns: 50 },
  );
});

test('clusters', () => {
  const infos = fc.record(
    {
      brokers: fc
        .array(brokerData, { maxLength: 4 })
        .map((all) => new Map(all.map((one) => [one.brokerName, one]))),
      clusters: fc
        .array(fc.tuple(topicName, names), { maxLength: 3 })
        .map((pairs) => new Map(pairs)),
    },
    options,
  );
  fc.assert(
    fc.property(infos, (info) => {
      assert.deepEqual(decodeClusterInfo(encodeClusterInfo(info)), info);
    }),
    { numRuns: 50 },
  );
});

const subscription = fc.record(
  {
    topic: topicName,
    subString: anyText,
    expressionType: fc.constantFrom('TAG', 'SQL92'),
    subVersion: fc.maxSafeNat(),
    tagsSet: fc.array(anyText, { maxLength: 3 }),
    codeSet: fc.array(fc.integer(), { maxLength: 3 }),
    classFilterMode: fc.boolean(),
  },
  options,
);

test('heartbeats', () => {
  const consumer = fc.record(
    {
      groupName: topicName,
      consumeType: fc.constantFrom('CONSUME_ACTIVELY', 'CONSUME_PASSIVELY', 'CONSUME_POP'),
      messageModel: fc.constantFrom('BROADCASTING', 'CLUSTERING'),
      consumeFromWhere: fc.constantFrom('CONSUME_FROM_FIRST_OFFSET', 'CONSUME_FROM_TIMESTAMP'),
      unitMode: fc.boolean(),
      subscriptionDataSet: fc.array(subscription, { maxLength: 3 }),
    },
    options,
  );
  const heartbeats = fc.record(
    {
      clientID: anyText,
      heartbeatFingerprint: fc.integer(),
      withoutSub: fc.boolean(),
      producerDataSet: fc.array(fc.record({ groupName: topicName }, options), { maxLength: 3 }),
      consumerDataSet: fc.array(consumer, { maxLength: 3 }),
    },
    options,
  );
  fc.assert(
    fc.property(heartbeats, (heartbeat) => {
      assert.deepEqual(decodeHeartbeat(encodeHeartbeat(heartbeat)), heartbeat);
    }),
    { numRuns: 50 },
  );
  const least = decodeHeartbeat(
    Buffer.from('{"clientID":"c","consumerDataSet":[{"groupName":"g"}]}'),
  );
  assert.equal(least.consumerDataSet[0]?.messageModel, 'CLUSTERING');
  assert.throws(() => decodeHeartbeat(Buffer.from('{}')), /clientID/);
  assert.throws(() => decodeHeartbeat(null), /clientID/);
});

test('locks, and queues as keys', () => {
  const queues = fc.array(messageQueue, { maxLength: 5 });
  fc.assert(
    fc.property(queues, topicName, fc.boolean(), (mqSet, consumerGroup, onlyThisBroker) => {
      const batch = { mqSet, consumerGroup, clientId: 'c@1', onlyThisBroker };
      const same = queuesOf(mqSet);
      assert.deepEqual(decodeLockBatch(encodeLockBatch(batch)), { ...batch, mqSet: same });
      assert.deepEqual(decodeLockOk(encodeLockOk(mqSet)), same);
      for (const queue of same) {
        assert.deepEqual(decodeMessageQueueMapKey(JSON.stringify(queue)), queue);
      }
    }),
    { numRuns: 50 },
  );
});

/** Without fast-check's null prototypes. */
function queuesOf(all: readonly { topic: string; brokerName: string; queueId: number }[]) {
  return all.map(({ topic, brokerName, queueId }) => ({ topic, brokerName, queueId }));
}

const config = fc
  .tuple(topicName, count, fc.nat({ max: 7 }), fc.boolean(), fc.nat({ max: 3 }), textMap)
  .map(([name, queues, perm, order, topicSysFlag, attributes]) =>
    topicConfig(name, queues, perm, { order, topicSysFlag, attributes }),
  );
const version = fc.record(
  { counter: fc.maxSafeNat(), stateVersion: fc.nat(), timestamp: fc.maxSafeNat() },
  options,
);
const table = fc.tuple(version, fc.array(config, { maxLength: 5 })).map(([dataVersion, all]) => ({
  dataVersion,
  topics: new Map(all.map((one) => [one.topicName, one])),
}));

test('registrations', () => {
  fc.assert(
    fc.property(table, (topics) => {
      const body = decodeRegisterBrokerBody(encodeRegisterBrokerBody(topics));
      assert.deepEqual(body, { table: topics, filterServers: [], mappings: new Map() });
    }),
    { numRuns: 50 },
  );
  const attributes = new Map([
    ['{ ', ' '],
    ['1', 'a bare number as a key is refused by Java'],
  ]);
  const odd = new Map([['a', topicConfig('a', 1, 6, { attributes })]]);
  const body = encodeRegisterBrokerBody({ dataVersion: NO_VERSION, topics: odd });
  assert.match(body.toString(), /"attributes":\{"\{ ":" ","1":/);
  assert.deepEqual(decodeRegisterBrokerBody(body).table.topics, odd);
  const empty = { table: { dataVersion: NO_VERSION, topics: new Map() }, mappings: new Map() };
  assert.deepEqual(decodeRegisterBrokerBody(null), { ...empty, filterServers: null });
  assert.deepEqual(decodeOldRegisterBrokerBody(null), { ...empty, filterServers: null });
  assert.deepEqual(decodeCompressedRegisterBrokerBody(null), { ...empty, filterServers: null });
});

test('a compressed registration that lies about itself is corrupt', () => {
  const isCorrupt = { code: 'CORRUPT' };
  const int32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  const version = Buffer.from('{"counter":1}');
  const start = Buffer.concat([int32(version.length), version]);
  const line = (text: string): Buffer =>
    Buffer.concat([start, int32(1), int32(text.length), Buffer.from(text)]);
  const bad = [
    Buffer.alloc(0),
    int32(-1),
    int32(1_000_000),
    Buffer.concat([start, int32(-1)]),
    Buffer.concat([start, int32(0x7fffffff)]),
    line('TopicA 4 4'),
    line('TopicA four 4 6 SINGLE_TAG'),
    line('TopicA 4 4 6 SINGLE_TAG {'),
    line('TopicA 4 4 6 SINGLE_TAG'),
  ];
  for (const plain of bad) {
    assert.throws(() => decodeCompressedRegisterBrokerBody(deflateSync(plain)), isCorrupt);
  }
  assert.throws(() => decodeCompressedRegisterBrokerBody(Buffer.from('no zlib')), isCorrupt);
  const bomb = deflateSync(Buffer.alloc(80 * 1024 * 1024), { level: 1 });
  assert.throws(() => decodeCompressedRegisterBrokerBody(bomb), isCorrupt);
});

test('groups keep the members that we do not know', () => {
  const group = subscriptionGroup('G', { retryMaxTimes: 3, brokerId: 5 });
  assert.deepEqual(decodeSubscriptionGroupBody(encodeSubscriptionGroup(group)), group);
  const text = '{"groupName":"G","novelty":{"deep":[1,null]},"retryQueueNums":2}';
  const read = decodeSubscriptionGroupBody(Buffer.from(text));
  assert.equal(read.retryQueueNums, 2);
  assert.match(encodeSubscriptionGroup(read).toString('utf8'), /"novelty":\{"deep":\[1,null\]\}/);
});

test('lists and tables', () => {
  fc.assert(
    fc.property(names, textMap, (list, map) => {
      assert.deepEqual(decodeTopicList(encodeTopicList(list)), list);
      assert.deepEqual(decodeConsumerList(encodeConsumerList(list)), list);
      assert.deepEqual(decodeGroupList(encodeGroupList(list)), list);
      assert.deepEqual(decodeTextTable(encodeTextTable(map)), map);
    }),
  );
});

test('versions', () => {
  const next = nextVersion(NO_VERSION, 5);
  assert.deepEqual(next, { counter: 1, stateVersion: 0, timestamp: 5 });
  assert.ok(sameVersion(next, { ...next }));
  for (const name of ['counter', 'stateVersion', 'timestamp']) {
    assert.ok(!sameVersion(next, { ...next, [name]: 9 }), name);
  }
});
