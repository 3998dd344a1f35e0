import { abortError, onAbort } from '@skylarkmq/base';

/** How a call that asks servers is made. */
export interface CallOptions {
  /** Ends the wait with `ABORTED`; whether a server did the work is unknown then. */
  readonly signal?: AbortSignal;
}

/**
 * The result of `work`, or `ABORTED` as soon as `signal` fires. The work itself goes on: it must
 * have an end of its own, and its result is dropped.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(abortError(signal));
    const remove = onAbort(signal, () => reject(abortError(signal)));
    work.then(resolve, reject).finally(remove);
  });
}
