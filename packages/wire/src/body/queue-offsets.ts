import { type JsonInputObject, jsonNumber, jsonObject, jsonObjectOr } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { javaBody, parseBody } from './json-body.ts';
import { decodeMessageQueueMapKey, messageQueueJson } from './message-queue.ts';

/** An offset in a queue. */
export interface QueueOffset {
  readonly queue: MessageQueue;
  readonly offset: number;
}

/** Body of a reset of offsets, both to the tool and to a consumer: a map with queues as keys. */
export function encodeResetOffsets(offsets: readonly QueueOffset[]): Buffer {
  return javaBody({ offsetTable: offsetTable(offsets) });
}

/** The same as a list, for tools that cannot read objects as keys. */
export function encodeResetOffsetList(offsets: readonly QueueOffset[]): Buffer {
  const list = offsets.map(({ queue, offset }) => ({ ...messageQueueJson(queue), offset }));
  return javaBody({ offsetTable: list });
}

/** Body of INVOKE_BROKER_TO_GET_CONSUMER_STATUS: client to its offsets. */
export function encodeConsumerStatus(clients: ReadonlyMap<string, readonly QueueOffset[]>): Buffer {
  const table = [...clients].map(([id, offsets]) => [id, offsetTable(offsets)] as const);
  return javaBody({ consumerTable: new Map(table), messageQueueTable: {} });
}

/** What a consumer answers to GET_CONSUMER_STATUS_FROM_CLIENT. CORRUPT when it is malformed. */
export function decodeConsumerStatus(body: Buffer | null): QueueOffset[] {
  const object = jsonObject(parseBody(body), 'consumer status');
  const table = jsonObjectOr(object.get('messageQueueTable'), 'messageQueueTable');
  return [...table].map(([key, value]) => ({
    queue: decodeMessageQueueMapKey(key),
    offset: jsonNumber(value, 'offset'),
  }));
}

/** Body of QUERY_CORRECTION_OFFSET: queue to offset. */
export function encodeCorrectionOffsets(offsets: ReadonlyMap<number, bigint>): Buffer {
  return javaBody({ correctionOffsets: offsets });
}

function offsetTable(offsets: readonly QueueOffset[]): Map<JsonInputObject, number> {
  return new Map(offsets.map(({ queue, offset }) => [messageQueueJson(queue), offset] as const));
}
