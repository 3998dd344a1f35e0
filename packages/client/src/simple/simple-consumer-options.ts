import type { Subscription, SubscriptionOptions } from '../consumer/subscription.ts';
import type { Telemetry } from '../middleware/telemetry.ts';
import { choiceOption, integerOption, invalidOption } from '../options/check-option.ts';
import type { ClientOptions } from '../options/client-options.ts';
import { checkGroup, resolveSubscriptions } from '../push/push-consumer-options.ts';
import {
  type ResolvedTraceOptions,
  resolveTrace,
  type TraceOptions,
} from '../trace/trace-options.ts';

/** Options of a simple consumer. */
export interface SimpleConsumerOptions extends ClientOptions {
  readonly group: string;
  /** A topic, or topics with filters. */
  readonly subscriptions: string | readonly (string | SubscriptionOptions)[];
  /** How long a message is held before the group gets it again. Default 30,000 ms. */
  readonly invisibleMs?: number;
  /** How long `receive` waits while there is nothing. Default 10,000 ms. */
  readonly awaitMs?: number;
  /** Messages per `receive`, 1 to 32. Default 16. */
  readonly batchSize?: number;
  /**
   * Messages of a queue in order: while the group holds some of a queue, it gets no others of that
   * queue. Default false.
   */
  readonly ordered?: boolean;
  /** Where a new group starts. Default `last`. */
  readonly consumeFrom?: 'first' | 'last';
  /** Write down what was received and done, for the tools that show a message's way. */
  readonly trace?: boolean | TraceOptions;
  /** Told of what is received, for example OpenTelemetry. Default none. */
  readonly telemetry?: Telemetry;
}

/** The same, checked and with defaults. */
export interface ResolvedSimpleOptions {
  readonly group: string;
  readonly subscriptions: readonly Subscription[];
  readonly invisibleMs: number;
  readonly awaitMs: number;
  readonly batchSize: number;
  readonly ordered: boolean;
  readonly consumeFrom: 'first' | 'last';
  readonly trace: ResolvedTraceOptions | undefined;
}

/** Messages that brokers give at a time at most. */
// RocketMQ: PopMessageProcessor#processRequest (maxMsgNums)
const BATCH_MAX = 32;
const HOUR_MS = 3_600_000;
const INVISIBLE_MS_MAX: number = 12 * HOUR_MS;
const AWAIT_MS_MAX = 600_000;

/** Checks the options of a simple consumer; `nowMs` is the version of its subscriptions. */
export function resolveSimpleOptions(
  options: SimpleConsumerOptions,
  nowMs: number,
): ResolvedSimpleOptions {
  checkPopSerialization(options);
  return {
    group: checkGroup(options.group),
    subscriptions: resolveSubscriptions(options.subscriptions, nowMs),
    invisibleMs: invisibleOption(options.invisibleMs, 30_000),
    awaitMs: awaitOption(options.awaitMs, 10_000),
    batchSize: batchOption('batchSize', options.batchSize, 16),
    ordered: options.ordered ?? false,
    consumeFrom: choiceOption('consumeFrom', options.consumeFrom, ['first', 'last'], 'last'),
    trace: resolveTrace(options.trace),
  };
}

/** How long a message is held, from 1 ms to 12 hours. */
export function invisibleOption(value: number | undefined, fallback: number): number {
  return integerOption('invisibleMs', value, { fallback, min: 1, max: INVISIBLE_MS_MAX });
}

/** How long to wait for a first message; 0 for not at all. */
export function awaitOption(value: number | undefined, fallback: number): number {
  return integerOption('awaitMs', value, { fallback, min: 0, max: AWAIT_MS_MAX });
}

/** How many messages to take at a time. */
export function batchOption(name: string, value: number | undefined, fallback: number): number {
  return integerOption(name, value, { fallback, min: 1, max: BATCH_MAX });
}

/** The binary header has 16 bits for the request code, those of POP have more. */
function checkPopSerialization({ serialization }: ClientOptions): void {
  if (serialization !== 'binary') return;
  throw invalidOption('serialization', serialization, 'json where messages are popped');
}
