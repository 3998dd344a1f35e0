/** What a broker tells a name server: its topics, plain or compressed. */
import { inflateSync } from 'node:zlib';
import {
  ByteReader,
  type JsonValue,
  jsonArrayOr,
  jsonObject,
  jsonString,
  MqError,
  MqErrorCode,
  parseFastjson,
} from '@skylarkmq/base';
import { decodeDataVersion } from './data-version.ts';
import { javaBody, parseBody } from './json-body.ts';
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
}

export function encodeRegisterBrokerBody(table: TopicTable): Buffer {
  return javaBody({
    filterServerList: [],
    topicConfigSerializeWrapper: {
      ...topicTableJson(table),
      mappingDataVersion: { counter: 0, stateVersion: 0, timestamp: 0 },
      topicQueueMappingDetailMap: {},
      topicQueueMappingInfoMap: {},
    },
  });
}

/** The body of brokers since 3.0.11. */
export function decodeRegisterBrokerBody(body: Buffer | null): RegisterBrokerBody {
  const object = jsonObject(parseBody(body), 'body');
  const list = object.get('filterServerList');
  return {
    table: decodeTopicTable(object.get('topicConfigSerializeWrapper')),
    filterServers: list === undefined || list === null ? null : texts(list),
  };
}

/** The body of older brokers: the topics alone. */
export function decodeOldRegisterBrokerBody(body: Buffer | null): RegisterBrokerBody {
  return { table: decodeTopicTable(parseBody(body)), filterServers: null };
}

/**
 * The compressed form: zlib over length + DataVersion JSON, topic count, per topic length + a line
 * "name read write perm filter attributes", length + filter servers. What follows is ignored.
 */
// RocketMQ: RegisterBrokerBody#decode
export function decodeCompressedRegisterBrokerBody(body: Buffer | null): RegisterBrokerBody {
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
  return { table: { dataVersion, topics }, filterServers };
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
