import { javaHashCode, type Prng, realPrng } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';

/**
 * Chooses the queue of a message from the writable queues of its topic (never empty, sorted by
 * broker and id). The same list and key must give the same queue where order matters.
 */
export type QueueSelector = (queues: readonly MessageQueue[]) => MessageQueue | undefined;

/** Keeps messages of one key in one queue, the same that every official client takes. */
export function queueByHash(key: string): QueueSelector {
  return (queues) => queues[queueIndexByHash(key, queues.length)];
}

/** Any queue, all equally likely; `prng` makes it repeatable. */
// RocketMQ: SelectMessageQueueByRandom#select
export function queueAtRandom(prng: Prng = realPrng()): QueueSelector {
  return (queues) => queues[prng.below(queues.length)];
}

/** The position that a key has in a list of `queueCount` queues. */
// RocketMQ: SelectMessageQueueByHash#select (the absolute value of the remainder)
export function queueIndexByHash(key: string, queueCount: number): number {
  return Math.abs(javaHashCode(key) % queueCount);
}
