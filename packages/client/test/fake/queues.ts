import type { MessageQueue, StoredMessage } from '@skylarkmq/message';

/** Queues of one topic: `perBroker` at each of the brokers. */
export function queuesOf(
  topic: string,
  brokers: readonly string[],
  perBroker: number,
): MessageQueue[] {
  return brokers.flatMap((brokerName) =>
    Array.from({ length: perBroker }, (_, queueId) => ({ topic, brokerName, queueId })),
  );
}

/** A stored message at an offset of a queue. */
export function storedMessage(
  queue: MessageQueue,
  queueOffset: number,
  more: Partial<StoredMessage> = {},
): StoredMessage {
  return {
    topic: queue.topic,
    queueId: queue.queueId,
    queueOffset,
    physicalOffset: queueOffset * 200,
    flag: 0,
    sysFlag: 0,
    bornTimestamp: 1,
    bornHost: '127.0.0.1:5000',
    storeTimestamp: 2,
    storeHost: '127.0.0.1:10911',
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body: Buffer.from(`body-${queueOffset}`),
    bodyCrc: 0,
    properties: new Map(),
    storeSize: 100,
    offsetMessageId: `ID${queueOffset}`,
    ...more,
  };
}
