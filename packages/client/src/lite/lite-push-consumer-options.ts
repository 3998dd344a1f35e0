import { realClock } from '@skylarkmq/base';
import { validateTopic } from '@skylarkmq/message';
import type { LiteOffsetOption } from '@skylarkmq/wire';
import { uniqueInstanceName } from '../instance/client-id.ts';
import { integerOption, invalidOption } from '../options/check-option.ts';
import type { ClientOptions } from '../options/client-options.ts';
import type { PushConsumerOptions } from '../push/push-consumer-options.ts';

/** Those of a push consumer that pops. */
type PopOptions = Pick<
  PushConsumerOptions,
  | 'group'
  | 'popInvisibleMs'
  | 'popRenewal'
  | 'popBatchSize'
  | 'popUnsettledMax'
  | 'maxReconsumeTimes'
  | 'orderedRetryMs'
  | 'retryBackoff'
  | 'consumeTimeoutMs'
  | 'drainTimeoutMs'
  | 'trace'
  | 'telemetry'
>;

/** Options of a consumer of lite topics. */
export interface LitePushConsumerOptions extends ClientOptions, PopOptions {
  /** The parent topic, of type LITE, to which the group is bound. */
  readonly topic: string;
  /** Lite topics that may be subscribed to at a time. Default 2,000. */
  readonly liteTopicsMax?: number;
  /**
   * Told when another member of an exclusive group (`lite.sub.model=Exclusive`) took a lite topic
   * over: it is not subscribed to here any more.
   */
  readonly onLiteTopicLost?: (liteTopic: string) => void;
}

/**
 * Where a group begins in a lite topic, whatever it had before: with the `first` message, with what
 * comes after the `last`, at an offset, so many messages before where it was, or with the first
 * message that was stored at a time or later.
 */
export type LiteFrom =
  | 'first'
  | 'last'
  | { readonly offset: number }
  | { readonly tail: number }
  | { readonly timestampMs: number };

// RocketMQ: SubscriptionGroupAttributes#LITE_SUB_CLIENT_QUOTA_ATTRIBUTE
const LITE_TOPICS_MAX = 2_000;
const LITE_TOPICS_LIMIT = 1_000_000;
// RocketMQ: OffsetOption, POLICY_MIN_VALUE and POLICY_MAX_VALUE
const POLICY_MIN = 1;
const POLICY_MAX = 2;

/** The options as those of the push consumer that does the work. */
export function pushOptionsOf(options: LitePushConsumerOptions): PushConsumerOptions {
  const { group, instanceName, ports, topic } = options;
  // Brokers know subscriptions by the client id alone: no two consumers may share one.
  const own =
    instanceName === undefined
      ? uniqueInstanceName(ports?.clock ?? realClock)
      : `${instanceName}-${group}`;
  validateTopic(topic);
  return { ...options, instanceName: own, mode: 'pop', subscriptions: topic };
}

/** How many lite topics there may be. */
export function liteTopicsMaxOf({ liteTopicsMax }: LitePushConsumerOptions): number {
  const limits = { fallback: LITE_TOPICS_MAX, min: 1, max: LITE_TOPICS_LIMIT };
  return integerOption('liteTopicsMax', liteTopicsMax, limits);
}

/** What brokers are told of where to begin. */
export function offsetOptionOf(from: LiteFrom | undefined): LiteOffsetOption | undefined {
  if (from === undefined) return undefined;
  if (from === 'first') return { type: 'POLICY', value: POLICY_MIN };
  if (from === 'last') return { type: 'POLICY', value: POLICY_MAX };
  if (typeof from === 'object' && from !== null) {
    if ('offset' in from) return { type: 'OFFSET', value: countOf('from.offset', from.offset) };
    if ('tail' in from) return { type: 'TAIL_N', value: countOf('from.tail', from.tail) };
    if ('timestampMs' in from) {
      return { type: 'TIMESTAMP', value: countOf('from.timestampMs', from.timestampMs) };
    }
  }
  const wanted = 'first, last, { offset }, { tail } or { timestampMs }';
  throw invalidOption('from', JSON.stringify(from), wanted);
}

function countOf(name: string, value: number): number {
  return integerOption(name, value, { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER });
}
