import {
  type JsonValue,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonString,
  parseFastjson,
} from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import type { QueueOffset } from '../consumer/offset-store.ts';

/**
 * The body of `RESET_CONSUMER_CLIENT_OFFSET` in both of its forms: a map with queues as keys, or a
 * list of objects (sent when the tool is written in C++).
 */
export function decodeResetOffsets(body: Buffer): readonly QueueOffset[] {
  const root = jsonObject(parseFastjson(body.toString('utf8')), 'body');
  const table = root.get('offsetTable');
  if (Array.isArray(table)) {
    return jsonArray(table, 'offsetTable').map((item) => ({
      queue: queueOf(item),
      offset: jsonNumber(jsonObject(item, 'offset entry').get('offset'), 'offset'),
    }));
  }
  return [...jsonObject(table, 'offsetTable')].map(([key, value]) => ({
    queue: queueOf(parseFastjson(key)),
    offset: jsonNumber(value, 'offset'),
  }));
}

function queueOf(value: JsonValue): MessageQueue {
  const queue = jsonObject(value, 'queue');
  return {
    topic: jsonString(queue.get('topic'), 'topic'),
    brokerName: jsonString(queue.get('brokerName'), 'brokerName'),
    queueId: jsonNumber(queue.get('queueId'), 'queueId'),
  };
}
