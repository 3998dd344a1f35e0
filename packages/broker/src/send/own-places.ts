/** Messages that say themselves where they go within their topic: by priority, by a lite topic. */
import { liteQueueName, PropertyName } from '@skylarkmq/message';
import type { TopicConfig } from '@skylarkmq/wire';
import { wantsTimer } from './delayed-properties.ts';

const INTEGER = /^[+-]?\d{1,9}$/;
/** With one of these a message is of another type than PRIORITY. */
const OTHER_TYPES = [
  PropertyName.TransactionPrepared,
  PropertyName.DelayLevel,
  PropertyName.ShardingKey,
];

/** Changes the properties to what is to be stored, and answers which queue the message is for. */
// RocketMQ: SendMessageProcessor#sendMessage
export function placeByProperties(
  properties: Map<string, string>,
  { topicName: topic, writeQueueNums }: TopicConfig,
  queueId: number,
): { readonly topic: string; readonly queueId: number } {
  const liteTopic = properties.get(PropertyName.LiteTopic) ?? '';
  if (liteTopic !== '') {
    properties.set(PropertyName.InnerMultiDispatch, liteQueueName(topic, liteTopic));
  }
  const priority = priorityOf(properties);
  if (priority < 0) return { topic, queueId };
  if (wantsTimer(properties) || OTHER_TYPES.some((name) => properties.has(name))) {
    properties.delete(PropertyName.Priority);
    return { topic, queueId };
  }
  return { topic, queueId: Math.min(Math.max(1, writeQueueNums) - 1, priority) };
}

/** -1 for none. */
function priorityOf(properties: ReadonlyMap<string, string>): number {
  const text = properties.get(PropertyName.Priority) ?? '';
  return INTEGER.test(text) ? Number(text) : -1;
}
