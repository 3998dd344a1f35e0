import { MqError, MqErrorCode } from '../error.ts';

/** The error of a call that its caller aborted. */
export function abortError(signal: AbortSignal): MqError {
  return new MqError(MqErrorCode.Aborted, 'The call was aborted', { cause: signal.reason });
}

/** Throws ABORTED when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

/** Calls `listener` once when the signal fires; returns what removes the listener. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
