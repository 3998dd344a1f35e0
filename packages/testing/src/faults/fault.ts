import { type Deferred, deferred, MqError, MqErrorCode } from '@skylarkmq/base';

/** What a fault does to a request. */
export type FaultKind = 'drop' | 'delay' | 'duplicate' | 'refuse' | 'crash' | 'partition';

/** A fault that is switched on. */
export interface Fault extends Disposable {
  readonly kind: FaultKind;
  /** Requests that it happened to. */
  readonly hits: number;
  /** Requests that fitted, whether it happened to them or not. */
  readonly seen: number;
  /** Whether it can still happen. */
  readonly active: boolean;
  /** Resolves when it has happened `times` times. CLOSED when it is removed before. */
  happened(times?: number): Promise<void>;
  /** Switches it off; twice is no error. */
  remove(): void;
}

interface Waiter {
  readonly times: number;
  readonly done: Deferred<void>;
}

/** The counters of a fault. */
export class ActiveFault implements Fault {
  readonly kind: FaultKind;
  hits = 0;
  seen = 0;
  active = true;
  readonly #timesMax: number;
  readonly #removed: () => void;
  #waiters: Waiter[] = [];

  constructor(kind: FaultKind, timesMax: number, removed: () => void) {
    this.kind = kind;
    this.#timesMax = timesMax;
    this.#removed = removed;
  }

  /** Counts one. */
  hit(): void {
    this.hits++;
    for (const { times, done } of this.#waiters) if (times <= this.hits) done.resolve();
    this.#waiters = this.#waiters.filter(({ times }) => times > this.hits);
    if (this.hits >= this.#timesMax) this.remove();
  }

  happened(times = 1): Promise<void> {
    if (this.hits >= times) return Promise.resolve();
    if (!this.active) return Promise.reject(this.#gone(times));
    const done = deferred();
    this.#waiters.push({ times, done });
    return done.promise;
  }

  remove(): void {
    if (!this.active) return;
    this.active = false;
    this.#removed();
    for (const { times, done } of this.#waiters.splice(0)) done.reject(this.#gone(times));
  }

  [Symbol.dispose](): void {
    this.remove();
  }

  #gone(times: number): MqError {
    const message = `The fault ${this.kind} is off: it happened ${this.hits} times, not ${times}`;
    return new MqError(MqErrorCode.Closed, message);
  }
}
