import type { MessageQueue } from '@skylarkmq/message';
import type { AllocationStrategy } from './allocation-strategy.ts';

/**
 * A fixed list of queues, whoever else is in the group: the caller sees to it that no two members
 * have the same queue. Only queues of the topic at hand are returned, so one list serves all
 * topics.
 */
// RocketMQ: AllocateMessageQueueByConfig#allocate
export function configured(queues: readonly MessageQueue[]): AllocationStrategy {
  const chosen = [...queues];
  return {
    name: 'CONFIG',
    allocate: (context) => {
      const topic = context.queues[0]?.topic;
      return chosen.filter((queue) => queue.topic === topic);
    },
  };
}
