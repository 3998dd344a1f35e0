import type { Scheduler } from '@skylarkmq/base';
import { abortError, MqError, MqErrorCode } from '@skylarkmq/base';

interface Waiter {
  readonly bytes: number;
  readonly enter: () => void;
}

/**
 * Lets a bounded number of calls in at a time, and calls of so many bytes; the others wait in
 * order, up to their timeout. A call that alone is larger than the limit enters when nobody is in.
 */
export class Gate {
  readonly #max: number;
  readonly #bytesMax: number;
  readonly #scheduler: Scheduler;
  #inside = 0;
  #bytesInside = 0;
  #waiters: Waiter[] = [];
  readonly #idle: (() => void)[] = [];

  constructor(max: number, scheduler: Scheduler, bytesMax: number = Number.POSITIVE_INFINITY) {
    this.#max = max;
    this.#bytesMax = bytesMax;
    this.#scheduler = scheduler;
  }

  /** Calls inside right now. */
  get inside(): number {
    return this.#inside;
  }

  /** True if the caller is in without waiting; it must call {@link leave} later. */
  tryEnter(bytes = 0): boolean {
    if (this.#waiters.length > 0 || !this.#hasRoom(bytes)) return false;
    this.#inside++;
    this.#bytesInside += bytes;
    return true;
  }

  /** Waits for a place. Throws `BUSY` after `timeoutMs`, `ABORTED` when `signal` fires. */
  enter(timeoutMs: number, signal?: AbortSignal, bytes = 0): Promise<void> {
    if (this.tryEnter(bytes)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (error?: MqError): void => {
        timer.cancel();
        signal?.removeEventListener('abort', onAbort);
        if (error === undefined) {
          resolve();
          return;
        }
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(error);
        this.#letIn();
      };
      const waiter: Waiter = { bytes, enter: () => end() };
      const onAbort = (): void => {
        if (signal !== undefined) end(abortError(signal));
      };
      const timer = this.#scheduler.after(timeoutMs, () => end(this.#busy(timeoutMs)));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Gives the place to those who wait; `bytes` as at the entrance. */
  leave(bytes = 0): void {
    this.#inside--;
    this.#bytesInside -= bytes;
    this.#letIn();
    if (this.#inside === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when nobody is inside. */
  idle(): Promise<void> {
    if (this.#inside === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #hasRoom(bytes: number): boolean {
    if (this.#inside >= this.#max) return false;
    return this.#inside === 0 || this.#bytesInside + bytes <= this.#bytesMax;
  }

  #letIn(): void {
    for (;;) {
      const [next] = this.#waiters;
      if (next === undefined || !this.#hasRoom(next.bytes)) return;
      this.#waiters.shift();
      this.#inside++;
      this.#bytesInside += next.bytes;
      next.enter();
    }
  }

  #busy(timeoutMs: number): MqError {
    const text =
      this.#inside >= this.#max
        ? `${this.#max} calls are under way, no place was free for ${timeoutMs} ms`
        : `Calls of ${this.#bytesInside} bytes are under way, at most ${this.#bytesMax} may be: ` +
          `no place was free for ${timeoutMs} ms`;
    return new MqError(MqErrorCode.Busy, text, { retryable: true });
  }
}
