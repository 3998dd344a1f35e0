import { type Clock, jittered } from './clock.ts';

export interface RetryingOptions {
  readonly attempts: number;
  readonly firstPauseMs: number;
  readonly isRetryable: (error: unknown) => boolean;
  readonly onRetry?: (error: unknown, attempt: number) => void;
}

/** Does the work again, with pauses that grow and differ, until it succeeds or there is no hope. */
export async function retrying<T>(
  clock: Clock,
  options: RetryingOptions,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= options.attempts || !options.isRetryable(error)) throw error;
      options.onRetry?.(error, attempt);
      await clock.sleep(jittered(options.firstPauseMs * 2 ** (attempt - 1)));
    }
  }
}
