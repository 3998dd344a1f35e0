import { validateGroup } from '@skylarkmq/message';
import { integerOption, invalidOption } from '../options/check-option.ts';
import type { ClientOptions } from '../options/client-options.ts';
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
  /** Keep away from slow brokers for a while. Default false. */
  readonly latencyFaultTolerance?: boolean;
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
  readonly compressOverBytes: number;
  readonly compressLevel: number;
  readonly compressType: 'zlib' | 'lz4' | 'zstd';
  readonly bodyBytesMax: number;
  readonly inFlightMax: number;
}

const GROUP_DEFAULT = 'PRODUCER';
/** The Java client refuses it, because unrelated applications would share it. */
const GROUP_REFUSED = 'DEFAULT_PRODUCER';
const TIMEOUT_MS_MAX = 600_000;
const INT32_MAX = 0x7fff_ffff;

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
    latencyFaultTolerance: options.latencyFaultTolerance ?? false,
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
  };
}

function compressOver(value: number | undefined): number {
  if (value === Number.POSITIVE_INFINITY) return value;
  return integerOption('compressOverBytes', value, { fallback: 4_096, min: 0, max: INT32_MAX });
}

function hasCodec(options: ProducerOptions, type: string): boolean {
  return options.codecs?.some((codec) => codec.type === type) ?? false;
}
