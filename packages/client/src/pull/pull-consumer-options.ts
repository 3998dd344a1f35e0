import type { MessageQueue } from '@skylarkmq/message';
import type { AllocationStrategy } from '../allocation/allocation-strategy.ts';
import type { AllocationName } from '../allocation/by-name.ts';
import { type PullPace, resolvePullPace } from '../consumer/pull-pace.ts';
import type { ConsumeFrom } from '../consumer/start-offset.ts';
import type { Subscription, SubscriptionOptions } from '../consumer/subscription.ts';
import type { Telemetry } from '../middleware/telemetry.ts';
import { choiceOption, integerOption } from '../options/check-option.ts';
import type { ClientOptions } from '../options/client-options.ts';
import {
  checkGroup,
  type MessageModel,
  resolveAllocation,
  resolveConsumeFrom,
  resolveSubscriptions,
} from '../push/push-consumer-options.ts';
import {
  type ResolvedTraceOptions,
  resolveTrace,
  type TraceOptions,
} from '../trace/trace-options.ts';

/** Options of a pull consumer. */
export interface PullConsumerOptions extends ClientOptions {
  readonly group: string;
  /** Topics to share with the group. Leave it out to choose queues with `assign`. */
  readonly subscriptions?: string | readonly (string | SubscriptionOptions)[];
  /** Default `clustering`. */
  readonly model?: MessageModel;
  /** Where a new group starts. Default `last`. */
  readonly consumeFrom?: ConsumeFrom;
  /** How the group's members share the queues. Default `averagely`. */
  readonly allocation?: AllocationName | AllocationStrategy;
  /** Commit what was polled before, from time to time, at a poll. Default true. */
  readonly autoCommit?: boolean;
  /** Default 5000 ms, at least 1000. */
  readonly autoCommitIntervalMs?: number;
  /** How long a poll waits by default. Default 5000 ms. */
  readonly pollTimeoutMs?: number;
  /** Messages per pull, 1 to 1024. Default 10. */
  readonly pullBatchSize?: number;
  /** How long the broker holds a pull while there is nothing. Default 20,000 ms. */
  readonly pullHoldMs?: number;
  /** How long the answer of a pull is waited for; above `pullHoldMs`. Default 30,000 ms. */
  readonly pullTimeoutMs?: number;
  /** Pause of a queue after a pull that failed. Default 1000 ms. */
  readonly pullErrorPauseMs?: number;
  /** Messages, bytes and offset span cached per queue at most. Default 1000, 100 MiB, 2000. */
  readonly queueMessagesMax?: number;
  readonly queueBytesMax?: number;
  readonly queueSpanMax?: number;
  /** Messages cached over all queues at most. Default 10,000. */
  readonly messagesMax?: number;
  /** Folder of the offset files of broadcasting consumers. Default `~/.rocketmq_offsets`. */
  readonly offsetsDirectory?: string;
  /** Told when rebalancing changed the queues of a topic. */
  readonly onAssignment?: (topic: string, queues: readonly MessageQueue[]) => void;
  /** Write down what was polled, for the tools that show a message's way. Default false. */
  readonly trace?: boolean | TraceOptions;
  /** Watches every poll, for example OpenTelemetry. Default none. */
  readonly telemetry?: Telemetry;
}

/** The same, checked and with defaults. */
export interface ResolvedPullOptions {
  readonly group: string;
  readonly subscriptions: readonly Subscription[];
  readonly model: MessageModel;
  readonly consumeFrom: ConsumeFrom;
  readonly allocation: AllocationStrategy;
  readonly autoCommit: boolean;
  readonly autoCommitIntervalMs: number;
  readonly pollTimeoutMs: number;
  readonly pullBatchSize: number;
  readonly pace: PullPace;
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
  readonly queueSpanMax: number;
  readonly messagesMax: number;
  readonly trace: ResolvedTraceOptions | undefined;
}

const MEBIBYTE: number = 1024 * 1024;
// RocketMQ: DefaultLitePullConsumer#brokerSuspendMaxTimeMillis
const PULL_HOLD_MS = 20_000;
const HOUR_MS = 3_600_000;

/** Checks the options of a pull consumer; `nowMs` is the version of its subscriptions. */
export function resolvePullOptions(
  options: PullConsumerOptions,
  nowMs: number,
): ResolvedPullOptions {
  const { subscriptions } = options;
  return {
    group: checkGroup(options.group),
    subscriptions: subscriptions === undefined ? [] : resolveSubscriptions(subscriptions, nowMs),
    model: choiceOption('model', options.model, ['clustering', 'broadcasting'], 'clustering'),
    consumeFrom: resolveConsumeFrom(options.consumeFrom),
    allocation: resolveAllocation(options.allocation),
    autoCommit: options.autoCommit ?? true,
    autoCommitIntervalMs: integer('autoCommitIntervalMs', options, 5_000, 1_000, HOUR_MS),
    pollTimeoutMs: integer('pollTimeoutMs', options, 5_000, 0, HOUR_MS),
    pullBatchSize: integer('pullBatchSize', options, 10, 1, 1_024),
    pace: resolvePullPace(options, PULL_HOLD_MS),
    queueMessagesMax: integer('queueMessagesMax', options, 1_000, 1, 65_535),
    queueBytesMax: integer('queueBytesMax', options, 100 * MEBIBYTE, 1, 1_024 * MEBIBYTE),
    queueSpanMax: integer('queueSpanMax', options, 2_000, 1, 65_535),
    messagesMax: integer('messagesMax', options, 10_000, 1, 10_000_000),
    trace: resolveTrace(options.trace),
  };
}

type IntegerName =
  | 'autoCommitIntervalMs'
  | 'messagesMax'
  | 'pollTimeoutMs'
  | 'pullBatchSize'
  | 'queueBytesMax'
  | 'queueMessagesMax'
  | 'queueSpanMax';

function integer(
  name: IntegerName,
  options: PullConsumerOptions,
  fallback: number,
  min: number,
  max: number,
): number {
  return integerOption(name, options[name], { fallback, min, max });
}
