/** Which queues a member of a group reads, when the broker decides. */
import type { MessageQueue } from '@skylarkmq/message';

/** What is to be shared out; queues and members are sorted. */
export interface Sharing {
  readonly clientId: string;
  readonly clientIds: readonly string[];
  readonly queues: readonly MessageQueue[];
}

type Strategy = (sharing: Sharing) => MessageQueue[];

/** RocketMQ: QueryAssignmentProcessor registers these. */
const STRATEGIES: ReadonlyMap<string, Strategy> = new Map([
  ['AVG', averagely],
  ['AVG_BY_CIRCLE', byCircle],
]);

export const STRATEGY_NAMES: readonly string[] = [...STRATEGIES.keys()];

/** The member's queues; undefined when nobody knows the strategy. */
export function allocateQueues(name: string, sharing: Sharing): MessageQueue[] | undefined {
  return STRATEGIES.get(name)?.(sharing);
}

/**
 * The member's queues when several members share each; all queues of each broker, as queue -1, when
 * everybody shares everything. Undefined when nobody knows the strategy.
 */
// RocketMQ: QueryAssignmentProcessor#allocate4Pop
export function allocateForPop(
  name: string,
  sharing: Sharing,
  shareQueueNum: number,
): MessageQueue[] | undefined {
  const { clientId, clientIds, queues } = sharing;
  if (shareQueueNum <= 0 || shareQueueNum >= clientIds.length - 1) {
    const brokers = new Map(queues.map((queue) => [queue.brokerName, { ...queue, queueId: -1 }]));
    return [...brokers.values()];
  }
  const strategy = STRATEGIES.get(name);
  if (strategy === undefined) return undefined;
  const first = clientIds.indexOf(clientId);
  if (first < 0 || queues.length === 0) return [];
  if (clientIds.length > queues.length) {
    // More members than queues: each has one, and those that follow each other have the same.
    const queue = queues[first % queues.length];
    return queue === undefined ? [] : [queue];
  }
  const shared = new Map<string, MessageQueue>();
  for (let step = 0; step <= shareQueueNum; step++) {
    const member = clientIds[(first + step) % clientIds.length] ?? clientId;
    for (const queue of strategy({ ...sharing, clientId: member })) {
      shared.set(`${queue.brokerName}@${queue.queueId}`, queue);
    }
  }
  return [...shared.values()];
}

/** RocketMQ: AllocateMessageQueueAveragely#allocate */
function averagely({ clientId, clientIds, queues }: Sharing): MessageQueue[] {
  const index = clientIds.indexOf(clientId);
  if (index < 0) return [];
  const members = clientIds.length;
  const rest = queues.length % members;
  const size =
    queues.length <= members ? 1 : Math.floor(queues.length / members) + (index < rest ? 1 : 0);
  const start = rest > 0 && index < rest ? index * size : index * size + rest;
  return queues.slice(start, Math.min(queues.length, start + size));
}

/** RocketMQ: AllocateMessageQueueAveragelyByCircle#allocate */
function byCircle({ clientId, clientIds, queues }: Sharing): MessageQueue[] {
  const index = clientIds.indexOf(clientId);
  return index < 0 ? [] : queues.filter((_, at) => at % clientIds.length === index);
}
