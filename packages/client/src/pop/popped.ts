/** A message that this client holds for a while, with the receipt by which its broker knows it. */
import type { PopHandle, StoredMessage } from '@skylarkmq/message';

/** See the head of this file. */
export interface Popped {
  readonly message: StoredMessage;
  /** The topic as subscribed, also for a message from the group's retry topic. */
  readonly topic: string;
  /** The lite topic, for a message of one: then `topic` is its parent. */
  readonly liteTopic?: string;
  /** How often the group had it before. */
  readonly reconsumeTimes: number;
  /** Changes whenever the time is changed for which the message is held. */
  handle: PopHandle;
}
