import type { CachedMessage } from '../consumer/process-queue.ts';

/** How a message that failed is to come again. */
export interface RetryOptions {
  /** 1 to 18, see the delay levels; 0 or absent: the broker's back-off (10 s, 30 s, 1 m, ...). */
  readonly delayLevel?: number;
  /**
   * The same in milliseconds. Concurrent consumers round it up to the next delay level, ordered
   * ones keep it (10 ms to 30 s; default 1 s).
   */
  readonly delayMs?: number;
  /** The error that made it fail. Was this the last retry, the dead letter tells it. */
  readonly cause?: unknown;
}

/** What a dead letter is to tell. */
export interface RejectOptions {
  /** The error that made it fail. */
  readonly cause?: unknown;
}

/**
 * What happens to a delivered message. The first call per message counts, further ones do
 * nothing; none of them throws for reasons of the network.
 */
export interface Settlement {
  ack(entry: CachedMessage): Promise<void>;
  retry(entry: CachedMessage, options: RetryOptions): Promise<void>;
  reject(entry: CachedMessage, options?: RejectOptions): Promise<void>;
}
