import type { MessageQueue } from '@skylarkmq/message';
import {
  type AllocationContext,
  type AllocationStrategy,
  memberIndex,
} from './allocation-strategy.ts';

/** Deals the queues out like cards: member i gets queues i, i + members, i + 2 x members, ... */
// RocketMQ: AllocateMessageQueueAveragelyByCircle#allocate
export const averagelyByCircle: AllocationStrategy = { name: 'AVG_BY_CIRCLE', allocate };

function allocate(context: AllocationContext): readonly MessageQueue[] {
  const index = memberIndex(context);
  if (index < 0) return [];
  const members = context.clientIds.length;
  return context.queues.filter((_queue, position) => position % members === index);
}
