/**
 * How the queues of a topic are shared out among the members of a consumer group. Every member
 * computes the whole table on its own from the same sorted lists, so all members of a group must
 * use the same strategy; the official clients' strategies are reproduced exactly, so a group may
 * mix languages. This folder is pure arithmetic: no network, no clock, no randomness.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';

/** What an allocation strategy decides from. Both lists are sorted and without duplicates. */
export interface AllocationContext {
  readonly group: string;
  /** The member that asks. */
  readonly clientId: string;
  /** All queues of the topic, in the order of `compareMessageQueues`. */
  readonly queues: readonly MessageQueue[];
  /** The client ids of all members of the group, in UTF-16 order. */
  readonly clientIds: readonly string[];
}

/** Shares out queues; `allocate` must depend on its argument only. */
export interface AllocationStrategy {
  /** The name that the official clients use, such as `AVG`. */
  readonly name: string;
  /** The queues for `context.clientId`; an empty list if it is not among the members. */
  allocate(context: AllocationContext): readonly MessageQueue[];
}

/** Position of the asking member among the members, -1 if it is not (yet) one of them. */
export function memberIndex(context: AllocationContext): number {
  if (context.clientId === '') {
    throw new MqError(MqErrorCode.InvalidArgument, 'The client id must not be empty');
  }
  return context.clientIds.indexOf(context.clientId);
}
