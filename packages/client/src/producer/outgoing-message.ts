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
  /** Messages of one key go to one queue, in the order in which they are sent. */
  readonly shardingKey?: string;
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
export const PROPERTIES_BYTES_MAX = 32_767;

const DELAY_LEVEL_MAX = 18;
const PROPERTIES_MAX = 1_024;
const INT32_MAX = 0x7fff_ffff;

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
      `The body of a message to ${topic} has ${body.length} bytes, at most ${bodyBytesMax} are allowed`,
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
  properties.set(PropertyName.Wait, String(message.waitForStore ?? true));
  properties.set(PropertyName.UniqueKey, uniqueId);
  return properties;
}

function addUserProperties(
  target: Map<string, string>,
  given: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
): void {
  const entries = isMap(given) ? [...given] : Object.entries(given);
  if (entries.length > PROPERTIES_MAX) {
    throw invalid(`A message has ${entries.length} properties, at most ${PROPERTIES_MAX} are allowed`);
  }
  for (const [name, value] of entries) {
    if (isReservedProperty(name)) throw invalid(`The property name ${name} is reserved`);
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
  for (const key of keys) {
    if (key === '' || key.includes(' ')) {
      throw invalid(`The key ${JSON.stringify(key)} must not be empty or contain blanks`);
    }
  }
  return keys.join(' ');
}

/** The two separators of the property string cannot be part of a name or a value. */
function checkText(what: string, text: string): string {
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

function invalid(message: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, message);
}
