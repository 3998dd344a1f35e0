/** Where a topic is, as name servers tell it. */
import {
  type JsonInput,
  type JsonObject,
  type JsonValue,
  jsonArrayOr,
  jsonBooleanOr,
  jsonNumberOr,
  jsonObject,
  jsonObjectOr,
  jsonString,
  jsonStringOr,
} from '@skylarkmq/base';
import { javaBody, parseBody, standardBody } from './json-body.ts';
import { toldStaticTopicJson } from './static-topic.ts';

/** One broker group's part of a topic. */
export interface QueueData {
  readonly brokerName: string;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
  readonly perm: number;
  readonly topicSysFlag: number;
}

/** One broker group. */
export interface BrokerData {
  readonly cluster: string;
  readonly brokerName: string;
  /** Broker id to address; id 0 is the master. */
  readonly brokerAddrs: ReadonlyMap<number, string>;
  readonly enableActingMaster: boolean;
  readonly zoneName?: string | undefined;
}

export interface TopicRoute {
  readonly queueDatas: readonly QueueData[];
  readonly brokerDatas: readonly BrokerData[];
  readonly filterServerTable: ReadonlyMap<string, readonly string[]>;
  readonly orderTopicConf?: string | undefined;
  /** Static topics: broker name to where the logical queues are, as the broker wrote it. */
  readonly mappings?: ReadonlyMap<string, JsonObject> | undefined;
}

/**
 * The body of a route. `standard` quotes the broker ids; without it they are bare, compact, as the
 * ad hoc parsers of older clients need them.
 */
export function encodeTopicRoute(route: TopicRoute, standard: boolean): Buffer {
  const body: JsonInput = {
    brokerDatas: route.brokerDatas.map(brokerDataJson),
    filterServerTable: route.filterServerTable,
    orderTopicConf: route.orderTopicConf,
    queueDatas: route.queueDatas.map((queue) => ({
      brokerName: queue.brokerName,
      perm: queue.perm,
      readQueueNums: queue.readQueueNums,
      topicSysFlag: queue.topicSysFlag,
      writeQueueNums: queue.writeQueueNums,
    })),
    topicQueueMappingByBroker: mappingsJson(route.mappings),
  };
  return standard ? standardBody(body) : javaBody(body);
}

function mappingsJson(mappings: TopicRoute['mappings']): JsonInput {
  if (mappings === undefined) return undefined;
  return new Map([...mappings].map(([name, told]) => [name, toldStaticTopicJson(told)]));
}

export function brokerDataJson(broker: BrokerData): JsonInput {
  return {
    brokerAddrs: broker.brokerAddrs,
    brokerName: broker.brokerName,
    cluster: broker.cluster,
    enableActingMaster: broker.enableActingMaster,
    zoneName: broker.zoneName,
  };
}

export function decodeTopicRoute(body: Buffer): TopicRoute {
  const object = jsonObject(parseBody(body), 'route');
  const order = jsonStringOr(object.get('orderTopicConf'), 'orderTopicConf', '');
  return {
    queueDatas: jsonArrayOr(object.get('queueDatas'), 'queueDatas').map(decodeQueueData),
    brokerDatas: jsonArrayOr(object.get('brokerDatas'), 'brokerDatas').map(decodeBrokerData),
    filterServerTable: new Map(),
    ...(order === '' ? {} : { orderTopicConf: order }),
    ...decodeMappings(object.get('topicQueueMappingByBroker')),
  };
}

function decodeMappings(value: JsonValue | undefined): Pick<TopicRoute, 'mappings'> {
  const mappings = new Map<string, JsonObject>();
  for (const [name, one] of jsonObjectOr(value, 'topicQueueMappingByBroker')) {
    mappings.set(name, jsonObject(one, name));
  }
  return mappings.size === 0 ? {} : { mappings };
}

function decodeQueueData(value: JsonValue): QueueData {
  const object = jsonObject(value, 'queue data');
  return {
    brokerName: jsonString(object.get('brokerName'), 'brokerName'),
    readQueueNums: jsonNumberOr(object.get('readQueueNums'), 'readQueueNums', 0),
    writeQueueNums: jsonNumberOr(object.get('writeQueueNums'), 'writeQueueNums', 0),
    perm: jsonNumberOr(object.get('perm'), 'perm', 0),
    topicSysFlag: jsonNumberOr(object.get('topicSysFlag'), 'topicSysFlag', 0),
  };
}

export function decodeBrokerData(value: JsonValue): BrokerData {
  const object = jsonObject(value, 'broker data');
  return {
    cluster: jsonStringOr(object.get('cluster'), 'cluster', ''),
    brokerName: jsonString(object.get('brokerName'), 'brokerName'),
    brokerAddrs: decodeBrokerAddresses(object),
    enableActingMaster: jsonBooleanOr(
      object.get('enableActingMaster'),
      'enableActingMaster',
      false,
    ),
  };
}

export function decodeBrokerAddresses(object: JsonObject): Map<number, string> {
  const addresses = new Map<number, string>();
  for (const [id, address] of jsonObjectOr(object.get('brokerAddrs'), 'brokerAddrs')) {
    addresses.set(Number(id), jsonString(address, 'broker address'));
  }
  return addresses;
}
