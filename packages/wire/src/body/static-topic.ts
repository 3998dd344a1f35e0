/**
 * Static topics: logical queues whose parts lie in physical queues of several brokers, one after
 * the other. RocketMQ: TopicQueueMappingDetail
 */
import {
  type JsonInput,
  type JsonInputKey,
  type JsonInputObject,
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonBooleanOr,
  jsonNumber,
  jsonNumberOr,
  jsonObject,
  jsonObjectOr,
  jsonString,
  jsonStringOr,
} from '@skylarkmq/base';
import { parseBody } from './json-body.ts';

/** A physical queue, or a stretch of it, that is a part of a logical one. */
export interface QueuePart {
  /** Counts the parts of a logical queue upwards; survives the removal of older ones. */
  readonly gen: number;
  /** The physical queue. */
  readonly queueId: number;
  readonly brokerName: string;
  /** Logical offset of the part's beginning; -1 while it is not decided. */
  readonly logicOffset: number;
  /** Physical offset of the beginning: 0. */
  readonly startOffset: number;
  /** Physical offset after the end; -1 while the part grows. */
  readonly endOffset: number;
  readonly timeOfStart: number;
  readonly timeOfEnd: number;
}

/** What one broker knows of a static topic. */
export interface StaticTopic {
  readonly topic: string;
  /** The broker that this is for. */
  readonly brokerName: string;
  readonly scope: string;
  readonly totalQueues: number;
  /** Grows with every mapping; one mapping has one at all brokers. */
  readonly epoch: number;
  readonly dirty: boolean;
  /** Logical queue to its parts, oldest first; the last one takes messages. */
  readonly hostedQueues: ReadonlyMap<number, readonly QueuePart[]>;
}

const SCOPE_GLOBAL = '__global__';
const UNKNOWN = -1;

export function decodeStaticTopic(value: JsonValue | undefined): StaticTopic {
  const object = jsonObject(value, 'static topic');
  const hostedQueues = new Map<number, readonly QueuePart[]>();
  for (const [id, parts] of jsonObjectOr(object.get('hostedQueues'), 'hostedQueues')) {
    hostedQueues.set(Number(id), jsonArray(parts, `queue ${id}`).map(decodePart));
  }
  return {
    topic: jsonString(object.get('topic'), 'topic'),
    brokerName: jsonString(object.get('bname'), 'bname'),
    scope: jsonStringOr(object.get('scope'), 'scope', SCOPE_GLOBAL),
    totalQueues: jsonNumber(object.get('totalQueues'), 'totalQueues'),
    epoch: jsonNumber(object.get('epoch'), 'epoch'),
    dirty: jsonBooleanOr(object.get('dirty'), 'dirty', false),
    hostedQueues,
  };
}

/** Body of UPDATE_AND_CREATE_STATIC_TOPIC. */
export function decodeStaticTopicBody(body: Buffer | null): StaticTopic {
  return decodeStaticTopic(parseBody(body));
}

/** With its parts: for files and tools. */
export function staticTopicJson(topic: StaticTopic): JsonInputObject {
  const { brokerName, dirty, epoch, scope, totalQueues } = topic;
  const hostedQueues = new Map(
    [...topic.hostedQueues].map(([id, parts]) => [id, parts.map(partJson)]),
  );
  return {
    bname: brokerName,
    // Filled for name servers only.
    currIdMap: new Map<number, number>(),
    ...{ dirty, epoch, hostedQueues, scope },
    topic: topic.topic,
    totalQueues,
  };
}

/** What a name server is told: the logical queues that take messages at this broker. */
// RocketMQ: TopicQueueMappingDetail#cloneAsMappingInfo
export function staticTopicInfoJson(topic: StaticTopic): JsonInputObject {
  const { brokerName, dirty, epoch, scope, totalQueues } = topic;
  return {
    bname: brokerName,
    currIdMap: ledQueues(topic),
    ...{ dirty, epoch, scope },
    topic: topic.topic,
    totalQueues,
  };
}

/** Logical queue to the physical one, for those whose newest part is at this broker. */
export function ledQueues(topic: StaticTopic): Map<number, number> {
  const led = new Map<number, number>();
  for (const [id, parts] of topic.hostedQueues) {
    const leader = parts.at(-1);
    if (leader?.brokerName === topic.brokerName) led.set(id, leader.queueId);
  }
  return led;
}

/** What a broker told of a static topic, passed on: its queue numbers are numbers again. */
export function toldStaticTopicJson(told: JsonObject): ReadonlyMap<string, JsonInput> {
  const ids = told.get('currIdMap');
  if (!(ids instanceof Map)) return told;
  const led = new Map<JsonInputKey, JsonInput>();
  for (const [id, physical] of jsonObject(ids, 'currIdMap')) led.set(Number(id), physical);
  return new Map<string, JsonInput>(told).set('currIdMap', led);
}

function decodePart(value: JsonValue): QueuePart {
  const object = jsonObject(value, 'part of a queue');
  return {
    gen: jsonNumber(object.get('gen'), 'gen'),
    queueId: jsonNumber(object.get('queueId'), 'queueId'),
    brokerName: jsonString(object.get('bname'), 'bname'),
    logicOffset: jsonNumberOr(object.get('logicOffset'), 'logicOffset', 0),
    startOffset: jsonNumberOr(object.get('startOffset'), 'startOffset', 0),
    endOffset: jsonNumberOr(object.get('endOffset'), 'endOffset', UNKNOWN),
    timeOfStart: jsonNumberOr(object.get('timeOfStart'), 'timeOfStart', UNKNOWN),
    timeOfEnd: jsonNumberOr(object.get('timeOfEnd'), 'timeOfEnd', UNKNOWN),
  };
}

function partJson(part: QueuePart): JsonInputObject {
  const { brokerName, endOffset, gen, logicOffset, queueId, startOffset } = part;
  const { timeOfEnd, timeOfStart } = part;
  return {
    bname: brokerName,
    ...{ endOffset, gen, logicOffset, queueId, startOffset, timeOfEnd, timeOfStart },
  };
}
