import type { CompressionCodec } from '@skylarkmq/message';
import { type CachedMessage, CachedState } from '../consumer/process-queue.ts';
import { ReceivedMessage } from '../consumer/received-message.ts';
import type { RejectOptions, RetryOptions, Settlement } from './settlement.ts';

/**
 * A message in the hands of a consumer. Settle it with one of {@link ack}, {@link retry},
 * {@link reject}; until then its queue's offset stays where it is.
 */
export class ConsumerMessage extends ReceivedMessage {
  readonly #entry: CachedMessage;
  readonly #settlement: Settlement;
  readonly #codecs: readonly CompressionCodec[];
  #outcome: ConsumerMessage['outcome'];

  constructor(
    entry: CachedMessage,
    topic: string,
    codecs: readonly CompressionCodec[],
    settlement: Settlement,
    body?: Buffer,
  ) {
    super(entry.message, entry.processQueue.queue, entry.reconsumeTimes, topic, codecs, body);
    this.#entry = entry;
    this.#settlement = settlement;
    this.#codecs = codecs;
  }

  /** Done: this group will not see the message again. */
  ack(): Promise<void> {
    this.#outcome ??= 'acked';
    return this.#settlement.ack(this.#entry);
  }

  /**
   * Failed: deliver it again later, and after `maxReconsumeTimes` put it into the dead letters. A
   * broadcasting consumer cannot retry: there the message counts as done.
   */
  retry(options: RetryOptions = {}): Promise<void> {
    this.#outcome ??= 'retried';
    return this.#settlement.retry(this.#entry, options);
  }

  /** Hopeless: puts the message into the group's dead letters (`%DLQ%<group>`) at once. */
  reject(options: RejectOptions = {}): Promise<void> {
    this.#outcome ??= 'rejected';
    return this.#settlement.reject(this.#entry, options);
  }

  /** Whether the message is settled or its queue went to another consumer. */
  get settled(): boolean {
    return this.#entry.state !== CachedState.Delivered || this.#entry.processQueue.dropped;
  }

  /** How it was settled by a call of this object; undefined before. */
  get outcome(): 'acked' | 'retried' | 'rejected' | undefined {
    return this.#outcome;
  }

  /** The same message with another body, for example decrypted. Settling it settles this one. */
  withBody(body: Buffer): ConsumerMessage {
    return new ConsumerMessage(this.#entry, this.topic, this.#codecs, this.#settlement, body);
  }
}
