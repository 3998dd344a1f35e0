import { realClock } from '@skylarkmq/base';
import { PropertyName } from '@skylarkmq/message';
import type { ReceivedMessage } from '../../consumer/received-message.ts';
import { isReservedProperty } from '../../producer/reserved-property.ts';

const SYSTEM: ReadonlySet<string> = new Set<string>(Object.values(PropertyName));

/** A received message. */
export class MessageView {
  readonly messageId: string;
  readonly topic: string;
  readonly corrupted: boolean = false;
  readonly tag: string | undefined;
  readonly messageGroup: string | undefined;
  readonly deliveryTimestamp: Date | undefined;
  readonly keys: string[];
  readonly bornHost: string;
  readonly bornTimestamp: Date | undefined;
  /** 1 the first time. */
  deliveryAttempt: number | undefined;
  /** By it the broker knows who holds the message; empty for messages of a push consumer. */
  readonly receiptHandle: string;
  readonly offset: number | undefined;
  readonly decodeTimestamp: Date;
  /** Those of the sender. */
  readonly properties: Map<string, string>;
  readonly #received: ReceivedMessage;

  constructor(received: ReceivedMessage, receiptHandle: string) {
    const time = received.property(PropertyName.TimerOutMs);
    this.#received = received;
    this.messageId = received.messageId;
    this.topic = received.topic;
    this.tag = received.tags;
    this.messageGroup = received.shardingKey;
    this.deliveryTimestamp = time === undefined ? undefined : new Date(Number(time));
    this.keys = [...received.keys];
    this.bornHost = received.bornHost;
    this.bornTimestamp = new Date(received.bornTimestamp);
    this.deliveryAttempt = received.reconsumeTimes + 1;
    this.receiptHandle = receiptHandle;
    this.offset = received.queueOffset;
    this.decodeTimestamp = new Date(realClock.nowMs());
    this.properties = new Map(
      [...received.properties].filter(([name]) => !SYSTEM.has(name) && !isReservedProperty(name)),
    );
  }

  /** The body as it was sent. */
  get body(): Buffer {
    return this.#received.body;
  }

  getMessageId(): string {
    return this.messageId;
  }

  getTopic(): string {
    return this.topic;
  }

  /** A copy. */
  getBody(): Buffer {
    return Buffer.from(this.body);
  }

  /** A copy. */
  getProperties(): Map<string, string> {
    return new Map(this.properties);
  }

  getTag(): string | undefined {
    return this.tag;
  }

  /** A copy. */
  getKeys(): string[] {
    return [...this.keys];
  }

  getMessageGroup(): string | undefined {
    return this.messageGroup;
  }

  getDeliveryTimestamp(): Date | undefined {
    return this.deliveryTimestamp;
  }

  getBornHost(): string {
    return this.bornHost;
  }

  getBornTimestamp(): Date | undefined {
    return this.bornTimestamp;
  }

  getDeliveryAttempt(): number | undefined {
    return this.deliveryAttempt;
  }
}
