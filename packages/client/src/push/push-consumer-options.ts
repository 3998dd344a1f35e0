import { MqError, MqErrorCode } from '@skylarkmq/base';
import { type MessageQueue, validateGroup, validateTopic } from '@skylarkmq/message';
import type { AllocationStrategy } from '../allocation/allocation-strategy.ts';
import { type AllocationName, allocationByName } from '../allocation/by-name.ts';
import { type PullPace, resolvePullPace } from '../consumer/pull-pace.ts';
import { exponentialBackoff, type RetryBackoff } from '../consumer/retry-backoff.ts';
import type { ConsumeFrom } from '../consumer/start-offset.ts';
import {
  parseSubscription,
  type Subscription,
  type SubscriptionOptions,
} from '../consumer/subscription.ts';
import type { Telemetry } from '../middleware/telemetry.ts';
import { choiceOption, integerOption, invalidOption } from '../options/check-option.ts';
import type { ClientOptions } from '../options/client-options.ts';
import {
  type ResolvedTraceOptions,
  resolveTrace,
  type TraceOptions,
} from '../trace/trace-options.ts';

/** `clustering`: the group shares the messages; `broadcasting`: every member gets all of them. */
export type MessageModel = 'clustering' | 'broadcasting';

/** A pause that grows with the retries of a message. */
export interface RetryBackoffOptions {
  /** Before the first retry, 10 ms to 2 hours. */
  readonly initialMs: number;
  /** The longest, up to 2 hours. Default 2 hours. */
  readonly maxMs?: number;
  /** By how much it grows, 1 to 100. Default 2. */
  readonly multiplier?: number;
}

/** Options of a push consumer. */
export interface PushConsumerOptions extends ClientOptions {
  readonly group: string;
  /** A topic, or topics with filters. All members of a group must subscribe to the same. */
  readonly subscriptions: string | readonly (string | SubscriptionOptions)[];
  /** Default `clustering`. */
  readonly model?: MessageModel;
  /**
   * How messages are got: `pull` from queues that are this member's own, or `pop` from all, each
   * held for a while. Default `pull`.
   */
  readonly mode?: 'pull' | 'pop';
  /** Pop: how long a message is held before the group gets it again. Default 60,000 ms. */
  readonly popInvisibleMs?: number;
  /**
   * Pop: hold a message for longer while its handler is at work, up to `consumeTimeoutMs`. False:
   * the group gets it again after `popInvisibleMs`. Default true.
   */
  readonly popRenewal?: boolean;
  /** Pop: messages taken at a time, 1 to 32. Default 32. */
  readonly popBatchSize?: number;
  /** Pop: messages per queue or broker that are not settled at most. Default 96. */
  readonly popUnsettledMax?: number;
  /** Pop: members that share each queue; 0 lets every member pop from all. Default 0. */
  readonly popShareQueues?: number;
  /** Where a new group starts. Default `last`. */
  readonly consumeFrom?: ConsumeFrom;
  /** How the group's members share the queues; all must use the same. Default `averagely`. */
  readonly allocation?: AllocationName | AllocationStrategy;
  /** One message of a queue at a time, in order; a failed one blocks its queue. Default false. */
  readonly ordered?: boolean;
  /**
   * Redeliveries before a message goes to the dead letters, 0 to 2^31 - 1. Default: what the group
   * is configured to at the broker (`retryMaxTimes`, 16), for ordered consumers without end.
   */
  readonly maxReconsumeTimes?: number;
  /** Pause before an ordered message that failed comes again, 10 to 30,000 ms. Default 1000. */
  readonly orderedRetryMs?: number;
  /**
   * Pause before a message that failed comes again, growing with its retries. Concurrent consumers
   * round it up to the broker's delay levels, ordered ones keep it between 10 and 30,000 ms.
   * Default: the broker's back-off for the group, and `orderedRetryMs`.
   */
  readonly retryBackoff?: RetryBackoffOptions;
  /** A message that is not settled after this time is handed back. Default 15 minutes. */
  readonly consumeTimeoutMs?: number;
  /** Messages per pull, 1 to 1024. Default 32. */
  readonly pullBatchSize?: number;
  /** Bytes per pull as a wish to the broker. Default 256 KiB. */
  readonly pullBatchBytes?: number;
  /** Pause between pulls of a queue, milliseconds. Default 0. */
  readonly pullIntervalMs?: number;
  /** How long the broker holds a pull while there is nothing. Default 15,000 ms. */
  readonly pullHoldMs?: number;
  /** How long the answer of a pull is waited for; above `pullHoldMs`. Default 30,000 ms. */
  readonly pullTimeoutMs?: number;
  /** Pause of a queue after a pull that failed. Default 1000 ms. */
  readonly pullErrorPauseMs?: number;
  /** Messages, bytes and offset span cached per queue at most. Default 1000, 100 MiB, 2000. */
  readonly queueMessagesMax?: number;
  readonly queueBytesMax?: number;
  readonly queueSpanMax?: number;
  /** The same over all queues of a topic: each has an equal share. Default: no limit. */
  readonly topicMessagesMax?: number;
  readonly topicBytesMax?: number;
  /** How long {@link close} waits for messages that are being handled. Default 10,000 ms. */
  readonly drainTimeoutMs?: number;
  /** Folder of the offset files of broadcasting consumers. Default `~/.rocketmq_offsets`. */
  readonly offsetsDirectory?: string;
  /** Told of the queues of a topic that this member has, whenever they changed. */
  readonly onAssignment?: (topic: string, queues: readonly MessageQueue[]) => void;
  /** Write down what was handled, for the tools that show a message's way. Default false. */
  readonly trace?: boolean | TraceOptions;
  /** Watches every call of a handler, for example OpenTelemetry. Default none. */
  readonly telemetry?: Telemetry;
}

/** The same, checked and with defaults. */
export interface ResolvedPushOptions {
  readonly group: string;
  readonly subscriptions: readonly Subscription[];
  readonly model: MessageModel;
  readonly mode: 'pull' | 'pop';
  readonly popInvisibleMs: number;
  readonly popRenewal: boolean;
  readonly popBatchSize: number;
  readonly popUnsettledMax: number;
  readonly popShareQueues: number;
  readonly consumeFrom: ConsumeFrom;
  readonly allocation: AllocationStrategy;
  readonly ordered: boolean;
  /** Undefined: as the group is configured at the broker. */
  readonly maxReconsumeTimes: number | undefined;
  readonly orderedRetryMs: number;
  readonly backoff: RetryBackoff | undefined;
  readonly consumeTimeoutMs: number;
  readonly pullBatchSize: number;
  readonly pullBatchBytes: number;
  readonly pullIntervalMs: number;
  readonly pace: PullPace;
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
  readonly queueSpanMax: number;
  readonly topicMessagesMax: number;
  readonly topicBytesMax: number;
  readonly onAssignment: PushConsumerOptions['onAssignment'];
  readonly drainTimeoutMs: number;
  readonly trace: ResolvedTraceOptions | undefined;
}

const INT32_MAX = 0x7fff_ffff;
const MEBIBYTE: number = 1024 * 1024;
const MINUTE_MS = 60_000;
const BACKOFF_MS_MAX: number = 120 * MINUTE_MS;
const MULTIPLIER_MAX = 100;
const SUBSCRIPTIONS_MAX = 1_024;
const NAME_RESERVED = 'DEFAULT_CONSUMER';

/** Checks the options of a push consumer; `nowMs` is the version of its subscriptions. */
export function resolvePushOptions(
  options: PushConsumerOptions,
  nowMs: number,
): ResolvedPushOptions {
  const ordered = options.ordered ?? false;
  return {
    group: checkGroup(options.group),
    subscriptions: resolveSubscriptions(options.subscriptions, nowMs),
    model: choiceOption('model', options.model, ['clustering', 'broadcasting'], 'clustering'),
    consumeFrom: resolveConsumeFrom(options.consumeFrom),
    allocation: resolveAllocation(options.allocation),
    ordered,
    maxReconsumeTimes: resolveRetries(options.maxReconsumeTimes),
    orderedRetryMs: integerOption('orderedRetryMs', options.orderedRetryMs, {
      fallback: 1_000,
      min: 10,
      max: 30_000,
    }),
    backoff: resolveBackoff(options.retryBackoff),
    consumeTimeoutMs: integerOption('consumeTimeoutMs', options.consumeTimeoutMs, {
      fallback: 15 * MINUTE_MS,
      min: 1_000,
      max: INT32_MAX,
    }),
    ...resolvePulling(options),
    ...resolvePopping(options),
    drainTimeoutMs: integerOption('drainTimeoutMs', options.drainTimeoutMs, {
      fallback: 10_000,
      min: 0,
      max: 10 * MINUTE_MS,
    }),
    onAssignment: options.onAssignment,
    trace: resolveTrace(options.trace),
  };
}

// RocketMQ: DefaultMQPushConsumerImpl#BROKER_SUSPEND_MAX_TIME_MILLIS
const PULL_HOLD_MS = 15_000;
const CACHE_MESSAGES_MAX = 65_535;
const CACHE_BYTES_MAX: number = 1_024 * MEBIBYTE;

function resolvePulling(options: PushConsumerOptions) {
  const { topicBytesMax, topicMessagesMax } = options;
  const integer = (name: PullingName, fallback: number, min: number, max: number): number =>
    integerOption(name, options[name], { fallback, min, max });
  // Who limits the topic alone does not want the limits of a queue that nobody asked for.
  const count = topicMessagesMax === undefined ? 1_000 : CACHE_MESSAGES_MAX;
  const bytes = topicBytesMax === undefined ? 100 * MEBIBYTE : CACHE_BYTES_MAX;
  return {
    pullBatchSize: integer('pullBatchSize', 32, 1, 1_024),
    pullBatchBytes: integer('pullBatchBytes', 256 * 1024, 1, INT32_MAX),
    pullIntervalMs: integer('pullIntervalMs', 0, 0, 65_535),
    pace: resolvePullPace(options, PULL_HOLD_MS),
    queueMessagesMax: integer('queueMessagesMax', count, 1, CACHE_MESSAGES_MAX),
    queueBytesMax: integer('queueBytesMax', bytes, 1, CACHE_BYTES_MAX),
    queueSpanMax: integer('queueSpanMax', 2_000, 1, 65_535),
    // RocketMQ: DefaultMQPushConsumerImpl#checkConfig
    topicMessagesMax: orNone(topicMessagesMax, (value) =>
      integerOption('topicMessagesMax', value, { fallback: 1, min: 1, max: 6_553_500 }),
    ),
    topicBytesMax: orNone(topicBytesMax, (value) =>
      integerOption('topicBytesMax', value, { fallback: 1, min: 1, max: 100 * CACHE_BYTES_MAX }),
    ),
  };
}

function orNone(value: number | undefined, check: (value: number) => number): number {
  return value === undefined ? Number.POSITIVE_INFINITY : check(value);
}

type PullingName =
  | 'pullBatchSize'
  | 'pullBatchBytes'
  | 'pullIntervalMs'
  | 'queueMessagesMax'
  | 'queueBytesMax'
  | 'queueSpanMax';

function resolvePopping(
  options: PushConsumerOptions,
): Pick<
  ResolvedPushOptions,
  'mode' | 'popInvisibleMs' | 'popRenewal' | 'popBatchSize' | 'popUnsettledMax' | 'popShareQueues'
> {
  const mode = choiceOption('mode', options.mode, ['pull', 'pop'], 'pull');
  if (mode === 'pop') checkPop(options);
  return {
    mode,
    // RocketMQ: DefaultMQPushConsumerImpl#checkConfig
    popInvisibleMs: integerOption('popInvisibleMs', options.popInvisibleMs, {
      fallback: MINUTE_MS,
      min: 5_000,
      max: 5 * MINUTE_MS,
    }),
    popRenewal: options.popRenewal ?? true,
    popBatchSize: integerOption('popBatchSize', options.popBatchSize, {
      fallback: 32,
      min: 1,
      max: 32,
    }),
    popUnsettledMax: integerOption('popUnsettledMax', options.popUnsettledMax, {
      fallback: 96,
      min: 1,
      max: 65_535,
    }),
    popShareQueues: integerOption('popShareQueues', options.popShareQueues, {
      fallback: 0,
      min: 0,
      max: INT32_MAX,
    }),
  };
}

function checkPop({ model, ordered, consumeFrom, serialization }: PushConsumerOptions): void {
  if (model === 'broadcasting') throw invalidOption('model', model, 'clustering with mode pop');
  if (ordered === true) {
    throw invalidOption('ordered', ordered, 'false with mode pop: a SimpleConsumer pops in order');
  }
  if (typeof consumeFrom === 'object') {
    throw invalidOption('consumeFrom', 'a time', 'first or last with mode pop');
  }
  // The binary header has 16 bits for the request code, those of POP have more.
  if (serialization === 'binary') {
    throw invalidOption('serialization', serialization, 'json with mode pop');
  }
}

function resolveRetries(retries: number | undefined): number | undefined {
  if (retries === undefined) return undefined;
  return integerOption('maxReconsumeTimes', retries, { fallback: 0, min: 0, max: INT32_MAX });
}

function resolveBackoff(options: RetryBackoffOptions | undefined): RetryBackoff | undefined {
  if (options === undefined) return undefined;
  const limits = { fallback: BACKOFF_MS_MAX, min: 10, max: BACKOFF_MS_MAX };
  const initialMs = integerOption('retryBackoff.initialMs', options.initialMs, limits);
  const maxMs = integerOption('retryBackoff.maxMs', options.maxMs, limits);
  const { multiplier = 2 } = options;
  if (!(multiplier >= 1 && multiplier <= MULTIPLIER_MAX)) {
    throw invalidOption('retryBackoff.multiplier', multiplier, `1 to ${MULTIPLIER_MAX}`);
  }
  if (maxMs < initialMs) {
    throw invalidOption('retryBackoff.maxMs', maxMs, `at least initialMs (${initialMs})`);
  }
  return exponentialBackoff(initialMs, maxMs, multiplier);
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
  if (!Array.isArray(items)) {
    throw invalidOption('subscriptions', option, 'a topic or a list of topics');
  }
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
