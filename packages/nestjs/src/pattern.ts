/**
 * What a pattern of Nest means here: a topic, and of which of its messages a handler wants. Nest
 * hands patterns over as texts; an object has become JSON.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';

/** The messages of a topic: all, those with one of the tags, or those that the SQL selects. */
export interface MessagePattern {
  readonly topic: string;
  readonly tags?: readonly string[];
  readonly sql?: string;
}

/** Reads `topic`, `topic:tag`, `topic:a||b`, or `{ topic, tags }` and `{ topic, sql }` as JSON. */
export function parsePattern(text: string): MessagePattern {
  if (text.startsWith('{')) return fromObject(text);
  const colon = text.indexOf(':');
  const topic = colon < 0 ? text : text.slice(0, colon);
  if (topic === '') throw invalid(text);
  if (colon < 0) return { topic };
  return withTags(text, topic, text.slice(colon + 1));
}

function fromObject(text: string): MessagePattern {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw invalid(text, thrown);
  }
  const { topic, tags, sql } = fieldsOf(value);
  if (typeof topic !== 'string' || topic === '') throw invalid(text);
  if (sql !== undefined && tags === undefined && typeof sql === 'string') return { topic, sql };
  if (sql !== undefined) throw invalid(text);
  if (tags === undefined) return { topic };
  if (typeof tags !== 'string') throw invalid(text);
  return withTags(text, topic, tags);
}

function fieldsOf(value: unknown): { topic?: unknown; tags?: unknown; sql?: unknown } {
  return typeof value === 'object' && value !== null ? value : {};
}

function withTags(text: string, topic: string, expression: string): MessagePattern {
  const tags = expression.split('||').map((tag) => tag.trim());
  if (tags.length === 1 && tags[0] === '*') return { topic };
  if (tags.includes('') || tags.includes('*')) throw invalid(text);
  return { topic, tags };
}

function invalid(text: string, cause?: unknown): MqError {
  return new MqError(
    MqErrorCode.InvalidArgument,
    `The pattern ${text} names no messages: use 'topic', 'topic:tag', 'topic:a||b', ` +
      '{ topic, tags: "a||b" } or { topic, sql }',
    { cause },
  );
}
