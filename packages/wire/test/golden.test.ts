/** Our encoders and decoders against bytes of the official ones (conformance/golden/wire.txt). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  type Command,
  decodeClusterInfo,
  decodeCompressedRegisterBrokerBody,
  decodeConsumerList,
  decodeHeartbeat,
  decodeLockBatch,
  decodeRegisterBrokerBody,
  decodeSubscriptionGroupBody,
  decodeTopicRoute,
  encodeClusterInfo,
  encodeCommand,
  encodeConsumerList,
  encodeHeartbeat,
  encodeLockBatch,
  encodeSubscriptionGroup,
  encodeTopicRoute,
  PullMessage,
  SendMessage,
  SendMessageScan,
  Serialization,
  subscriptionGroup,
} from '../src/index.ts';
import { decodeFrame } from './frame.ts';

const path = new URL('../../../conformance/golden/wire.txt', import.meta.url);
const golden = new Map(
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): [string, Buffer] => {
      const [name = '', hex = ''] = line.split(' ');
      return [name, Buffer.from(hex, 'hex')];
    }),
);
const FORMS = [
  ['JSON', Serialization.Json],
  ['ROCKETMQ', Serialization.Binary],
] as const;
const PROPERTIES = 'KEYS\u0001k1 k2\u0002TAGS\u0001标签"\\\u0002';

function bytesOf(name: string): Buffer {
  const bytes = golden.get(name);
  assert.ok(bytes !== undefined, name);
  return bytes;
}

/** The same command, encoded by us with the sender's language and version. */
function again(command: Command): Buffer {
  const { code, flag, opaque, language, version, remark, body } = command;
  const ext = command.ext.size === 0 ? undefined : command.ext;
  return encodeCommand(
    { code, flag, opaque, language, version, remark, body, ext },
    command.serialization,
  );
}

test('frames of every kind are read, and written as the same bytes', () => {
  for (const [form, serialization] of FORMS) {
    for (const name of ['send', 'pull', 'error', 'oneway']) {
      const bytes = bytesOf(`${name}/${form}`);
      const command = decodeFrame(bytes);
      assert.equal(command.serialization, serialization);
      assert.deepEqual([command.opaque, command.version, command.language], [7, 513, 0]);
      assert.equal(command.frameBytes, bytes.length);
      assert.equal(again(command).toString('hex'), bytes.toString('hex'), `${name}/${form}`);
    }
    assert.equal(decodeFrame(bytesOf(`error/${form}`)).remark, 'No route, 中文\nline');
    assert.ok(decodeFrame(bytesOf(`error/${form}`)).isResponse);
    assert.ok(decodeFrame(bytesOf(`oneway/${form}`)).isOneway);
    assert.equal(decodeFrame(bytesOf(`oneway/${form}`)).body, null);
  }
});

test('a send request has its fields, properties and body', () => {
  for (const [form] of FORMS) {
    const command = decodeFrame(bytesOf(`send/${form}`));
    assert.equal(command.body?.toString('utf8'), 'body ü');
    const { a, b, e, g, i, k } = SendMessage.requestV2.decode(command.ext);
    assert.deepEqual(
      [a, b, e, g, i, k],
      ['GroupA', 'TopicA', 2, 1_700_000_000_123, PROPERTIES, false],
    );
    const scan = new SendMessageScan();
    scan.scan(decodeFrame(bytesOf(`send/${form}`)));
    const { properties, propertiesStart, propertiesEnd } = scan;
    assert.equal(properties.toString('utf8', propertiesStart, propertiesEnd), PROPERTIES);
    assert.deepEqual([scan.producerGroup, scan.topic, scan.queueId], ['GroupA', 'TopicA', 2]);
  }
});

test('a pull request has its fields', () => {
  for (const [form] of FORMS) {
    const { ext } = decodeFrame(bytesOf(`pull/${form}`));
    const values = PullMessage.request.decode(ext);
    assert.equal(values.queueOffset, 1_234_567_890_123);
    assert.equal(values.subscription, 'A || B');
    assert.deepEqual(PullMessage.request.encode(values), new Map([...ext].sort(byOrderOf(values))));
  }
});

function byOrderOf(values: object): (left: [string, string], right: [string, string]) => number {
  const names = Object.keys(values);
  return ([left], [right]) => names.indexOf(left) - names.indexOf(right);
}

test('bodies are read, and written as the same text', () => {
  const same = (name: string, encoded: Buffer): void => {
    assert.equal(encoded.toString('utf8'), bytesOf(name).toString('utf8'));
  };
  same('body/route', encodeTopicRoute(decodeTopicRoute(bytesOf('body/route')), false));
  same('body/cluster', encodeClusterInfo(decodeClusterInfo(bytesOf('body/cluster'))));
  same('body/heartbeat', encodeHeartbeat(decodeHeartbeat(bytesOf('body/heartbeat'))));
  same('body/lock', encodeLockBatch(decodeLockBatch(bytesOf('body/lock'))));
  same('body/consumers', encodeConsumerList(decodeConsumerList(bytesOf('body/consumers'))));
});

test('a group with the defaults of Apache has the same members', () => {
  const theirs = JSON.parse(bytesOf('body/group').toString('utf8'));
  const group = subscriptionGroup('C', { retryMaxTimes: 3 });
  assert.deepEqual(JSON.parse(encodeSubscriptionGroup(group).toString('utf8')), theirs);
  assert.deepEqual(decodeSubscriptionGroupBody(bytesOf('body/group')), group);
});

test('registrations, plain and compressed', () => {
  const dataVersion = { counter: 5, stateVersion: 0, timestamp: 1_700_000_000_123 };
  const queues = { readQueueNums: 8, writeQueueNums: 4, perm: 6, topicFilterType: 'SINGLE_TAG' };
  const topic = { topicName: 'TopicA', ...queues, attributes: new Map([['message.type', 'FIFO']]) };
  const filterServers = ['10.0.0.1:3000'];
  const plain = decodeRegisterBrokerBody(bytesOf('body/register'));
  const expected = { ...topic, topicSysFlag: 1, order: true };
  const table = { dataVersion, topics: new Map([['TopicA', expected]]) };
  assert.deepEqual(plain, { table, filterServers, mappings: new Map() });
  const compressed = bytesOf('body/register-compressed');
  // The compressed form has neither flags nor order.
  const less = { ...topic, topicSysFlag: 0, order: false };
  assert.deepEqual(decodeCompressedRegisterBrokerBody(compressed, true), {
    table: { dataVersion, topics: new Map([['TopicA', less]]) },
    filterServers,
    mappings: new Map(),
  });
});
