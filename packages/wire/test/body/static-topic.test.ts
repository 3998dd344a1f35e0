/** docs/formats/static-topics.md */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFastjson, stringifyJson } from '@skylarkmq/base';
import {
  decodeStaticTopic,
  decodeStaticTopicBody,
  encodeRegisterBrokerBody,
  encodeTopicConfig,
  NO_VERSION,
  staticTopicInfoJson,
  staticTopicJson,
  topicConfig,
} from '../../src/index.ts';

/** As Apache 5.5.0 wrote it, but without blanks; a queue that was moved here added. */
const APACHE =
  '{"bname":"broker-b","currIdMap":{},"dirty":false,"epoch":1795778281196,"hostedQueues":{' +
  '1:[{"bname":"broker-b","endOffset":-1,"gen":0,"logicOffset":0,"queueId":0,"startOffset":0,' +
  '"timeOfEnd":-1,"timeOfStart":-1}],' +
  '0:[{"bname":"broker-a","endOffset":-1,"gen":0,"logicOffset":0,"queueId":0,"startOffset":0,' +
  '"timeOfEnd":-1,"timeOfStart":-1},' +
  '{"bname":"broker-b","endOffset":-1,"gen":1,"logicOffset":10000,"queueId":2,"startOffset":0,' +
  '"timeOfEnd":-1,"timeOfStart":-1}],' +
  '2:[{"bname":"broker-b","endOffset":-1,"gen":0,"logicOffset":0,"queueId":1,"startOffset":0,' +
  '"timeOfEnd":-1,"timeOfStart":-1},' +
  '{"bname":"broker-a","endOffset":-1,"gen":1,"logicOffset":10000,"queueId":2,"startOffset":0,' +
  '"timeOfEnd":-1,"timeOfStart":-1}]},' +
  '"scope":"__global__","topic":"ST1","totalQueues":4}';
/** What a name server is told of it. */
const INFO =
  '{"bname":"broker-b","currIdMap":{1:0,0:2},"dirty":false,"epoch":1795778281196,' +
  '"scope":"__global__","topic":"ST1","totalQueues":4}';

const options = { javaKeys: true };

test("Apache's mapping comes back the same", () => {
  const mapping = decodeStaticTopic(parseFastjson(APACHE));
  assert.equal(stringifyJson(staticTopicJson(mapping), options), APACHE);
  const text = encodeTopicConfig(topicConfig('ST1', 3, 6), mapping).toString();
  assert.ok(text.includes(`"mappingDetail":${APACHE}`), text);
  assert.doesNotMatch(encodeTopicConfig(topicConfig('ST1', 3, 6), null).toString(), /mapping/);
});

test('a name server hears only of queues that take messages here', () => {
  const mapping = decodeStaticTopicBody(Buffer.from(APACHE));
  assert.equal(stringifyJson(staticTopicInfoJson(mapping), options), INFO);
  const table = { dataVersion: NO_VERSION, topics: new Map() };
  const body = encodeRegisterBrokerBody(table, [mapping]).toString();
  assert.ok(body.includes(`"topicQueueMappingInfoMap":{"ST1":${INFO}}`), body);
});

test('what is no mapping is refused with the field that is wrong', () => {
  assert.throws(() => decodeStaticTopicBody(null), /topic/);
  const half = '{"topic":"T","bname":"b","totalQueues":1,"epoch":1,"hostedQueues":{0:[{"gen":0}]}}';
  assert.throws(() => decodeStaticTopicBody(Buffer.from(half)), /queueId/);
});
