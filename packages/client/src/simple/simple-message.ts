import { type CompressionCodec, formatPopHandle } from '@skylarkmq/message';
import { ReceivedMessage } from '../consumer/received-message.ts';
import type { Held } from './held.ts';

/** What a message does through its consumer. */
export interface SimpleSettlement {
  ack(held: Held): Promise<void>;
  changeInvisible(held: Held, invisibleMs: number): Promise<void>;
}

/**
 * A message that this consumer holds until its time is over: then the group gets it again. Say
 * {@link ack} when it is done.
 */
export class SimpleMessage extends ReceivedMessage {
  readonly #held: Held;
  readonly #settlement: SimpleSettlement;

  constructor(
    held: Held,
    topic: string,
    codecs: readonly CompressionCodec[],
    settlement: SimpleSettlement,
  ) {
    const { handle, message, reconsumeTimes } = held.popped;
    const { brokerName, queueId } = handle;
    super(message, { topic: message.topic, brokerName, queueId }, reconsumeTimes, topic, codecs);
    this.#held = held;
    this.#settlement = settlement;
  }

  /** How often the group has been given the message, this time included: 1 the first time. */
  get deliveryAttempt(): number {
    return this.reconsumeTimes + 1;
  }

  /** When the group gets the message again, by the broker's clock, milliseconds since 1970. */
  get invisibleUntilMs(): number {
    const { invisibleTime, popTime } = this.#held.popped.handle;
    return popTime + invisibleTime;
  }

  /** The receipt by which the broker knows that this consumer holds the message. */
  get receipt(): string {
    return formatPopHandle(this.#held.popped.handle);
  }

  /** Whether the broker knows that the message is done. */
  get acked(): boolean {
    return this.#held.done;
  }

  /**
   * Done: the group will not see the message again, unless its time was over before. A second call
   * does nothing. See `SimpleConsumer.ack` for many messages at once.
   */
  ack(): Promise<void> {
    return this.#settlement.ack(this.#held);
  }

  /**
   * Holds the message for `invisibleMs` from now on (1 ms to 12 hours): longer for slow work,
   * shorter to get it again soon. Nothing happens when it is acknowledged.
   */
  changeInvisible(invisibleMs: number): Promise<void> {
    return this.#settlement.changeInvisible(this.#held, invisibleMs);
  }
}
