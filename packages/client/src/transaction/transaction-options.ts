import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { ReceivedMessage } from '../consumer/received-message.ts';
import { integerOption } from '../options/check-option.ts';
import type { OutgoingMessage } from '../producer/outgoing-message.ts';
import type { ProducerOptions } from '../producer/producer-options.ts';
import type { SendOptions } from '../producer/send-options.ts';
import type { SendReceipt } from '../producer/send-receipt.ts';

/**
 * How a transaction ended: consumers get the message, or never do, or it is not known yet and the
 * broker asks later.
 */
export type TransactionOutcome = 'commit' | 'rollback' | 'unknown';

/** The work that must happen together with the message. */
export type LocalWork = (
  message: OutgoingMessage,
  half: SendReceipt,
) => Promise<TransactionOutcome>;

/**
 * Finds out how the work for a message ended, from what the application has stored: the message may
 * be of another process of the group. `signal` fires when the producer is closed.
 */
export type TransactionCheck = (
  message: ReceivedMessage,
  signal: AbortSignal,
) => Promise<TransactionOutcome>;

/** Options of a producer of transactions. */
export interface TransactionProducerOptions extends ProducerOptions {
  /** Says how a transaction ended that the broker knows no outcome of. */
  readonly check: TransactionCheck;
  /** Checks at a time, 1 to 1,000. Default 16. */
  readonly checkConcurrency?: number;
  /** Questions that wait for their check; the broker asks again about more. Default 2000. */
  readonly checkQueueMax?: number;
  /** Transactions under way at a time; more wait within `sendTimeoutMs`. Default 4096. */
  readonly transactionsMax?: number;
}

/** How one transaction is done. */
export interface TransactionOptions extends SendOptions {
  /** The broker asks no sooner than this after the send. Default: as it is configured (6 s). */
  readonly checkAfterMs?: number;
}

/** What became of a transaction. */
export interface TransactionReceipt extends SendReceipt {
  readonly outcome: TransactionOutcome;
  /** Whether the broker has confirmed the outcome; if not, it asks `check`. */
  readonly settled: boolean;
}

/** The same, checked and with defaults. */
export interface ResolvedTransactionOptions {
  readonly check: TransactionCheck;
  readonly checkConcurrency: number;
  readonly checkQueueMax: number;
  readonly transactionsMax: number;
}

export function resolveTransactionOptions(
  options: TransactionProducerOptions,
): ResolvedTransactionOptions {
  const { check } = options;
  if (typeof check !== 'function') {
    const text = 'A TransactionProducer needs `check`: brokers ask it how a transaction ended';
    throw new MqError(MqErrorCode.InvalidArgument, text);
  }
  return {
    check,
    checkConcurrency: integerOption('checkConcurrency', options.checkConcurrency, {
      fallback: 16,
      min: 1,
      max: 1000,
    }),
    checkQueueMax: integerOption('checkQueueMax', options.checkQueueMax, {
      fallback: 2000,
      min: 1,
      max: 1_000_000,
    }),
    transactionsMax: integerOption('transactionsMax', options.transactionsMax, {
      fallback: 4096,
      min: 1,
      max: 65_535,
    }),
  };
}

/** The outcome that a user's function gave; INVALID_ARGUMENT when it is none. */
export function checkedOutcome(value: unknown): TransactionOutcome {
  if (value === 'commit' || value === 'rollback' || value === 'unknown') return value;
  const text = `The outcome of a transaction is 'commit', 'rollback' or 'unknown', not ${value}`;
  throw new MqError(MqErrorCode.InvalidArgument, text);
}
