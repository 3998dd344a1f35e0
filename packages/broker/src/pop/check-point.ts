/**
 * What is written down of popped messages in the revive topic: a check point per pop, and what is
 * acknowledged of it. Apache's JSON, byte for byte (docs/formats/pop-revive.md).
 */
import {
  type JsonObject,
  type JsonValue,
  jsonArrayOr,
  jsonBooleanOr,
  jsonNumber,
  jsonNumberOr,
  jsonObject,
  jsonString,
  jsonStringOr,
  parseFastjson,
} from '@skylarkmq/base';

/** Tags of the records. RocketMQ: PopAckConstants */
export const ReviveTag = { CheckPoint: 'ck', Ack: 'ack', BatchAck: 'bAck' } as const;

/** What the unique keys of check points end with. */
const CHECK_POINT_END = '@ck';

/** Messages of one check point: its bitmap is an int. */
export const CHECK_POINT_MESSAGES_MAX = 32;

/** Messages that were handed out together, from one queue to one group. */
export interface CheckPoint {
  /** The topic that they really lie in. */
  readonly topic: string;
  readonly group: string;
  readonly queueId: number;
  /** Where the pop began to read. */
  readonly startOffset: number;
  /** What to add to `startOffset` for each message, ascending. */
  readonly diffs: readonly number[];
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly brokerName: string;
  /** Acknowledged messages by their index in `diffs`. */
  readonly bitMap: number;
  /** The consumer did not try the message: a return of it is no attempt. */
  readonly suspend: boolean;
}

/** Acknowledged messages of a check point. */
export interface CheckPointAck {
  readonly topic: string;
  readonly group: string;
  readonly queueId: number;
  readonly startOffset: number;
  readonly popTime: number;
  readonly brokerName: string;
  readonly offsets: readonly number[];
}

/** Body of a record with the tag ck. RocketMQ: PopCheckPoint */
export function checkPointText(point: CheckPoint): string {
  const { bitMap, brokerName, group, diffs, invisibleTime, popTime, queueId } = point;
  const reviveTime = popTime + invisibleTime;
  return (
    `{"bm":${bitMap},"bn":${quoted(brokerName)},"c":${quoted(group)},"d":[${diffs.join(',')}],` +
    `"it":${invisibleTime},"n":${diffs.length},"pt":${popTime},"q":${queueId},` +
    `"reviveTime":${reviveTime},"ro":0,"so":${point.startOffset},"sp":${point.suspend},` +
    `"t":${quoted(point.topic)}}`
  );
}

/** Name of a check point's record in the index. RocketMQ: PopMessageProcessor#genCkUniqueId */
export function checkPointKey(point: Omit<CheckPointAck, 'offsets'>): string {
  const { topic, queueId, startOffset, group, popTime, brokerName } = point;
  return `${topic}@${queueId}@${startOffset}@${group}@${popTime}@${brokerName}${CHECK_POINT_END}`;
}

/** Whether a unique key is one of a check point, not of an acknowledgement. */
export function isCheckPointKey(uniqueKey: string): boolean {
  return uniqueKey.endsWith(CHECK_POINT_END);
}

/** Body of a record with the tag ack, for one offset, or bAck. RocketMQ: AckMsg, BatchAckMsg */
export function ackText(ack: CheckPointAck): string {
  const [first = -1] = ack.offsets;
  const isOne = ack.offsets.length === 1;
  const offsets = isOne ? `"ao":${first}` : `"ao":-1,"aol":[${ack.offsets.join(',')}]`;
  return (
    `{${offsets},"bn":${quoted(ack.brokerName)},"c":${quoted(ack.group)},"pt":${ack.popTime},` +
    `"q":${ack.queueId},"so":${ack.startOffset},"t":${quoted(ack.topic)}}`
  );
}

/** RocketMQ: PopMessageProcessor#genAckUniqueId, genBatchAckUniqueId */
export function ackKey(ack: CheckPointAck): string {
  const { topic, queueId, offsets, group, popTime, brokerName } = ack;
  if (offsets.length === 1) {
    return `${topic}@${queueId}@${offsets[0]}@${group}@${popTime}@${brokerName}@ack`;
  }
  return `${topic}@${queueId}@[${offsets.join(', ')}]@${group}@${popTime}@bAck`;
}

/** CORRUPT when the text is no check point. */
export function parseCheckPoint(text: string): CheckPoint {
  const object = jsonObject(parseFastjson(text), 'check point');
  const count = jsonNumberOr(object.get('n'), 'n', 0);
  const listed = jsonArrayOr(object.get('d'), 'd').map((one) => jsonNumber(one, 'd'));
  // RocketMQ: PopCheckPoint#ackOffsetByIndex: old brokers list nothing, offsets follow each other
  const diffs = listed.length > 0 ? listed : Array.from({ length: count }, (_, index) => index);
  return {
    ...placeOf(object),
    diffs: diffs.slice(0, CHECK_POINT_MESSAGES_MAX),
    invisibleTime: jsonNumber(object.get('it'), 'it'),
    bitMap: jsonNumberOr(object.get('bm'), 'bm', 0),
    suspend: jsonBooleanOr(object.get('sp'), 'sp', false),
  };
}

/** CORRUPT when the text is no acknowledgement. */
export function parseAck(text: string): CheckPointAck {
  const object = jsonObject(parseFastjson(text), 'acknowledgement');
  const listed = jsonArrayOr(object.get('aol'), 'aol').map((one) => jsonNumber(one, 'aol'));
  const offsets = listed.length > 0 ? listed : [jsonNumber(object.get('ao'), 'ao')];
  return { ...placeOf(object), offsets };
}

function placeOf(object: JsonObject): Omit<CheckPointAck, 'offsets'> {
  const number = (name: string): number => jsonNumber(object.get(name), name);
  return {
    topic: jsonString(object.get('t'), 't'),
    group: jsonString(object.get('c'), 'c'),
    queueId: number('q'),
    startOffset: number('so'),
    popTime: number('pt'),
    brokerName: jsonStringOr(nullable(object.get('bn')), 'bn', ''),
  };
}

function nullable(value: JsonValue | undefined): JsonValue | undefined {
  return value === null ? undefined : value;
}

/** Names of topics, groups and brokers rarely need more than quotes around them. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
