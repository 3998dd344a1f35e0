/** Mappings of static topics, for tests. */
import type { QueuePart, StaticTopic } from '@skylarkmq/wire';

/** A part of a queue at broker-a from the very beginning, with changes. */
export function part(changes: Partial<QueuePart>): QueuePart {
  return {
    gen: 0,
    queueId: 0,
    brokerName: 'broker-a',
    logicOffset: 0,
    startOffset: 0,
    endOffset: -1,
    timeOfStart: -1,
    timeOfEnd: -1,
    ...changes,
  };
}

/** A topic of 4 queues at broker-a, with changes. */
export function staticTopic(
  hostedQueues: StaticTopic['hostedQueues'],
  changes: Partial<StaticTopic> = {},
): StaticTopic {
  return {
    topic: 'Static',
    brokerName: 'broker-a',
    scope: '__global__',
    totalQueues: 4,
    epoch: 1,
    dirty: false,
    hostedQueues,
    ...changes,
  };
}
