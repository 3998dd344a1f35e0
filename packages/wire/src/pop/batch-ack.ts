import {
  type JsonInputObject,
  type JsonValue,
  jsonArrayOr,
  jsonNumber,
  jsonObject,
  jsonString,
  jsonStringOr,
  MqError,
  MqErrorCode,
} from '@skylarkmq/base';
import { type PopTopicKind, popTopicKind } from '@skylarkmq/message';
import { parseBody, standardBody } from '../body/json-body.ts';
import { decodeBitSet, encodeBitSet } from './bit-set.ts';

/** Acknowledged messages of one check point. */
export interface BatchAck {
  readonly consumerGroup: string;
  /** The topic as subscribed, also when the messages came from its retry topic. */
  readonly topic: string;
  readonly topicKind: PopTopicKind;
  readonly startOffset: number;
  readonly queueId: number;
  readonly reviveQueueId: number;
  readonly popTime: number;
  readonly invisibleTime: number;
  /** What to add to `startOffset` for each message. */
  readonly offsetDiffs: readonly number[];
}

/** Body of 200151. */
export interface BatchAckBody {
  readonly brokerName: string;
  readonly acks: readonly BatchAck[];
}

export function encodeBatchAckBody(body: BatchAckBody): Buffer {
  return standardBody({ acks: body.acks.map(batchAckJson), brokerName: body.brokerName });
}

/** CORRUPT when the body is not of this form. */
export function decodeBatchAckBody(body: Buffer | null): BatchAckBody {
  const object = jsonObject(parseBody(body), 'batch ack');
  return {
    brokerName: jsonStringOr(object.get('brokerName'), 'brokerName', ''),
    acks: jsonArrayOr(object.get('acks'), 'acks').map(decodeBatchAck),
  };
}

function batchAckJson(ack: BatchAck): JsonInputObject {
  return {
    b: encodeBitSet(ack.offsetDiffs),
    c: ack.consumerGroup,
    it: ack.invisibleTime,
    pt: ack.popTime,
    q: ack.queueId,
    r: ack.topicKind,
    rq: ack.reviveQueueId,
    so: ack.startOffset,
    t: ack.topic,
  };
}

/** The long names are accepted, too. RocketMQ: BatchAck */
function decodeBatchAck(value: JsonValue): BatchAck {
  const object = jsonObject(value, 'ack');
  const member = (short: string, long: string): JsonValue | undefined =>
    object.get(short) ?? object.get(long);
  return {
    consumerGroup: jsonString(member('c', 'consumerGroup'), 'consumerGroup'),
    topic: jsonString(member('t', 'topic'), 'topic'),
    topicKind: kindOf(jsonString(member('r', 'retry'), 'retry')),
    startOffset: jsonNumber(member('so', 'startOffset'), 'startOffset'),
    queueId: jsonNumber(member('q', 'queueId'), 'queueId'),
    reviveQueueId: jsonNumber(member('rq', 'reviveQueueId'), 'reviveQueueId'),
    popTime: jsonNumber(member('pt', 'popTime'), 'popTime'),
    invisibleTime: jsonNumber(member('it', 'invisibleTime'), 'invisibleTime'),
    offsetDiffs: decodeBitSet(jsonString(member('b', 'bitSet'), 'bitSet')),
  };
}

function kindOf(text: string): PopTopicKind {
  const kind = popTopicKind(text);
  if (kind !== undefined) return kind;
  throw new MqError(MqErrorCode.Corrupt, `retry must be "0", "1" or "2", not ${text.slice(0, 40)}`);
}
