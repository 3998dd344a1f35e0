import {
  type JsonInputObject,
  type JsonValue,
  jsonNumber,
  jsonObject,
  jsonString,
  parseFastjson,
} from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';

export function messageQueueJson(queue: MessageQueue): JsonInputObject {
  return { brokerName: queue.brokerName, queueId: queue.queueId, topic: queue.topic };
}

export function decodeMessageQueue(value: JsonValue | undefined): MessageQueue {
  const object = jsonObject(value, 'queue');
  return {
    topic: jsonString(object.get('topic'), 'topic'),
    brokerName: jsonString(object.get('brokerName'), 'brokerName'),
    queueId: jsonNumber(object.get('queueId'), 'queueId'),
  };
}

/** The queue that a map's key spells: an object without quotes around it. */
export function decodeMessageQueueMapKey(key: string): MessageQueue {
  return decodeMessageQueue(parseFastjson(key));
}
