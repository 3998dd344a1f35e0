import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { ReceivedMessage } from '../consumer/received-message.ts';

/** By what messages are told apart. */
export interface KeyOptions {
  /**
   * The key of a message: the same for all copies of one thing. Default: its `messageId`, which
   * stays the same when it is delivered or sent again by the SDK. Take a business key where the
   * application itself may send twice.
   */
  readonly key?: (message: ReceivedMessage) => string;
  /** In front of every key: give each group its own where groups share a store. Default none. */
  readonly scope?: string;
}

/** The key under which a store knows a message. */
export function keyOf({ key, scope }: KeyOptions, message: ReceivedMessage): string {
  const own = key === undefined ? message.messageId : key(message);
  if (own === '') {
    throw new MqError(
      MqErrorCode.InvalidArgument,
      `The key of message ${message.messageId} is empty: every message needs one of its own`,
    );
  }
  return scope === undefined ? own : `${scope}/${own}`;
}
