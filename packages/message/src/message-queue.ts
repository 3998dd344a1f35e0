/** One queue of a topic at one broker group: the unit of order and of assignment to consumers. */
export interface MessageQueue {
  readonly topic: string;
  readonly brokerName: string;
  readonly queueId: number;
}

/** A key for maps. The separator cannot occur in a topic or broker name. */
export function messageQueueKey(queue: MessageQueue): string {
  return `${queue.topic}\u0000${queue.brokerName}\u0000${queue.queueId}`;
}

/** Order of rebalancing: by topic, then broker name, then queue id (UTF-16 order, as in Java). */
export function compareMessageQueues(left: MessageQueue, right: MessageQueue): number {
  return (
    compareText(left.topic, right.topic) ||
    compareText(left.brokerName, right.brokerName) ||
    left.queueId - right.queueId
  );
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
