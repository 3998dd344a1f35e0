/** Attributes of topics: which there are, and how a request changes them. */
import { MqError, MqErrorCode } from '@skylarkmq/base';

/** Changes by name, each with its sign: `+message.type` sets, `-message.type` removes. */
export type AttributeChanges = ReadonlyMap<string, string>;

/** `+name=value,-name`. INVALID_ARGUMENT in Apache's words when it has not that form. */
// RocketMQ: AttributeParser#parseToMap
export function parseAttributeChanges(text: string): AttributeChanges {
  const changes = new Map<string, string>();
  for (const part of text.split(',').filter((one) => one !== '')) {
    const equals = part.indexOf('=');
    const key = equals < 0 ? part : part.slice(0, equals);
    const isAdded = equals > 0 && key.startsWith('+');
    if (!isAdded && !key.startsWith('-')) {
      throw invalid(`add/alter attribute format is wrong: ${part}`);
    }
    if (changes.has(key)) throw invalid(`key duplication: ${key}`);
    changes.set(key, isAdded ? part.slice(equals + 1) : '');
  }
  return changes;
}

/**
 * The attributes after the changes; `current` is undefined for a topic that is being made.
 * INVALID_ARGUMENT, in Apache's words, when a change is not allowed.
 */
// RocketMQ: AttributeUtil#alterCurrentAttributes
export function changeAttributes(
  current: ReadonlyMap<string, string> | undefined,
  changes: AttributeChanges,
): ReadonlyMap<string, string> {
  const next = new Map(current);
  for (const [signed, value] of changes) {
    const name = signed.slice(1);
    const isAdded = signed.startsWith('+');
    if (!isAdded && !signed.startsWith('-')) {
      throw invalid(`kv string is not valid, key must start with + or -: ${signed}`);
    }
    const attribute = ATTRIBUTES.get(name);
    if (attribute === undefined) throw invalid(`unsupported key: ${name}`);
    if (current === undefined && !isAdded) {
      throw invalid(`only add attribute is supported while creating topic. key: ${name}`);
    }
    if (current !== undefined && !attribute.isChangeable) {
      throw invalid(`attempt to update an unchangeable attribute. key: ${name}`);
    }
    if (isAdded) {
      attribute.check(value);
      next.set(name, value);
    } else if (!next.delete(name)) {
      throw invalid(`attempt to delete a nonexistent key: ${name}`);
    }
  }
  return next;
}

export const MESSAGE_TYPE_ATTRIBUTE = 'message.type';

interface Attribute {
  readonly isChangeable: boolean;
  /** INVALID_ARGUMENT when the value is not allowed. */
  check(value: string): void;
}

const MESSAGE_TYPES: readonly string[] = [
  'UNSPECIFIED',
  'MIXED',
  'TRANSACTION',
  'PRIORITY',
  'FIFO',
  'DELAY',
  'LITE',
  'NORMAL',
];
/** 30 days. */
const LITE_MINUTES_MAX = 43_200n;
const LONG_MAX = 2n ** 63n - 1n;

// RocketMQ: TopicAttributes
const ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map([
  [MESSAGE_TYPE_ATTRIBUTE, { isChangeable: true, check: oneOf(MESSAGE_TYPES) }],
  ['queue.type', { isChangeable: false, check: only('SimpleCQ', ['BatchCQ']) }],
  ['cleanup.policy', { isChangeable: false, check: only('DELETE', ['COMPACTION']) }],
  ['reserve.time', { isChangeable: true, check: longFrom(-1n) }],
  ['lite.topic.expiration', { isChangeable: true, check: longFrom(-1n, LITE_MINUTES_MAX) }],
]);

function oneOf(values: readonly string[]): (value: string) => void {
  return (value) => {
    if (!values.includes(value)) throw invalid(`value is not in set: [${values.join(', ')}]`);
  };
}

/** For choices of which this version has one. */
function only(available: string, missing: readonly string[]): (value: string) => void {
  const known = oneOf([available, ...missing]);
  return (value) => {
    known(value);
    if (value === available) return;
    throw invalid(`${value} is not available in this version, use ${available}`);
  };
}

function longFrom(min: bigint, max: bigint = LONG_MAX): (value: string) => void {
  return (value) => {
    const number = /^[+-]?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
    if (number === undefined) throw invalid(`value is not an integer: ${value.slice(0, 40)}`);
    if (number < min || number > max) {
      throw invalid(`value is not in range(${min}, ${max})`);
    }
  };
}

function invalid(reason: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, reason);
}
