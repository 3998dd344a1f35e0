import type { MessageQueue } from '@skylarkmq/message';
import { javaBody } from './json-body.ts';
import { messageQueueJson } from './message-queue.ts';

/** The ends of a queue. */
export interface QueueStats {
  readonly queue: MessageQueue;
  readonly minOffset: number;
  readonly maxOffset: number;
  /** When the last message was stored, milliseconds; 0 when the queue is empty. */
  readonly lastUpdateTimestamp: number;
}

/** Body of GET_TOPIC_STATS_INFO. `topicPutTps` is messages a second. */
export function encodeTopicStats(queues: readonly QueueStats[], topicPutTps: number): Buffer {
  const table = queues.map(({ queue, minOffset, maxOffset, lastUpdateTimestamp }) => {
    const offsets = { lastUpdateTimestamp, maxOffset, minOffset };
    return [messageQueueJson(queue), offsets] as const;
  });
  return javaBody({ offsetTable: new Map(table), topicPutTps });
}
