import type { CompressionCodec } from '@skylarkmq/message';
import { type CachedMessage, CachedState } from '../consumer/process-queue.ts';
import { ReceivedMessage } from '../consumer/received-message.ts';
import type { RetryOptions, Settlement } from './settlement.ts';

/**
 * A message in the hands of a consumer. Settle it with one of {@link ack}, {@link retry},
 * {@link reject}; until then its queue's offset stays where it is.
 */
export class ConsumerMessage extends ReceivedMessage {
  readonly #entry: CachedMessage;
  readonly #settlement: Settlement;

  constructor(
    entry: CachedMessage,
    topic: string,
    codecs: readonly CompressionCodec[],
    settlement: Settlement,
  ) {
    super(entry.message, entry.processQueue.queue, entry.reconsumeTimes, topic, codecs);
    this.#entry = entry;
    this.#settlement = settlement;
  }

  /** Done: this group will not see the message again. */
  ack(): Promise<void> {
    return this.#settlement.ack(this.#entry);
  }

  /**
   * Failed: deliver it again later, and after `maxReconsumeTimes` put it into the dead letters. A
   * broadcasting consumer cannot retry: there the message counts as done.
   */
  retry(options: RetryOptions = {}): Promise<void> {
    return this.#settlement.retry(this.#entry, options);
  }

  /** Hopeless: puts the message into the group's dead letters (`%DLQ%<group>`) at once. */
  reject(): Promise<void> {
    return this.#settlement.reject(this.#entry);
  }

  /** Whether the message is settled or its queue went to another consumer. */
  get settled(): boolean {
    return this.#entry.state !== CachedState.Delivered || this.#entry.processQueue.dropped;
  }
}
