/** Attributes of consumer groups: those that say how a group consumes lite topics. */
import type { JsonValue } from '@skylarkmq/base';
import type { SubscriptionGroup } from '@skylarkmq/wire';

/** RocketMQ: SubscriptionGroupAttributes */
const KEYS: ReadonlySet<string> = new Set([
  'priority.factor',
  'lite.bind.topic',
  'lite.sub.model',
  'lite.sub.reset.offset.exclusive',
  'lite.sub.reset.offset.unsubscribe',
  'lite.sub.client.quota',
  'lite.sub.client.max.event.cnt',
  'lite.sub.wildcard',
]);
const ADD = '+';
const REMOVE = '-';

/** What is wrong with changes of attributes; undefined when nothing is. */
export function groupAttributesProblem(changes: JsonValue | undefined): string | undefined {
  for (const [signed, value] of pairsOf(changes)) {
    const sign = signed.slice(0, 1);
    const key = signed.slice(1);
    if (sign !== ADD && sign !== REMOVE) return `kv string format wrong: ${signed}`;
    if (!KEYS.has(key)) return `unsupported key: ${key}`;
    if (key !== 'lite.sub.model' || sign === REMOVE) continue;
    if (value !== 'Shared' && value !== 'Exclusive') {
      return `value is not in set: ${value}: lite.sub.model is Shared or Exclusive`;
    }
  }
  return undefined;
}

/** The attributes after the changes. */
export function changedAttributes(
  before: JsonValue | undefined,
  changes: JsonValue | undefined,
): Map<string, string> {
  const attributes = new Map(pairsOf(before));
  for (const [signed, value] of pairsOf(changes)) {
    const key = signed.slice(1);
    if (signed.startsWith(ADD)) attributes.set(key, value);
    else attributes.delete(key);
  }
  return attributes;
}

/** An attribute of a group; undefined when it has none of this name. */
export function groupAttribute(
  group: SubscriptionGroup | undefined,
  name: string,
): string | undefined {
  const attributes = group?.rest.get('attributes');
  const value = attributes instanceof Map ? attributes.get(name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function pairsOf(value: JsonValue | undefined): [string, string][] {
  if (!(value instanceof Map)) return [];
  return [...value].map(([name, one]): [string, string] => [String(name), String(one)]);
}
