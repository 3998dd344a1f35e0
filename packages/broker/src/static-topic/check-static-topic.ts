/** What a broker must not take over about a static topic: it would lose or repeat messages. */
import type { QueuePart, StaticTopic } from '@skylarkmq/wire';

const QUEUES_MAX = 65_536;
/** A queue that moves once a day has as many parts after almost three years. */
const PARTS_MAX = 1000;

/** Undefined when the mapping is sound by itself. */
export function staticTopicProblem(wanted: StaticTopic, brokerName: string): string | undefined {
  if (wanted.brokerName !== brokerName) {
    return `this is the broker ${brokerName}, the mapping is for ${wanted.brokerName}`;
  }
  if (wanted.totalQueues < 0 || wanted.totalQueues > QUEUES_MAX) {
    return `${wanted.totalQueues} queues: want 0 to ${QUEUES_MAX}`;
  }
  for (const [id, parts] of wanted.hostedQueues) {
    const problem = partsProblem(parts);
    if (problem !== undefined) return `queue ${id}: ${problem}`;
    if (!Number.isInteger(id) || id < 0 || id >= wanted.totalQueues) {
      return `queue ${id} is not one of the ${wanted.totalQueues} queues`;
    }
  }
  return undefined;
}

// RocketMQ: TopicQueueMappingUtils#checkLogicQueueMappingItemOffset
function partsProblem(parts: readonly QueuePart[]): string | undefined {
  if (parts.length > PARTS_MAX) return `${parts.length} parts: want at most ${PARTS_MAX}`;
  let before: QueuePart | undefined;
  for (const part of parts) {
    if (part.gen < 0 || part.queueId < 0 || part.startOffset < 0) {
      return 'The field is illegal, should not be negative';
    }
    if (part.endOffset !== -1 && part.endOffset < part.startOffset) {
      return 'The endOffset is smaller than the start offset';
    }
    if (part !== parts.at(-1) && part.logicOffset < 0) {
      return 'The non-latest item has negative logic offset';
    }
    const problem = before === undefined ? undefined : orderProblem(before, part);
    if (problem !== undefined) return problem;
    before = part;
  }
  return undefined;
}

function orderProblem(before: QueuePart, part: QueuePart): string | undefined {
  if (before.gen >= part.gen) return 'The gen dose not increase monotonically';
  if (part.logicOffset === -1) return undefined;
  if (before.logicOffset >= part.logicOffset) {
    return 'The base logic offset dose not increase monotonically';
  }
  const length = Math.max(0, before.endOffset - before.startOffset);
  if (before.logicOffset + length < part.logicOffset) return undefined;
  return 'The max logic offset dose not increase monotonically';
}

/**
 * What a broker knows after it is told `wanted`, or why it does not take it. Queues that the new
 * mapping does not name stay: their messages are still there.
 */
// RocketMQ: TopicQueueMappingManager#updateTopicQueueMapping
export function changedStaticTopic(
  known: StaticTopic | undefined,
  wanted: StaticTopic,
  isForced: boolean,
): StaticTopic | string {
  if (known === undefined) return wanted;
  const merged: StaticTopic = {
    ...wanted,
    hostedQueues: new Map([...known.hostedQueues, ...wanted.hostedQueues]),
  };
  if (isForced) return merged;
  if (wanted.epoch < known.epoch) {
    return `Can't accept data with small epoch ${wanted.epoch} < ${known.epoch}`;
  }
  const isSameEpoch = wanted.epoch === known.epoch;
  for (const [id, parts] of known.hostedQueues) {
    const fresh = wanted.hostedQueues.get(id);
    if (fresh === undefined) {
      if (isSameEpoch) return 'Cannot accept equal epoch with null data';
      continue;
    }
    const problem = changeProblem(parts, fresh, isSameEpoch);
    if (problem !== undefined) return `queue ${id}: ${problem}`;
  }
  return merged;
}

// RocketMQ: TopicQueueMappingUtils#makeSureLogicQueueMappingItemImmutable
function changeProblem(
  known: readonly QueuePart[],
  fresh: readonly QueuePart[],
  isSameEpoch: boolean,
): string | undefined {
  if (known.length === 0) return undefined;
  const newest = fresh.at(-1);
  if (newest === undefined) return 'The new item list is null or empty';
  for (const part of known) {
    const same = fresh.find((one) => one.gen === part.gen);
    if (same === undefined) continue;
    const isMoved = part.logicOffset !== -1 && part.logicOffset !== same.logicOffset;
    if (!isSamePlace(part, same) || isMoved) return `part ${part.gen} would change its place`;
  }
  const leader = known.at(-1);
  if (!isSameEpoch || leader === undefined) return undefined;
  if (leader.gen === newest.gen && isSamePlace(leader, newest)) return undefined;
  return 'The new leader is different but epoch equal';
}

function isSamePlace(one: QueuePart, other: QueuePart): boolean {
  return (
    one.brokerName === other.brokerName &&
    one.queueId === other.queueId &&
    one.startOffset === other.startOffset
  );
}
