/** Reads the messages of a topic straight from the store: no client, no offset, no filter. */
import type { BrokerView } from '@skylarkmq/broker';
import { ReceivedMessage } from '@skylarkmq/client';
import { decodeRecords, isDlqTopic, isRetryTopic, PropertyName } from '@skylarkmq/message';

/** Queue id to the offset from which on a reader has not read. */
export type ReadPosition = Map<number, number>;

const READ_COUNT = 1_000;
const READ_BYTES = 4 * 1024 * 1024;

/** The end of each queue of a topic. */
export function endOf({ store }: BrokerView, topic: string): ReadPosition {
  const position: ReadPosition = new Map();
  for (const queue of store.queues()) {
    if (queue.topic === topic) position.set(queue.queueId, queue.maxOffset);
  }
  return position;
}

/** The messages of a topic from a position on, in the order in which they were stored. */
export async function readTopic(
  view: BrokerView,
  topic: string,
  brokerName: string,
  position: ReadPosition,
): Promise<ReceivedMessage[]> {
  const { store } = view;
  const messages: ReceivedMessage[] = [];
  for (const queue of [...store.queues()].filter((one) => one.topic === topic)) {
    let offset = Math.max(position.get(queue.queueId) ?? 0, queue.minOffset);
    const end = queue.maxOffset;
    while (offset < end) {
      const result = await store.getMessages(queue, offset, READ_COUNT, READ_BYTES, null);
      for (const slice of result.slices) {
        for (const stored of decodeRecords(Buffer.from(slice))) {
          const { queueId, reconsumeTimes } = stored;
          const from = { topic, brokerName, queueId };
          const visible = topicOf(topic, stored.properties);
          messages.push(new ReceivedMessage(stored, from, reconsumeTimes, visible, []));
        }
      }
      result.release();
      if (result.nextBeginOffset <= offset) break;
      offset = result.nextBeginOffset;
    }
    position.set(queue.queueId, offset);
  }
  return messages.sort((left, right) => left.stored.physicalOffset - right.stored.physicalOffset);
}

/** Retries and dead letters know where the message was before. */
function topicOf(topic: string, properties: ReadonlyMap<string, string>): string {
  if (!isRetryTopic(topic) && !isDlqTopic(topic)) return topic;
  return properties.get(PropertyName.RetryTopic) ?? topic;
}
