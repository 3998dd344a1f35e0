import type { Scheduler } from '@skylarkmq/base';
import type { CallOptions } from '../async/abortable.ts';
import type { CachedMessage } from '../consumer/process-queue.ts';
import type { PullEngine } from './pull-engine.ts';

/** How one poll is done. */
export interface PollOptions extends CallOptions {
  /** How long to wait for the first message. Default: the consumer's `pollTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Messages at most. Default: the consumer's `pullBatchSize`. */
  readonly max?: number;
}

/** Messages of one queue, `max` at most; none when the time is over or `signal` fires. */
export async function takeWithin(
  engine: PullEngine,
  scheduler: Scheduler,
  max: number,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<readonly CachedMessage[]> {
  const abort = new AbortController();
  const timer = scheduler.after(timeoutMs, () => abort.abort());
  const signals = signal === undefined ? [abort.signal] : [abort.signal, signal];
  try {
    return await engine.take(max, AbortSignal.any(signals));
  } finally {
    timer.cancel();
  }
}
