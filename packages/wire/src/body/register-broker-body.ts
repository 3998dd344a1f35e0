/** What a broker tells a name server: its topics, plain or compressed. */
import { inflateSync } from 'node:zlib';
import {
  ByteReader,
  type JsonObject,
  type JsonValue,
  jsonArrayOr,
  jsonObject,
  jsonObjectOr,
  jsonString,
  MqError,
  MqErrorCode,
  parseFastjson,
} from '@skylarkmq/base';
import { decodeDataVersion } from './data-version.ts';
import { javaBody, parseBody } from './json-body.ts';
import { type StaticTopic, staticTopicInfoJson } from './static-topic.ts';
import {
  decodeTextMap,
  decodeTopicTable,
  type TopicConfig,
  type TopicTable,
  topicTableJson,
} from './topic-config.ts';

/** A decompressed body beyond this is refused: 16 MiB, as for frames, times four. */
const INFLATED_BYTES_MAX = 64 * 1024 * 1024;
const TOPICS_MAX = 1_000_000;

export interface RegisterBrokerBody {
  readonly table: TopicTable;
  /** Null when the broker says nothing of filter servers. */
  readonly filterServers: readonly string[] | null;
  /** Static topics: topic to where its logical queues are, as the broker wrote it. */
  readonly mappings: ReadonlyMap<string, JsonObject>;
}

const NO_MAPPINGS: ReadonlyMap<string, JsonObject> = new Map();

/** `mappings` are the static ones among the topics. */
export function encodeRegisterBrokerBody(
  table: TopicTable,
  mappings: readonly StaticTopic[] = [],
): Buffer {
  return javaBody({
    filterServerList: [],
    topicConfigSerializeWrapper: {
      ...topicTableJson(table),
      mappingDataVersion: { counter: 0, stateVersion: 0, timestamp: 0 },
      topicQueueMappingDetailMap: {},
      topicQueueMappingInfoMap: new Map(
        mappings.map((mapping) => [mapping.topic, staticTopicInfoJson(mapping)]),
      ),
    },
  });
}

/** The body of brokers since 3.0.11. */
export function decodeRegisterBrokerBody(body: Buffer | null): RegisterBrokerBody {
  const object = jsonObject(parseBody(body), 'body');
  const list = object.get('filterServerList');
  const wrapper = jsonObjectOr(object.get('topicConfigSerializeWrapper'), 'topics');
  return {
    table: decodeTopicTable(wrapper),
    filterServers: list === undefined || list === null ? null : texts(list),
    mappings: mappingsOf(wrapper.get('topicQueueMappingInfoMap')),
  };
}

/** The body of older brokers: the topics alone. */
export function decodeOldRegisterBrokerBody(body: Buffer | null): RegisterBrokerBody {
  return { table: decodeTopicTable(parseBody(body)), filterServers: null, mappings: NO_MAPPINGS };
}

/**
 * The compressed form: zlib over length + DataVersion JSON, topic count, per topic length + a line
 * "name read write perm filter attributes", length + filter servers; then, from brokers since 5.0,
 * a count of static topics and per topic length + JSON.
 */
// RocketMQ: RegisterBrokerBody#decode
export function decodeCompressedRegisterBrokerBody(
  body: Buffer | null,
  hasMappings = false,
): RegisterBrokerBody {
  if (body === null) return decodeRegisterBrokerBody(null);
  const reader = new ByteReader(inflate(body));
  const dataVersion = decodeDataVersion(parseFastjson(reader.utf8(reader.i32())));
  const count = reader.i32();
  if (count < 0 || count > TOPICS_MAX) throw corrupt(`${count} topics`);
  const topics = new Map<string, TopicConfig>();
  for (let index = 0; index < count; index++) {
    const config = topicOfLine(reader.utf8(reader.i32()));
    topics.set(config.topicName, config);
  }
  const filterServers = texts(parseFastjson(reader.utf8(reader.i32())));
  const mappings = hasMappings ? readMappings(reader) : NO_MAPPINGS;
  return { table: { dataVersion, topics }, filterServers, mappings };
}

function readMappings(reader: ByteReader): Map<string, JsonObject> {
  const count = reader.i32();
  if (count < 0 || count > TOPICS_MAX) throw corrupt(`${count} static topics`);
  const mappings = new Map<string, JsonObject>();
  for (let index = 0; index < count; index++) {
    const mapping = jsonObject(parseFastjson(reader.utf8(reader.i32())), 'static topic');
    mappings.set(jsonString(mapping.get('topic'), 'topic'), mapping);
  }
  return mappings;
}

function mappingsOf(value: JsonValue | undefined): Map<string, JsonObject> {
  const mappings = new Map<string, JsonObject>();
  for (const [topic, one] of jsonObjectOr(value, 'topicQueueMappingInfoMap')) {
    mappings.set(topic, jsonObject(one, 'static topic'));
  }
  return mappings;
}

function inflate(body: Buffer): Buffer {
  try {
    return inflateSync(body, { maxOutputLength: INFLATED_BYTES_MAX });
  } catch (error) {
    throw new MqError(MqErrorCode.Corrupt, 'The compressed body is damaged', { cause: error });
  }
}

function topicOfLine(line: string): TopicConfig {
  const [topicName = '', read, write, perm, topicFilterType = '', attributes] = line.split(' ');
  const numbers = [read, write, perm].map(Number);
  const [readQueueNums = 0, writeQueueNums = 0, permission = 0] = numbers;
  if (topicName === '' || topicFilterType === '' || numbers.some((one) => !Number.isInteger(one))) {
    throw corrupt(`topic line ${JSON.stringify(line.slice(0, 100))}`);
  }
  return {
    topicName,
    readQueueNums,
    writeQueueNums,
    perm: permission,
    topicFilterType,
    topicSysFlag: 0,
    order: false,
    attributes: decodeTextMap(
      attributes === undefined || attributes === '' ? null : parseFastjson(attributes),
      'attributes',
    ),
  };
}

function texts(value: JsonValue | undefined): string[] {
  return jsonArrayOr(value, 'list').map((one) => jsonString(one, 'list item'));
}

function corrupt(reason: string): MqError {
  return new MqError(MqErrorCode.Corrupt, `Bad registration body: ${reason}`);
}
