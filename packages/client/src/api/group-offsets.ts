import { stringifyJson } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import type { QueueOffset } from '../consumer/offset-store.ts';

/** The body that answers `GET_CONSUMER_STATUS_FROM_CLIENT`: a map with queues as keys. */
export function encodeGroupOffsets(offsets: readonly QueueOffset[]): Buffer {
  const messageQueueTable = new Map(
    offsets.map(({ queue, offset }) => [queueText(queue), offset] as const),
  );
  const body = { consumerTable: {}, messageQueueTable };
  return Buffer.from(stringifyJson(body, { unquotedObjectKeys: true }), 'utf8');
}

/** A queue in the form that it has as the key of a map (fastjson's dialect). */
export function queueText(queue: MessageQueue): string {
  const brokerName = JSON.stringify(queue.brokerName);
  const topic = JSON.stringify(queue.topic);
  return `{"brokerName":${brokerName},"queueId":${queue.queueId},"topic":${topic}}`;
}
