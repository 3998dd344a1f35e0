/**
 * What a consumer wants of a topic. A tag expression is `*` or tags joined by `||`; brokers filter
 * by the tags' hash codes only, so the client looks at the tags a second time.
 */
import { javaHashCode, MqError, MqErrorCode } from '@skylarkmq/base';

/** Takes every message. */
const ALL_TAGS = '*';

const EXPRESSION_CHARS_MAX = 8_192;
const TAGS_MAX = 1_024;

/** A topic with a filter, as a user writes it. */
export interface SubscriptionOptions {
  readonly topic: string;
  /** Tags to take, as a list or joined by `||`. Default: all. */
  readonly tags?: string | readonly string[];
  /** An SQL92 expression over the properties, instead of tags (if the broker allows it). */
  readonly sql?: string;
}

/** A checked subscription in the form that goes to brokers. */
export interface Subscription {
  readonly topic: string;
  readonly expression: string;
  readonly expressionType: 'TAG' | 'SQL92';
  /** Exact tags; empty for all tags and for SQL. */
  readonly tags: ReadonlySet<string>;
  /** Their Java hash codes. */
  readonly tagCodes: ReadonlySet<number>;
  /** Milliseconds; a broker keeps the subscription with the highest version. */
  readonly version: number;
}

/** Checks what the user wrote; `version` is the wall clock in milliseconds. */
export function parseSubscription(options: SubscriptionOptions, version: number): Subscription {
  const { topic, tags, sql } = options;
  if (sql !== undefined) {
    if (tags !== undefined) {
      throw new MqError(
        MqErrorCode.InvalidArgument,
        `The subscription of ${topic} has both tags and an SQL expression`,
      );
    }
    return sqlSubscription(topic, sql, version);
  }
  if (Array.isArray(tags) && tags.length === 0) {
    throw new MqError(MqErrorCode.InvalidArgument, `The subscription of ${topic} has no tags`);
  }
  const expression = typeof tags === 'string' ? tags : (tags ?? [ALL_TAGS]).join('||');
  return tagSubscription(topic, expression, version);
}

/** The subscription for a tag expression such as `*` or `paid || shipped`. */
// RocketMQ: FilterAPI#buildSubscriptionData
export function tagSubscription(topic: string, expression: string, version: number): Subscription {
  checkLength(topic, expression);
  const trimmed = expression.trim();
  const base = { topic, expressionType: 'TAG', version } as const;
  if (trimmed === '' || trimmed === ALL_TAGS) {
    return { ...base, expression: ALL_TAGS, tags: new Set<string>(), tagCodes: new Set<number>() };
  }
  const tags = new Set<string>();
  for (const part of trimmed.split('||')) {
    const tag = part.trim();
    if (tag !== '') tags.add(tag);
  }
  if (tags.size === 0 || tags.size > TAGS_MAX) {
    throw new MqError(
      MqErrorCode.InvalidArgument,
      `The tag expression of ${topic} names ${tags.size} tags, it must name 1 to ${TAGS_MAX}`,
    );
  }
  return { ...base, expression: trimmed, tags, tagCodes: new Set([...tags].map(javaHashCode)) };
}

/** The same subscription with a new version. */
export function renewed(subscription: Subscription, version: number): Subscription {
  return { ...subscription, version: Math.max(version, subscription.version + 1) };
}

/** The same subscription of another topic name. */
export function renamed(subscription: Subscription, topic: string): Subscription {
  return { ...subscription, topic };
}

/**
 * Whether a message with this tag is really wanted: hash codes collide, tags do not.
 */
export function acceptsTag(subscription: Subscription, tag: string | undefined): boolean {
  if (subscription.tags.size === 0) return true;
  return tag !== undefined && subscription.tags.has(tag);
}

function sqlSubscription(topic: string, sql: string, version: number): Subscription {
  checkLength(topic, sql);
  if (sql.trim() === '') {
    throw new MqError(MqErrorCode.InvalidArgument, `The SQL expression of ${topic} is empty`);
  }
  const none = { tags: new Set<string>(), tagCodes: new Set<number>() };
  return { topic, expression: sql, expressionType: 'SQL92', version, ...none };
}

function checkLength(topic: string, expression: string): void {
  if (expression.length <= EXPRESSION_CHARS_MAX) return;
  throw new MqError(
    MqErrorCode.InvalidArgument,
    `The filter of ${topic} has ${expression.length} characters, ` +
      `at most ${EXPRESSION_CHARS_MAX} are allowed`,
  );
}
