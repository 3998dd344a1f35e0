/** What a test says about a message that it expects, and how a message differs from it. */
import { inspect, isDeepStrictEqual } from 'node:util';
import type { ReceivedMessage } from '@skylarkmq/client';

/** Fields of a message that must be so; what is left out does not matter. */
export interface MessageShape {
  /**
   * A text, bytes, or an expression for the text of the body; an object or array for its JSON, of
   * which objects need not name all fields. Values in it may be expressions, functions, or
   * asymmetric matchers of vitest and jest (`expect.any(Number)`).
   */
  readonly body?: unknown;
  readonly tags?: string | RegExp | undefined;
  /** One of the message's keys, or several that it must have. */
  readonly keys?: string | readonly string[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly messageId?: string;
  readonly queueId?: number;
  readonly reconsumeTimes?: number;
}

/** A function that says whether a message is the one, or what the message must be like. */
export type MessageMatcher = MessageShape | ((message: ReceivedMessage) => boolean);

const TEXT_CHARS_MAX = 200;

/** How a message differs from what is expected, a line each; none: it is the one. */
export function differences(message: ReceivedMessage, matcher: MessageMatcher): string[] {
  if (typeof matcher === 'function') {
    return matcher(message) ? [] : ['the function says that it is not the one'];
  }
  const found: string[] = [];
  if (matcher.body !== undefined) compareBody(message, matcher.body, found);
  compareIfGiven('tags', message.tags, matcher, 'tags', found);
  if (matcher.keys !== undefined) {
    for (const key of typeof matcher.keys === 'string' ? [matcher.keys] : matcher.keys) {
      if (!message.keys.includes(key)) found.push(`keys: ${show(message.keys)} lacks ${show(key)}`);
    }
  }
  for (const [name, wanted] of Object.entries(matcher.properties ?? {})) {
    compare(`properties.${name}`, message.property(name), wanted, found);
  }
  compareIfGiven('messageId', message.messageId, matcher, 'messageId', found);
  compareIfGiven('queueId', message.queue.queueId, matcher, 'queueId', found);
  compareIfGiven('reconsumeTimes', message.reconsumeTimes, matcher, 'reconsumeTimes', found);
  return found;
}

/** What a message is, in a line. */
export function describeMessage(message: ReceivedMessage): string {
  const parts = [`body ${show(bodyText(message))}`];
  if (message.tags !== undefined) parts.push(`tags ${show(message.tags)}`);
  if (message.keys.length > 0) parts.push(`keys ${show(message.keys)}`);
  if (message.reconsumeTimes > 0) parts.push(`reconsumeTimes ${message.reconsumeTimes}`);
  return `${parts.join(', ')} (queue ${message.queue.queueId}, offset ${message.queueOffset})`;
}

/** What is expected, in a line. */
export function describeMatcher(matcher: MessageMatcher): string {
  if (typeof matcher !== 'function') return show(matcher);
  return matcher.name === '' ? 'that the function accepts' : `that ${matcher.name}() accepts`;
}

function compareBody(message: ReceivedMessage, wanted: unknown, found: string[]): void {
  if (wanted instanceof Uint8Array) {
    if (!message.body.equals(wanted)) found.push(`body: other bytes, ${show(bodyText(message))}`);
    return;
  }
  const isText = typeof wanted === 'string' || wanted instanceof RegExp;
  if (isText || typeof wanted === 'function') {
    compare('body', message.text(), wanted, found);
    return;
  }
  let value: unknown;
  try {
    value = JSON.parse(message.text());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    found.push(`body: ${show(bodyText(message))} is not JSON: ${reason}`);
    return;
  }
  compare('body', value, wanted, found);
}

function compareIfGiven(
  path: string,
  actual: unknown,
  shape: MessageShape,
  name: keyof MessageShape,
  found: string[],
): void {
  if (Object.hasOwn(shape, name)) compare(path, actual, shape[name], found);
}

function compare(path: string, actual: unknown, wanted: unknown, found: string[]): void {
  if (wanted instanceof RegExp) {
    // A copy: `lastIndex` of an expression with the flag g would change.
    const matches = typeof actual === 'string' && actual.search(wanted) >= 0;
    if (!matches) found.push(`${path}: ${show(actual)} does not match ${wanted}`);
    return;
  }
  if (typeof wanted === 'function') {
    if (wanted(actual) !== true) found.push(`${path}: the function refuses ${show(actual)}`);
    return;
  }
  const asymmetric = asymmetricMatch(wanted, actual);
  if (asymmetric !== undefined) {
    if (!asymmetric) found.push(`${path}: ${show(actual)} does not match ${show(wanted)}`);
    return;
  }
  if (isRecord(wanted)) {
    if (!isRecord(actual)) found.push(`${path}: ${show(actual)} is not an object`);
    else {
      for (const [name, value] of Object.entries(wanted)) {
        const has = Object.hasOwn(actual, name);
        compare(`${path}.${name}`, has ? actual[name] : undefined, value, found);
      }
    }
    return;
  }
  if (Array.isArray(wanted) && Array.isArray(actual) && wanted.length === actual.length) {
    for (const [index, value] of wanted.entries()) {
      compare(`${path}[${index}]`, actual[index], value, found);
    }
    return;
  }
  if (isDeepStrictEqual(actual, wanted)) return;
  found.push(`${path}: ${show(actual)} instead of ${show(wanted)}`);
}

/** Matchers of vitest, jest and others say so by a method; undefined for any other value. */
function asymmetricMatch(wanted: unknown, actual: unknown): boolean | undefined {
  if (typeof wanted !== 'object' || wanted === null || !('asymmetricMatch' in wanted)) {
    return undefined;
  }
  const { asymmetricMatch: matches } = wanted;
  if (typeof matches !== 'function') return undefined;
  return matches.call(wanted, actual) === true;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bodyText(message: ReceivedMessage): string {
  const text = message.text();
  return text.length <= TEXT_CHARS_MAX ? text : `${text.slice(0, TEXT_CHARS_MAX)}…`;
}

function show(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
}
