import { MqError, MqErrorCode } from '@skylarkmq/base';
import { validateGroup, validateTopic } from '@skylarkmq/message';
import type { AllocationStrategy } from '../allocation/allocation-strategy.ts';
import { type AllocationName, allocationByName } from '../allocation/by-name.ts';
import type { ConsumeFrom } from '../consumer/start-offset.ts';
import { parseSubscription, type Subscription, type SubscriptionOptions } from '../consumer/subscription.ts';
import { choiceOption, integerOption, invalidOption } from '../options/check-option.ts';
import type { ClientOptions } from '../options/client-options.ts';

/** `clustering`: the group shares the messages; `broadcasting`: every member gets all of them. */
export type MessageModel = 'clustering' | 'broadcasting';

/** Options of a push consumer. */
export interface PushConsumerOptions extends ClientOptions {
  readonly group: string;
  /** A topic, or topics with filters. All members of a group must subscribe to the same. */
  readonly subscriptions: string | readonly (string | SubscriptionOptions)[];
  /** Default `clustering`. */
  readonly model?: MessageModel;
  /** Where a new group starts. Default `last`. */
  readonly consumeFrom?: ConsumeFrom;
  /** How the group's members share the queues; all must use the same. Default `averagely`. */
  readonly allocation?: AllocationName | AllocationStrategy;
  /** One message of a queue at a time, in order; a failed one blocks its queue. Default false. */
  readonly ordered?: boolean;
  /**
   * Redeliveries before a message goes to the dead letters, 0 to 2^31 - 1. Default 16, for
   * ordered consumers without end.
   */
  readonly maxReconsumeTimes?: number;
  /** Pause before an ordered message that failed comes again, 10 to 30,000 ms. Default 1000. */
  readonly orderedRetryMs?: number;
  /** A message that is not settled after this time is handed back. Default 15 minutes. */
  readonly consumeTimeoutMs?: number;
  /** Messages per pull, 1 to 1024. Default 32. */
  readonly pullBatchSize?: number;
  /** Bytes per pull as a wish to the broker. Default 256 KiB. */
  readonly pullBatchBytes?: number;
  /** Pause between pulls of a queue, milliseconds. Default 0. */
  readonly pullIntervalMs?: number;
  /** Messages, bytes and offset span cached per queue at most. Default 1000, 100 MiB, 2000. */
  readonly queueMessagesMax?: number;
  readonly queueBytesMax?: number;
  readonly queueSpanMax?: number;
  /** How long {@link close} waits for messages that are being handled. Default 10,000 ms. */
  readonly drainTimeoutMs?: number;
  /** Folder of the offset files of broadcasting consumers. Default `~/.rocketmq_offsets`. */
  readonly offsetsDirectory?: string;
}

/** The same, checked and with defaults. */
export interface ResolvedPushOptions {
  readonly group: string;
  readonly subscriptions: readonly Subscription[];
  readonly model: MessageModel;
  readonly consumeFrom: ConsumeFrom;
  readonly allocation: AllocationStrategy;
  readonly ordered: boolean;
  readonly maxReconsumeTimes: number;
  readonly orderedRetryMs: number;
  readonly consumeTimeoutMs: number;
  readonly pullBatchSize: number;
  readonly pullBatchBytes: number;
  readonly pullIntervalMs: number;
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
  readonly queueSpanMax: number;
  readonly drainTimeoutMs: number;
}

const INT32_MAX = 0x7fff_ffff;
const MEBIBYTE: number = 1024 * 1024;
const MINUTE_MS = 60_000;
const RETRIES_DEFAULT = 16;
const SUBSCRIPTIONS_MAX = 1_024;
const NAME_RESERVED = 'DEFAULT_CONSUMER';

/** Checks the options of a push consumer; `nowMs` is the version of its subscriptions. */
export function resolvePushOptions(options: PushConsumerOptions, nowMs: number): ResolvedPushOptions {
  const ordered = options.ordered ?? false;
  return {
    group: checkGroup(options.group),
    subscriptions: resolveSubscriptions(options.subscriptions, nowMs),
    model: choiceOption('model', options.model, ['clustering', 'broadcasting'], 'clustering'),
    consumeFrom: resolveConsumeFrom(options.consumeFrom),
    allocation: resolveAllocation(options.allocation),
    ordered,
    maxReconsumeTimes: integerOption('maxReconsumeTimes', options.maxReconsumeTimes, {
      fallback: ordered ? INT32_MAX : RETRIES_DEFAULT,
      min: 0,
      max: INT32_MAX,
    }),
    orderedRetryMs: integerOption('orderedRetryMs', options.orderedRetryMs, {
      fallback: 1_000,
      min: 10,
      max: 30_000,
    }),
    consumeTimeoutMs: integerOption('consumeTimeoutMs', options.consumeTimeoutMs, {
      fallback: 15 * MINUTE_MS,
      min: 1_000,
      max: INT32_MAX,
    }),
    ...resolvePulling(options),
    drainTimeoutMs: integerOption('drainTimeoutMs', options.drainTimeoutMs, {
      fallback: 10_000,
      min: 0,
      max: 10 * MINUTE_MS,
    }),
  };
}

function resolvePulling(options: PushConsumerOptions): {
  pullBatchSize: number;
  pullBatchBytes: number;
  pullIntervalMs: number;
  queueMessagesMax: number;
  queueBytesMax: number;
  queueSpanMax: number;
} {
  return {
    pullBatchSize: integerOption('pullBatchSize', options.pullBatchSize, {
      fallback: 32,
      min: 1,
      max: 1_024,
    }),
    pullBatchBytes: integerOption('pullBatchBytes', options.pullBatchBytes, {
      fallback: 256 * 1024,
      min: 1,
      max: INT32_MAX,
    }),
    pullIntervalMs: integerOption('pullIntervalMs', options.pullIntervalMs, {
      fallback: 0,
      min: 0,
      max: 65_535,
    }),
    queueMessagesMax: integerOption('queueMessagesMax', options.queueMessagesMax, {
      fallback: 1_000,
      min: 1,
      max: 65_535,
    }),
    queueBytesMax: integerOption('queueBytesMax', options.queueBytesMax, {
      fallback: 100 * MEBIBYTE,
      min: 1,
      max: 1_024 * MEBIBYTE,
    }),
    queueSpanMax: integerOption('queueSpanMax', options.queueSpanMax, {
      fallback: 2_000,
      min: 1,
      max: 65_535,
    }),
  };
}

/** A group name that can be used by consumers. */
export function checkGroup(group: string): string {
  validateGroup(group);
  if (group === NAME_RESERVED) throw invalidOption('group', group, 'a name of your own');
  return group;
}

/** The strategy that the option stands for. */
export function resolveAllocation(
  allocation: AllocationName | AllocationStrategy | undefined,
): AllocationStrategy {
  if (typeof allocation === 'object') return allocation;
  const names = ['averagely', 'averagely-by-circle', 'consistent-hash'] as const;
  return allocationByName(choiceOption('allocation', allocation, names, 'averagely'));
}

/** Checks where to start. */
export function resolveConsumeFrom(consumeFrom: ConsumeFrom | undefined): ConsumeFrom {
  if (consumeFrom === undefined) return 'last';
  if (typeof consumeFrom === 'string') {
    return choiceOption<'last' | 'first'>('consumeFrom', consumeFrom, ['last', 'first'], 'last');
  }
  const { timestampMs } = consumeFrom;
  if (!Number.isSafeInteger(timestampMs) || timestampMs < 0) {
    throw invalidOption('consumeFrom.timestampMs', timestampMs, 'milliseconds since 1970');
  }
  return consumeFrom;
}

/** Checks subscriptions: at least one, no topic twice. */
export function resolveSubscriptions(
  option: string | readonly (string | SubscriptionOptions)[],
  nowMs: number,
): readonly Subscription[] {
  const items = typeof option === 'string' ? [option] : option;
  if (items.length === 0 || items.length > SUBSCRIPTIONS_MAX) {
    throw invalidOption('subscriptions', items.length, `1 to ${SUBSCRIPTIONS_MAX} topics`);
  }
  const byTopic = new Map<string, Subscription>();
  for (const item of items) {
    const options = typeof item === 'string' ? { topic: item } : item;
    validateTopic(options.topic);
    if (byTopic.has(options.topic)) {
      throw new MqError(MqErrorCode.InvalidArgument, `Topic ${options.topic} is subscribed twice`);
    }
    byTopic.set(options.topic, parseSubscription(options, nowMs));
  }
  return [...byTopic.values()];
}
