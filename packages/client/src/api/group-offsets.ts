import { type JsonInputObject, stringifyJson } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import type { QueueOffset } from '../consumer/offset-store.ts';

/** The body that answers `GET_CONSUMER_STATUS_FROM_CLIENT`: a map with queues as keys. */
export function encodeGroupOffsets(offsets: readonly QueueOffset[]): Buffer {
  const messageQueueTable = new Map(
    offsets.map(({ queue, offset }) => [queueKey(queue), offset] as const),
  );
  const body = { consumerTable: {}, messageQueueTable };
  return Buffer.from(stringifyJson(body, { javaKeys: true }), 'utf8');
}

/** A queue as the key of a map, its members in Apache's order. */
export function queueKey({ brokerName, queueId, topic }: MessageQueue): JsonInputObject {
  return { brokerName, queueId, topic };
}
