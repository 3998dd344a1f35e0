/**
 * A message on its way out: what the user hands in, and the checked form that is sent. Nothing
 * here knows brokers or queues.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { encodePropertyText, isSendAllowed, PropertyName, validateTopic } from '@skylarkmq/message';
import { isReservedProperty } from './reserved-property.ts';

/** A message to send. */
export interface OutgoingMessage {
  readonly topic: string;
  /** Not empty; text is sent as UTF-8. */
  readonly body: string | Uint8Array;
  /** The tag by which consumers filter; RocketMQ has one per message. */
  readonly tags?: string;
  /** Business keys by which the message can be looked up later, without blanks in them. */
  readonly keys?: string | readonly string[];
  /** The user's own properties. */
  readonly properties?: Readonly<Record<string, string>> | ReadonlyMap<string, string>;
  /** 1 to 18 (1 s 5 s 10 s 30 s 1 m ... 10 m 20 m 30 m 1 h 2 h): deliver after that delay. */
  readonly delayLevel?: number;
  /** Deliver after so many milliseconds. One of `delayLevel`, `delayMs` and `deliverAt` at most. */
  readonly delayMs?: number;
  /** Deliver at this time (a number: milliseconds since the epoch); a past one: at once. */
  readonly deliverAt?: Date | number;
  /** Messages of one key go to one queue, in the order in which they are sent. */
  readonly shardingKey?: string;
  /** For topics of type PRIORITY: 0 or more; greater ones are popped first. */
  readonly priority?: number;
  /** For topics of type LITE: the lite topic, made by its first message. */
  readonly liteTopic?: string;
  /** An int32 that travels with the message and means nothing to the platform. Default 0. */
  readonly flag?: number;
  /** Whether the broker waits for flush and replication as it is configured. Default true. */
  readonly waitForStore?: boolean;
}

/** A checked message. */
export interface PreparedMessage {
  readonly topic: string;
  /** As given, not compressed. */
  readonly body: Buffer;
  readonly flag: number;
  readonly properties: Map<string, string>;
  /** The id that the client gave the message, the same for all attempts. */
  readonly uniqueId: string;
  readonly shardingKey: string | undefined;
  readonly waitForStore: boolean;
}

/** Largest body that brokers take by default, in bytes. */
export const BODY_BYTES_MAX: number = 4 * 1024 * 1024;

/** Largest property string that the store can hold, in bytes. */
const PROPERTIES_BYTES_MAX = 32_767;

const DELAY_LEVEL_MAX = 18;
const PROPERTIES_MAX = 1_024;
const LITE_TOPIC_LENGTH_MAX = 64;
const LITE_TOPIC = /^[a-zA-Z0-9_-]{1,64}$/;
const INT32_MAX = 0x7fff_ffff;

/**
 * How many bytes a body has, cheap, and exact where it matters. It is the first look at a message:
 * what calls without TypeScript get wrong most is said here.
 */
export function bodySizeOf(message: OutgoingMessage): number {
  if (typeof message !== 'object' || message === null) {
    throw invalid(`A message must be an object with topic and body, not ${typeOf(message)}`);
  }
  const { body, topic } = message;
  if (typeof topic !== 'string') {
    throw invalid(`The topic of a message must be a text, not ${typeOf(topic)}`);
  }
  if (typeof body === 'string') return body.length;
  // Not instanceof: bytes may come from another realm, as in tests with jest.
  if (ArrayBuffer.isView(body)) return body.byteLength;
  const cure = 'make one, as with JSON.stringify';
  throw invalid(`The body of a message must be text or bytes, not ${typeOf(body)}: ${cure}`);
}

/** Checks a message and builds its properties; `topic` is its name with the namespace. */
// RocketMQ: Validators#checkMessage
export function prepareMessage(
  message: OutgoingMessage,
  topic: string,
  uniqueId: string,
  bodyBytesMax: number = BODY_BYTES_MAX,
): PreparedMessage {
  checkSendableTopic(topic);
  const body = toBuffer(message.body);
  if (body.length === 0) throw invalid(`The body of a message to ${topic} is empty`);
  if (body.length > bodyBytesMax) {
    throw invalid(
      `The body of a message to ${topic} has ${body.length} bytes, ` +
        `at most ${bodyBytesMax} are allowed`,
    );
  }
  const flag = message.flag ?? 0;
  if (!Number.isInteger(flag) || flag < -INT32_MAX - 1 || flag > INT32_MAX) {
    throw invalid(`The flag of a message must be a 32-bit integer, not ${flag}`);
  }
  return {
    topic,
    body,
    flag,
    properties: buildProperties(message, uniqueId),
    uniqueId,
    shardingKey: message.shardingKey,
    waitForStore: message.waitForStore ?? true,
  };
}

/** The property string of a message, checked against the store's limit. */
export function propertyText(message: PreparedMessage): string {
  const text = encodePropertyText(message.properties);
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > PROPERTIES_BYTES_MAX) {
    throw invalid(
      `The properties of a message to ${message.topic} take ${bytes} bytes, ` +
        `at most ${PROPERTIES_BYTES_MAX} are allowed`,
    );
  }
  return text;
}

function buildProperties(message: OutgoingMessage, uniqueId: string): Map<string, string> {
  const properties = new Map<string, string>();
  if (message.properties !== undefined) addUserProperties(properties, message.properties);
  if (message.tags !== undefined && message.tags !== '') {
    properties.set(PropertyName.Tags, checkText('tags', message.tags));
  }
  const keys = joinKeys(message.keys);
  if (keys !== '') properties.set(PropertyName.Keys, checkText('keys', keys));
  if (message.shardingKey !== undefined) {
    if (message.shardingKey === '') throw invalid('The sharding key of a message is empty');
    properties.set(PropertyName.ShardingKey, checkText('shardingKey', message.shardingKey));
  }
  const level = message.delayLevel ?? 0;
  if (!Number.isInteger(level) || level < 0 || level > DELAY_LEVEL_MAX) {
    throw invalid(`The delay level must be an integer from 1 to ${DELAY_LEVEL_MAX}, not ${level}`);
  }
  if (level > 0) properties.set(PropertyName.DelayLevel, String(level));
  addTime(properties, message, level);
  addPlace(properties, message);
  properties.set(PropertyName.Wait, String(message.waitForStore ?? true));
  properties.set(PropertyName.UniqueKey, uniqueId);
  return properties;
}

/** INVALID_ARGUMENT unless a lite topic can have this name. */
export function checkLiteTopic(liteTopic: string): void {
  if (typeof liteTopic === 'string' && LITE_TOPIC.test(liteTopic)) return;
  const rule = `1 to ${LITE_TOPIC_LENGTH_MAX} letters, digits, - and _`;
  throw invalid(`The lite topic ${JSON.stringify(liteTopic)} must be ${rule}`);
}

// RocketMQ: Message#setPriority, MessageConst#PROPERTY_LITE_TOPIC
function addPlace(
  properties: Map<string, string>,
  { priority, liteTopic, shardingKey, delayLevel, delayMs, deliverAt }: OutgoingMessage,
): void {
  if (liteTopic !== undefined) {
    checkLiteTopic(liteTopic);
    properties.set(PropertyName.LiteTopic, liteTopic);
  }
  if (priority === undefined) return;
  if (!Number.isInteger(priority) || priority < 0 || priority > INT32_MAX) {
    throw invalid(`The priority of a message must be an integer from 0 on, not ${priority}`);
  }
  const others = [shardingKey, delayLevel || undefined, delayMs, deliverAt];
  if (others.some((one) => one !== undefined)) {
    throw invalid('A message with a priority has neither a sharding key nor a delay');
  }
  properties.set(PropertyName.Priority, String(priority));
}

function addTime(
  properties: Map<string, string>,
  { delayMs, deliverAt }: OutgoingMessage,
  level: number,
): void {
  if (delayMs === undefined && deliverAt === undefined) return;
  if (level > 0 || (delayMs !== undefined && deliverAt !== undefined)) {
    throw invalid('A message has one of delayLevel, delayMs and deliverAt, not several');
  }
  if (delayMs !== undefined) {
    properties.set(PropertyName.TimerDelayMs, checkTime('delayMs', delayMs));
  } else {
    const ms = deliverAt instanceof Date ? deliverAt.getTime() : (deliverAt ?? Number.NaN);
    properties.set(PropertyName.TimerDeliverMs, checkTime('deliverAt', ms));
  }
}

function checkTime(what: string, ms: number): string {
  if (Number.isSafeInteger(ms) && ms >= 0) return String(ms);
  throw invalid(`The ${what} of a message must be a time in whole milliseconds, not ${ms}`);
}

function addUserProperties(
  target: Map<string, string>,
  given: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
): void {
  const entries = isMap(given) ? [...given] : Object.entries(given);
  if (entries.length > PROPERTIES_MAX) {
    throw invalid(
      `A message has ${entries.length} properties, at most ${PROPERTIES_MAX} are allowed`,
    );
  }
  for (const [name, value] of entries) {
    if (isReservedProperty(name)) throw invalid(`The property name ${name} is reserved`);
    if (typeof value !== 'string') {
      const quoted = JSON.stringify(name);
      throw invalid(`The value of property ${quoted} must be a text, not ${typeOf(value)}`);
    }
    if (name.trim() === '' || value.trim() === '') {
      throw invalid(`The name and the value of property ${JSON.stringify(name)} must not be blank`);
    }
    target.set(checkText('property name', name), checkText(`property ${name}`, value));
  }
}

function isMap(
  given: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
): given is ReadonlyMap<string, string> {
  return given instanceof Map;
}

function joinKeys(keys: string | readonly string[] | undefined): string {
  if (keys === undefined) return '';
  if (typeof keys === 'string') return keys.trim();
  if (!Array.isArray(keys)) {
    throw invalid(`The keys of a message must be texts, not ${typeOf(keys)}`);
  }
  for (const key of keys) {
    if (typeof key !== 'string') {
      throw invalid(`The keys of a message must be texts, not ${typeOf(key)}`);
    }
    if (key === '' || key.includes(' ')) {
      throw invalid(`The key ${JSON.stringify(key)} must not be empty or contain blanks`);
    }
  }
  return keys.join(' ');
}

/** The two separators of the property string cannot be part of a name or a value. */
function checkText(what: string, text: string): string {
  if (typeof text !== 'string') {
    throw invalid(`The ${what} of a message must be a text, not ${typeOf(text)}`);
  }
  if (text.includes('\u0001') || text.includes('\u0002')) {
    throw invalid(`The ${what} of a message must not contain U+0001 or U+0002`);
  }
  return text;
}

function checkSendableTopic(topic: string): void {
  validateTopic(topic);
  if (!isSendAllowed(topic)) throw invalid(`The topic ${topic} belongs to the platform`);
}

function toBuffer(body: string | Uint8Array): Buffer {
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

function invalid(message: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, message);
}
