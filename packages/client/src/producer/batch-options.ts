/** How a producer gathers single sends into batches. */
import { integerOption } from '../options/check-option.ts';

/** Options of automatic batches; each has a default. */
export interface BatchOptions {
  /** How long a message waits for others at most, 1 to 30,000 ms. Default 10. */
  readonly delayMs?: number;
  /** Encoded bytes of a batch, 1 to 2 MiB: as soon as it has them it is sent. Default 32 KiB. */
  readonly bytesMax?: number;
  /** Messages in a batch, 1 to 32,768: as soon as it has them it is sent. Default 1024. */
  readonly messagesMax?: number;
}

/** The same, checked and with defaults. */
export type ResolvedBatchOptions = Required<BatchOptions>;

const KIBIBYTE = 1024;

/** Undefined: nothing is gathered. */
// RocketMQ: ProduceAccumulator#batchMaxDelayMs, #batchMaxBytes
export function resolveBatch(
  option: boolean | BatchOptions | undefined,
): ResolvedBatchOptions | undefined {
  if (option === undefined || option === false) return undefined;
  const { delayMs, bytesMax, messagesMax } = option === true ? {} : option;
  return {
    delayMs: integerOption('batch.delayMs', delayMs, { fallback: 10, min: 1, max: 30_000 }),
    bytesMax: integerOption('batch.bytesMax', bytesMax, {
      fallback: 32 * KIBIBYTE,
      min: 1,
      max: 2 * KIBIBYTE * KIBIBYTE,
    }),
    messagesMax: integerOption('batch.messagesMax', messagesMax, {
      fallback: 1_024,
      min: 1,
      max: 32_768,
    }),
  };
}
