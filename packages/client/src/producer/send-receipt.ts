import type { MessageQueue } from '@skylarkmq/message';

/**
 * How well a stored message is kept: `ok` as the broker's configuration promises; with the others
 * it is stored at the master but the flush or the replica did not confirm in time.
 */
export type SendStatus =
  | 'ok'
  | 'flush-disk-timeout'
  | 'flush-slave-timeout'
  | 'slave-not-available';

/** What a broker said to a message that it stored. */
export interface SendReceipt {
  readonly status: SendStatus;
  /** The id that the client gave (property UNIQ_KEY), the same when the message is received. */
  readonly messageId: string;
  /** The id that the broker gave: the place of the message in its CommitLog. */
  readonly offsetMessageId: string;
  readonly queue: MessageQueue;
  /** Position in the queue. */
  readonly queueOffset: number;
  readonly transactionId: string | undefined;
  readonly regionId: string;
  /** Whether the broker wants this message to be traced. */
  readonly traceOn: boolean;
  /** Of a message that waits for its time (`delayMs`, `deliverAt`): for `Producer#recall`. */
  readonly recallHandle?: string;
}

// RocketMQ: MQClientAPIImpl#processSendResponse
const STATUS_BY_CODE: ReadonlyMap<number, SendStatus> = new Map([
  [0, 'ok'],
  [10, 'flush-disk-timeout'],
  [11, 'slave-not-available'],
  [12, 'flush-slave-timeout'],
]);

/** The status that a response code stands for, undefined if the message was not stored. */
export function sendStatusOf(responseCode: number): SendStatus | undefined {
  return STATUS_BY_CODE.get(responseCode);
}
