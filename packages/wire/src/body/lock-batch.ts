import { jsonArrayOr, jsonBooleanOr, jsonObject, jsonString } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { parseBody, standardBody } from './json-body.ts';
import { decodeMessageQueue, messageQueueJson } from './message-queue.ts';

/** A consumer's wish to have queues alone (41), or to give them up (42). */
export interface LockBatch {
  readonly consumerGroup: string;
  readonly clientId: string;
  readonly onlyThisBroker: boolean;
  readonly mqSet: readonly MessageQueue[];
}

export function encodeLockBatch(batch: LockBatch): Buffer {
  const { clientId, consumerGroup, onlyThisBroker } = batch;
  const mqSet = batch.mqSet.map(messageQueueJson);
  return standardBody({ clientId, consumerGroup, mqSet, onlyThisBroker });
}

export function decodeLockBatch(body: Buffer | null): LockBatch {
  const object = jsonObject(parseBody(body), 'lock request');
  return {
    consumerGroup: jsonString(object.get('consumerGroup'), 'consumerGroup'),
    clientId: jsonString(object.get('clientId'), 'clientId'),
    onlyThisBroker: jsonBooleanOr(object.get('onlyThisBroker'), 'onlyThisBroker', false),
    mqSet: jsonArrayOr(object.get('mqSet'), 'mqSet').map(decodeMessageQueue),
  };
}

export function encodeLockOk(queues: readonly MessageQueue[]): Buffer {
  return standardBody({ lockOKMQSet: queues.map(messageQueueJson) });
}

export function decodeLockOk(body: Buffer | null): MessageQueue[] {
  const object = jsonObject(parseBody(body), 'lock answer');
  return jsonArrayOr(object.get('lockOKMQSet'), 'lockOKMQSet').map(decodeMessageQueue);
}
