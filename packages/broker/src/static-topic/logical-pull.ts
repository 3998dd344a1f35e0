/** Pulls from logical queues: where they read, and what the answer means for the logical queue. */
import { PullFlag } from '@skylarkmq/message';
import {
  type Command,
  type Outgoing,
  PullMessage,
  type PullMessageScan,
  type QueuePart,
  ResponseCode,
  type StaticTopic,
} from '@skylarkmq/wire';
import type { Pull } from '../pull/pull.ts';
import {
  type LogicalPlace,
  ledQueue,
  offsetDelta,
  partAfter,
  partAt,
  toLogical,
  toPhysical,
} from './queue-parts.ts';

/** Not in a forwarded pull: its answer must come at once, and its offset is not the group's. */
const LOCAL_FLAGS = PullFlag.CommitOffset | PullFlag.Suspend;

/** Offsets of an answer. */
export interface Ends {
  readonly next: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Makes the scanned pull one from the physical queue that holds its offset. Undefined when this
 * broker does not lead the logical queue, or its begin is not decided.
 */
// RocketMQ: PullMessageProcessor#rewriteRequestForStaticTopic
export function placePull(topic: StaticTopic, scan: PullMessageScan): LogicalPlace | undefined {
  const queue = ledQueue(topic, scan.queueId);
  if (queue === undefined) return undefined;
  const part = partAt(queue.parts, scan.queueOffset);
  if (part === undefined) return undefined;
  const after = partAfter(queue.parts, part);
  if (after !== undefined) {
    const left = after.logicOffset - scan.queueOffset;
    scan.maxMsgNums = Math.max(1, Math.min(scan.maxMsgNums, left));
  }
  scan.queueId = part.queueId;
  scan.queueOffset = toPhysical(part, scan.queueOffset);
  scan.sysFlag &= ~PullFlag.CommitOffset;
  // Nothing more comes to a part that does not take messages.
  if (part !== queue.leader) scan.sysFlag &= ~PullFlag.Suspend;
  return { queue, part };
}

/**
 * The code that a puller gets, and from which part's offsets it goes on. Behind the end of a part
 * it goes on with the next one. `offset`, `ends` are physical.
 */
// RocketMQ: PullMessageProcessor#rewriteResponseForStaticTopic
export function logicalOutcome(
  { queue, part }: LogicalPlace,
  code: number,
  offset: number,
  ends: Ends,
): { readonly code: number; readonly part: QueuePart; readonly ends: Ends } {
  if (code === ResponseCode.Success) return { code, part, ends };
  const isOldest = part === queue.parts[0];
  if (offset < ends.min) {
    const moved = isOldest ? ResponseCode.PullOffsetMoved : ResponseCode.PullRetryImmediately;
    return { code: moved, part, ends: { ...ends, next: ends.min } };
  }
  if (part === queue.leader || offset < ends.max) return { code, part, ends };
  const after = partAfter(queue.parts, part);
  if (after === undefined) return { code: ResponseCode.PullNotFound, part, ends };
  const start = after.startOffset;
  const begin = { next: start, min: start, max: start };
  return { code: ResponseCode.PullRetryImmediately, part: after, ends: begin };
}

/** The same offsets of the logical queue. */
export function logicalEnds({ queue, part }: LogicalPlace, ends: Ends): Ends {
  return {
    next: toLogical(part, ends.next),
    min: toLogical(part, ends.min),
    max: Math.max(toLogical(part, ends.max), queue.leader.logicOffset),
  };
}

/** The pull as another broker gets it. */
export function forwardedPull(pull: Pull, { part }: LogicalPlace): Outgoing {
  const ext = PullMessage.request.encode({
    consumerGroup: pull.group,
    topic: pull.topic,
    queueId: pull.queueId,
    queueOffset: pull.offset,
    maxMsgNums: pull.maxMsgNums,
    sysFlag: pull.sysFlag & ~LOCAL_FLAGS,
    commitOffset: 0,
    suspendTimeoutMillis: 0,
    subscription: pull.subscription,
    subVersion: pull.subVersion,
    expressionType: pull.expressionType,
    lo: false,
    bname: part.brokerName,
  });
  return { code: pull.code, ext };
}

/** What the puller gets of another broker's answer. */
export function forwardedAnswer(pull: Pull, place: LogicalPlace, answer: Command): Outgoing {
  const { code, remark } = answer;
  const header = PullMessage.response.decode(answer.ext);
  const { nextBeginOffset: next, minOffset: min, maxOffset: max } = header;
  if (next === undefined || min === undefined || max === undefined) {
    return { code, ...(remark === null ? {} : { remark }) };
  }
  const outcome = logicalOutcome(place, code, pull.offset, { next, min, max });
  const ends = logicalEnds({ queue: place.queue, part: outcome.part }, outcome.ends);
  const ext = PullMessage.response.encode({
    suggestWhichBrokerId: header.suggestWhichBrokerId,
    nextBeginOffset: ends.next,
    minOffset: ends.min,
    maxOffset: ends.max,
    offsetDelta: offsetDelta(outcome.part),
    topicSysFlag: header.topicSysFlag,
    groupSysFlag: header.groupSysFlag,
  });
  const body = answer.body;
  return {
    code: outcome.code,
    ext,
    ...(remark === null ? {} : { remark }),
    ...(body === null ? {} : { body }),
  };
}
