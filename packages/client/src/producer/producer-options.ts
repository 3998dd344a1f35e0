import { validateGroup } from '@skylarkmq/message';
import type { Telemetry } from '../middleware/telemetry.ts';
import { integerOption, invalidOption } from '../options/check-option.ts';
import type { ClientOptions } from '../options/client-options.ts';
import {
  type ResolvedTraceOptions,
  resolveTrace,
  type TraceOptions,
} from '../trace/trace-options.ts';
import { type BatchOptions, type ResolvedBatchOptions, resolveBatch } from './batch-options.ts';
import { LATENCY_STEPS, type LatencyStep } from './latency-fault.ts';
import { BODY_BYTES_MAX } from './outgoing-message.ts';

/** Options of a producer. */
export interface ProducerOptions extends ClientOptions {
  /** Name under which brokers know the producers of one application. Default `PRODUCER`. */
  readonly group?: string;
  /** Time for a send with all its attempts. Default 3000 ms. */
  readonly sendTimeoutMs?: number;
  /** Time for one attempt while another one is possible. Default: all that is left. */
  readonly attemptTimeoutMs?: number;
  /** Further attempts after a failed one, 0 to 100. Default 2. */
  readonly retries?: number;
  /** Try another broker also when the message is stored but not flushed or replicated. */
  readonly retryWhenNotDurable?: boolean;
  /** Response codes that lead to another attempt. Default 1, 2, 14, 16, 17, 204, 205, 1500. */
  readonly retryResponseCodes?: Iterable<number>;
  /**
   * Keep away from slow brokers for a while. Steps, in ascending order, say from which latency on
   * and for how long; a failed attempt counts as 10,000 ms. Default false; true: Java's table.
   */
  readonly latencyFaultTolerance?: boolean | readonly LatencyStep[];
  /** Bodies of this size and more are compressed; Infinity for never. Default 4096 bytes. */
  readonly compressOverBytes?: number;
  /** zlib level, 0 to 9. Default 5. */
  readonly compressLevel?: number;
  /** `zlib`, or the name of a codec in `codecs`. Default `zlib`. */
  readonly compressType?: 'zlib' | 'lz4' | 'zstd';
  /** Largest body, before compression. Default 4 MiB. */
  readonly bodyBytesMax?: number;
  /** Sends under way at a time; more wait within their timeout. Default 4096. */
  readonly inFlightMax?: number;
  /** Bytes of the bodies under way, at least 1 MiB; more wait too. Default 100 MiB. */
  readonly inFlightBytesMax?: number;
  /**
   * Gather sends that are under way at the same time into batches, per topic and queue. What has a
   * delay, a priority or a lite topic, and what is to be compressed, goes by itself. Default false.
   */
  readonly batch?: boolean | BatchOptions;
  /** Write down what was sent, for the tools that show a message's way. Default false. */
  readonly trace?: boolean | TraceOptions;
  /** Watches every send, for example OpenTelemetry. Default none. */
  readonly telemetry?: Telemetry;
}

/** The same, checked and with defaults. */
export interface ResolvedProducerOptions {
  readonly group: string;
  readonly sendTimeoutMs: number;
  readonly attemptTimeoutMs: number;
  readonly retries: number;
  readonly retryWhenNotDurable: boolean;
  readonly retryResponseCodes: ReadonlySet<number>;
  readonly latencyFaultTolerance: boolean;
  readonly latencySteps: readonly LatencyStep[];
  readonly compressOverBytes: number;
  readonly compressLevel: number;
  readonly compressType: 'zlib' | 'lz4' | 'zstd';
  readonly bodyBytesMax: number;
  readonly inFlightMax: number;
  readonly inFlightBytesMax: number;
  readonly batch: ResolvedBatchOptions | undefined;
  readonly trace: ResolvedTraceOptions | undefined;
}

const GROUP_DEFAULT = 'PRODUCER';
/** The Java client refuses it, because unrelated applications would share it. */
const GROUP_REFUSED = 'DEFAULT_PRODUCER';
const TIMEOUT_MS_MAX = 600_000;
const INT32_MAX = 0x7fff_ffff;
const MEBIBYTE: number = 1024 * 1024;

// RocketMQ: DefaultMQProducer#retryResponseCodes
const RETRY_CODES: readonly number[] = [1, 2, 14, 16, 17, 204, 205, 1500];

/** Checks the options of a producer. */
export function resolveProducerOptions(options: ProducerOptions): ResolvedProducerOptions {
  const group = options.group ?? GROUP_DEFAULT;
  validateGroup(group);
  if (group === GROUP_REFUSED) throw invalidOption('group', group, 'a name of your own');
  const sendTimeoutMs = integerOption('sendTimeoutMs', options.sendTimeoutMs, {
    fallback: 3_000,
    min: 1,
    max: TIMEOUT_MS_MAX,
  });
  const compressType = options.compressType ?? 'zlib';
  if (compressType !== 'zlib' && !hasCodec(options, compressType)) {
    throw invalidOption('compressType', compressType, 'zlib or the type of one of the codecs');
  }
  return {
    group,
    sendTimeoutMs,
    attemptTimeoutMs: integerOption('attemptTimeoutMs', options.attemptTimeoutMs, {
      fallback: TIMEOUT_MS_MAX,
      min: 1,
      max: TIMEOUT_MS_MAX,
    }),
    retries: integerOption('retries', options.retries, { fallback: 2, min: 0, max: 100 }),
    retryWhenNotDurable: options.retryWhenNotDurable ?? false,
    retryResponseCodes: new Set(options.retryResponseCodes ?? RETRY_CODES),
    ...resolveLatency(options.latencyFaultTolerance),
    compressOverBytes: compressOver(options.compressOverBytes),
    compressLevel: integerOption('compressLevel', options.compressLevel, {
      fallback: 5,
      min: 0,
      max: 9,
    }),
    compressType,
    bodyBytesMax: integerOption('bodyBytesMax', options.bodyBytesMax, {
      fallback: BODY_BYTES_MAX,
      min: 1,
      max: INT32_MAX,
    }),
    inFlightMax: integerOption('inFlightMax', options.inFlightMax, {
      fallback: 4_096,
      min: 1,
      max: 65_535,
    }),
    inFlightBytesMax: integerOption('inFlightBytesMax', options.inFlightBytesMax, {
      fallback: 100 * MEBIBYTE,
      min: MEBIBYTE,
      max: INT32_MAX,
    }),
    batch: resolveBatch(options.batch),
    trace: resolveTrace(options.trace),
  };
}

function resolveLatency(
  option: boolean | readonly LatencyStep[] | undefined,
): Pick<ResolvedProducerOptions, 'latencyFaultTolerance' | 'latencySteps'> {
  if (typeof option !== 'object') {
    return { latencyFaultTolerance: option ?? false, latencySteps: LATENCY_STEPS };
  }
  const limits = { fallback: 0, min: 0, max: TIMEOUT_MS_MAX };
  let last = -1;
  for (const { latencyMs, isolationMs } of option) {
    integerOption('latencyFaultTolerance latencyMs', latencyMs, limits);
    integerOption('latencyFaultTolerance isolationMs', isolationMs, limits);
    if (latencyMs <= last) {
      throw invalidOption('latencyFaultTolerance latencyMs', latencyMs, `above ${last}`);
    }
    last = latencyMs;
  }
  return { latencyFaultTolerance: true, latencySteps: option };
}

function compressOver(value: number | undefined): number {
  if (value === Number.POSITIVE_INFINITY) return value;
  return integerOption('compressOverBytes', value, { fallback: 4_096, min: 0, max: INT32_MAX });
}

function hasCodec(options: ProducerOptions, type: string): boolean {
  return options.codecs?.some((codec) => codec.type === type) ?? false;
}
