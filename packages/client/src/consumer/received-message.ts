/**
 * A message as it came from a broker, in the form that users see. The body is decompressed when it
 * is first looked at, so that a broken or unknown compression fails where the message is handled
 * and leads to a retry, not to a lost message.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import {
  type CompressionCodec,
  decompressBody,
  type MessageQueue,
  PropertyName,
  type StoredMessage,
} from '@skylarkmq/message';

/** A received message; see the head of this file. */
export class ReceivedMessage {
  /** The topic that the sender named, also for retries and delayed messages. */
  readonly topic: string;
  /** The queue from which it came; for a retry a queue of the group's retry topic. */
  readonly queue: MessageQueue;
  /** How often this group was given the message before. */
  readonly reconsumeTimes: number;
  readonly #stored: StoredMessage;
  readonly #codecs: readonly CompressionCodec[];
  #body: Buffer | undefined;

  constructor(
    stored: StoredMessage,
    queue: MessageQueue,
    reconsumeTimes: number,
    topic: string,
    codecs: readonly CompressionCodec[],
    body?: Buffer,
  ) {
    this.#stored = stored;
    this.queue = queue;
    this.reconsumeTimes = reconsumeTimes;
    this.topic = topic;
    this.#codecs = codecs;
    this.#body = body;
  }

  /** The id that the sender gave; the broker's id for senders that give none. */
  get messageId(): string {
    return this.property(PropertyName.UniqueKey) ?? this.#stored.offsetMessageId;
  }

  /** The id that the broker gave: the place in its CommitLog. It changes with every retry. */
  get offsetMessageId(): string {
    return this.#stored.offsetMessageId;
  }

  /** The body as it was sent, decompressed. */
  get body(): Buffer {
    const body =
      this.#body ?? decompressBody(this.#stored.body, this.#stored.sysFlag, this.#codecs);
    this.#body = body;
    return body;
  }

  /** The body as UTF-8 text. */
  text(): string {
    return this.body.toString('utf8');
  }

  /** The body parsed as JSON; a body that is none throws an MqError with code `CORRUPT`. */
  json(): unknown {
    try {
      return JSON.parse(this.text());
    } catch (thrown) {
      const reason = `The body of message ${this.messageId} is not JSON`;
      throw new MqError(MqErrorCode.Corrupt, reason, { cause: thrown });
    }
  }

  /** The tag by which consumers filter, undefined if there is none. */
  get tags(): string | undefined {
    return this.property(PropertyName.Tags);
  }

  /** The business keys, none or more. */
  get keys(): readonly string[] {
    const keys = this.property(PropertyName.Keys);
    return keys === undefined ? [] : keys.split(' ').filter((key) => key !== '');
  }

  /** The key that chose the queue, undefined if there is none. */
  get shardingKey(): string | undefined {
    return this.property(PropertyName.ShardingKey);
  }

  /** The lite topic that it was sent to, for topics of type LITE. */
  get liteTopic(): string | undefined {
    return this.property(PropertyName.LiteTopic);
  }

  /** One property, the sender's or the platform's; undefined if it is not set. */
  property(name: string): string | undefined {
    return this.#stored.properties.get(name);
  }

  /** All properties, the platform's own included. */
  get properties(): ReadonlyMap<string, string> {
    return this.#stored.properties;
  }

  /** The int32 that the sender gave, 0 by default. */
  get flag(): number {
    return this.#stored.flag;
  }

  /** Position in its queue. */
  get queueOffset(): number {
    return this.#stored.queueOffset;
  }

  /** When the sender made the message: its wall clock, milliseconds. */
  get bornTimestamp(): number {
    return this.#stored.bornTimestamp;
  }

  /** Address of the sender, `ip:port`. */
  get bornHost(): string {
    return this.#stored.bornHost;
  }

  /** When the broker stored the message: its wall clock, milliseconds. */
  get storeTimestamp(): number {
    return this.#stored.storeTimestamp;
  }

  /** Address of the broker, `ip:port`. */
  get storeHost(): string {
    return this.#stored.storeHost;
  }

  /** The record as it is stored at the broker: body not decompressed, all fields. */
  get stored(): StoredMessage {
    return this.#stored;
  }
}
