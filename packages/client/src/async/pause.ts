import type { Scheduler } from '@skylarkmq/base';

/** Resolves after `delayMs`, or at once when `signal` fires. Never rejects. */
export function pause(
  scheduler: Pick<Scheduler, 'after'>,
  delayMs: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = scheduler.after(delayMs, done);
    signal.addEventListener('abort', done, { once: true });
  });
}
