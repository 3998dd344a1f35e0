import {
  type JsonInputObject,
  type JsonValue,
  jsonBooleanOr,
  jsonNumberOr,
  jsonObject,
  jsonObjectOr,
  jsonString,
  jsonStringOr,
} from '@skylarkmq/base';
import { type DataVersion, dataVersionJson, decodeDataVersion } from './data-version.ts';
import { javaBody, parseBody } from './json-body.ts';
import { type StaticTopic, staticTopicJson } from './static-topic.ts';

/** One topic at one broker. */
export interface TopicConfig {
  readonly topicName: string;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
  /** Bits of `Permission` (message package). */
  readonly perm: number;
  readonly topicFilterType: string;
  /** Bits: 1 unit, 2 unit subscription. */
  readonly topicSysFlag: number;
  readonly order: boolean;
  readonly attributes: ReadonlyMap<string, string>;
}

/** A topic with the defaults of Apache. */
export function topicConfig(
  topicName: string,
  queueNums: number,
  perm: number,
  more: Partial<TopicConfig> = {},
): TopicConfig {
  return {
    topicName,
    readQueueNums: queueNums,
    writeQueueNums: queueNums,
    perm,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    attributes: new Map(),
    ...more,
  };
}

export function decodeTopicConfig(value: JsonValue | undefined): TopicConfig {
  const object = jsonObject(value, 'topic config');
  return {
    topicName: jsonString(object.get('topicName'), 'topicName'),
    readQueueNums: jsonNumberOr(object.get('readQueueNums'), 'readQueueNums', 16),
    writeQueueNums: jsonNumberOr(object.get('writeQueueNums'), 'writeQueueNums', 16),
    perm: jsonNumberOr(object.get('perm'), 'perm', 6),
    topicFilterType: jsonStringOr(object.get('topicFilterType'), 'topicFilterType', 'SINGLE_TAG'),
    topicSysFlag: jsonNumberOr(object.get('topicSysFlag'), 'topicSysFlag', 0),
    order: jsonBooleanOr(object.get('order'), 'order', false),
    attributes: decodeTextMap(object.get('attributes'), 'attributes'),
  };
}

export function topicConfigJson(config: TopicConfig): JsonInputObject {
  return {
    attributes: config.attributes,
    order: config.order,
    perm: config.perm,
    readQueueNums: config.readQueueNums,
    topicFilterType: config.topicFilterType,
    topicName: config.topicName,
    topicSysFlag: config.topicSysFlag,
    writeQueueNums: config.writeQueueNums,
  };
}

/** Body of GET_TOPIC_CONFIG; a static topic with where its queues are. */
export function encodeTopicConfig(config: TopicConfig, mapping?: StaticTopic | null): Buffer {
  const mappingDetail = mapping ? staticTopicJson(mapping) : undefined;
  return javaBody({ ...topicConfigJson(config), mappingDetail });
}

/** A broker's topics with their version. */
export interface TopicTable {
  readonly dataVersion: DataVersion;
  readonly topics: ReadonlyMap<string, TopicConfig>;
}

export function decodeTopicTable(value: JsonValue | undefined): TopicTable {
  const object = jsonObjectOr(value, 'topic table');
  const topics = new Map<string, TopicConfig>();
  for (const [name, one] of jsonObjectOr(object.get('topicConfigTable'), 'topicConfigTable')) {
    topics.set(name, decodeTopicConfig(one));
  }
  return { dataVersion: decodeDataVersion(object.get('dataVersion')), topics };
}

export function topicTableJson(table: TopicTable): JsonInputObject {
  const topics = new Map([...table.topics].map(([name, one]) => [name, topicConfigJson(one)]));
  return { dataVersion: dataVersionJson(table.dataVersion), topicConfigTable: topics };
}

/** Body of GET_ALL_TOPIC_CONFIG. */
export function encodeTopicTable(
  table: TopicTable,
  mappings: ReadonlyMap<string, StaticTopic> = new Map(),
): Buffer {
  return javaBody({
    ...topicTableJson(table),
    mappingDataVersion: { counter: 0, stateVersion: 0, timestamp: 0 },
    topicQueueMappingDetailMap: new Map(
      [...mappings].map(([name, mapping]) => [name, staticTopicJson(mapping)]),
    ),
    topicQueueMappingInfoMap: {},
  });
}

/** Body of UPDATE_AND_CREATE_TOPIC_LIST. */
export function decodeTopicConfigList(body: Buffer | null): TopicConfig[] {
  const list = jsonObject(parseBody(body), 'body').get('topicConfigList');
  return Array.isArray(list) ? list.map(decodeTopicConfig) : [];
}

export function decodeTextMap(value: JsonValue | undefined, what: string): Map<string, string> {
  const result = new Map<string, string>();
  for (const [key, one] of jsonObjectOr(value, what)) {
    if (one !== null) result.set(key, jsonString(one, key));
  }
  return result;
}
