import type { MessageQueue } from '@skylarkmq/message';
import {
  type AllocationContext,
  type AllocationStrategy,
  memberIndex,
} from './allocation-strategy.ts';

/** The default: every member gets one contiguous run of queues, sizes differ by one at most. */
// RocketMQ: AllocateMessageQueueAveragely#allocate
export const averagely: AllocationStrategy = { name: 'AVG', allocate };

function allocate(context: AllocationContext): readonly MessageQueue[] {
  const { queues, clientIds } = context;
  const index = memberIndex(context);
  if (index < 0 || queues.length === 0) return [];
  const remainder = queues.length % clientIds.length;
  const getsOneMore = index < remainder;
  const share =
    queues.length <= clientIds.length
      ? 1
      : Math.floor(queues.length / clientIds.length) + (getsOneMore ? 1 : 0);
  const start = index * share + (getsOneMore ? 0 : remainder);
  return queues.slice(start, start + share);
}
