import { PropertyName } from '@skylarkmq/message';
import type { ReceivedMessage } from '../../consumer/received-message.ts';
import type { OutgoingMessage } from '../../producer/outgoing-message.ts';
import { isReservedProperty } from '../../producer/reserved-property.ts';

/** Names that `ali-ons` gives to a sharding key and a delivery time. */
const SHARDING_KEY = '__SHARDING_KEY';
const START_DELIVER_TIME = '__STARTDELIVERTIME';

/** Properties that have a field of their own in what is sent, or that only `ali-ons` knows. */
const WITH_FIELD: ReadonlySet<string> = new Set([
  SHARDING_KEY,
  START_DELIVER_TIME,
  PropertyName.ShardingKey,
]);

/** A message to send, or one that was received: then the fields of the broker are set. */
export class Message {
  storeSize: number | null = null;
  bodyCRC: number | null = null;
  queueId: number | null = null;
  flag = 0;
  queueOffset: number | null = null;
  commitLogOffset: number | null = null;
  bornHost: string | null = null;
  bornTimestamp: number | null = null;
  storeTimestamp: number | null = null;
  storeHost: string | null = null;
  reconsumeTimes = 0;
  preparedTransactionOffset: number | null = null;
  topic: string;
  body: Buffer;
  /** All properties by the names that they have in RocketMQ. */
  properties: Record<string, string | number | null | undefined> = {};
  msgId: string | null = null;

  /** `new Message(topic, tags, body)` or `new Message(topic, body)`. */
  constructor(topic: string, tags: string | Buffer | null, body?: string | Buffer) {
    const content = body ?? tags ?? '';
    this.topic = topic;
    this.body = typeof content === 'string' ? Buffer.from(content) : content;
    this.tags = body === undefined || tags === null ? undefined : String(tags);
  }

  /** The tag by which consumers filter. */
  get tags(): string | undefined {
    return this.#text(PropertyName.Tags);
  }

  set tags(value: string | undefined) {
    this.properties[PropertyName.Tags] = value;
  }

  /** Business keys, with blanks between them; set them as a list. */
  get keys(): string | undefined {
    return this.#text(PropertyName.Keys);
  }

  set keys(value: readonly string[]) {
    this.properties[PropertyName.Keys] = value.join(' ').trim();
  }

  /** The id of the first delivery, of a message that comes again. */
  get originMessageId(): string | undefined {
    return this.#text(PropertyName.OriginMessageId);
  }

  set originMessageId(value: string) {
    this.properties[PropertyName.OriginMessageId] = value;
  }

  /** The sender's topic, of a message that comes again. */
  get retryTopic(): string | undefined {
    return this.#text(PropertyName.RetryTopic);
  }

  set retryTopic(value: string) {
    this.properties[PropertyName.RetryTopic] = value;
  }

  /** 1 to 18, 0 for no delay. */
  get delayTimeLevel(): number {
    return Number(this.properties[PropertyName.DelayLevel] ?? 0);
  }

  set delayTimeLevel(value: number) {
    this.properties[PropertyName.DelayLevel] = String(value);
  }

  /** Whether the broker waits for flush and replication as it is configured. */
  get waitStoreMsgOK(): boolean {
    return Boolean(this.properties[PropertyName.Wait]);
  }

  set waitStoreMsgOK(value: boolean) {
    this.properties[PropertyName.Wait] = String(value);
  }

  /** Who the message is about, for sharded deployments of one cloud; not sent. */
  get buyerId(): string | undefined {
    return this.#text(PropertyName.BuyerId);
  }

  set buyerId(value: string) {
    this.properties[PropertyName.BuyerId] = value;
  }

  /** Messages of one key go to one queue. */
  get shardingKey(): string | undefined {
    return this.#text(SHARDING_KEY) ?? this.#text(PropertyName.ShardingKey);
  }

  set shardingKey(value: string) {
    this.properties[SHARDING_KEY] = value;
  }

  /** Deliver at this time: milliseconds since 1970. */
  setStartDeliverTime(timeMs: number): void {
    this.properties[START_DELIVER_TIME] = timeMs;
  }

  /** The time that was set, 0 for none. */
  getStartDeliverTime(): number {
    return Number(this.properties[START_DELIVER_TIME] ?? 0);
  }

  #text(name: string): string | undefined {
    const value = this.properties[name];
    return value === undefined || value === null ? undefined : String(value);
  }
}

/** What is sent. Properties that belong to the platform stay behind. */
export function toOutgoing(message: Message): OutgoingMessage {
  const { body, delayTimeLevel, flag, keys, shardingKey, tags, topic } = message;
  const deliverAt = message.getStartDeliverTime();
  const properties = new Map<string, string>();
  for (const [name, value] of Object.entries(message.properties)) {
    if (value === undefined || value === null || isReservedProperty(name)) continue;
    if (!WITH_FIELD.has(name)) properties.set(name, String(value));
  }
  return {
    ...{ topic, body, flag, properties },
    waitForStore: message.properties[PropertyName.Wait] !== 'false',
    ...(tags === undefined ? {} : { tags }),
    ...(keys === undefined || keys === '' ? {} : { keys }),
    ...(shardingKey === undefined || shardingKey === '' ? {} : { shardingKey }),
    ...(delayTimeLevel === 0 ? {} : { delayLevel: delayTimeLevel }),
    ...(deliverAt === 0 ? {} : { deliverAt }),
  };
}

/** What a handler gets. */
export function fromReceived(received: ReceivedMessage): Message {
  const { stored } = received;
  const message = new Message(received.topic, received.body);
  message.properties = Object.fromEntries(received.properties);
  return Object.assign(message, {
    msgId: received.offsetMessageId,
    flag: received.flag,
    reconsumeTimes: received.reconsumeTimes,
    queueId: received.queue.queueId,
    queueOffset: received.queueOffset,
    commitLogOffset: stored.physicalOffset,
    bornHost: received.bornHost,
    bornTimestamp: received.bornTimestamp,
    storeHost: received.storeHost,
    storeTimestamp: received.storeTimestamp,
    storeSize: stored.storeSize,
    bodyCRC: stored.bodyCrc,
    preparedTransactionOffset: stored.preparedTransactionOffset,
  });
}
