/**
 * Arithmetic of logical queues: which part holds an offset, and what the offset is in it. Parts are
 * oldest first; the last one, the leader, takes messages.
 */
import type { QueuePart, StaticTopic } from '@skylarkmq/wire';

/** A logical queue that takes messages at this broker. */
export interface LedQueue {
  readonly topic: StaticTopic;
  /** The logical queue. */
  readonly queueId: number;
  readonly parts: readonly QueuePart[];
  readonly leader: QueuePart;
}

/** Where a pull from a logical queue reads. */
export interface LogicalPlace {
  readonly queue: LedQueue;
  readonly part: QueuePart;
}

/** Undefined when another broker takes the queue's messages, or none does. */
export function ledQueue(topic: StaticTopic, queueId: number): LedQueue | undefined {
  const parts = topic.hostedQueues.get(queueId);
  const leader = parts?.at(-1);
  if (parts === undefined || leader?.brokerName !== topic.brokerName) return undefined;
  return { topic, queueId, parts, leader };
}

/** A logical queue that takes messages here, for senders who left the choice to the broker. */
export function anyLedQueueId(topic: StaticTopic): number {
  for (const [id, parts] of topic.hostedQueues) {
    const leader = parts.at(-1);
    if (leader?.brokerName === topic.brokerName && isDecided(leader)) return id;
  }
  return -1;
}

/** Whether it is known where the part begins: not while a queue is being moved. */
export function isDecided(part: QueuePart): boolean {
  return part.logicOffset >= 0;
}

/** The part that holds a logical offset; the oldest one for offsets that are gone. */
// RocketMQ: TopicQueueMappingUtils#findLogicQueueMappingItem
export function partAt(parts: readonly QueuePart[], offset: number): QueuePart | undefined {
  const decided = parts.filter(isDecided);
  return decided.findLast((part) => offset >= part.logicOffset) ?? decided[0];
}

/** The part that follows, once it is known where it begins. */
export function partAfter(parts: readonly QueuePart[], part: QueuePart): QueuePart | undefined {
  return parts.find((other) => other.gen > part.gen && isDecided(other));
}

/** What is added to a physical offset to make it logical. */
export function offsetDelta(part: QueuePart): number {
  return part.logicOffset - part.startOffset;
}

/** The logical offset of a physical one; the part's beginning for those before it. */
export function toLogical(part: QueuePart, offset: number): number {
  return Math.max(offset, part.startOffset) + offsetDelta(part);
}

export function toPhysical(part: QueuePart, offset: number): number {
  return offset - offsetDelta(part);
}
