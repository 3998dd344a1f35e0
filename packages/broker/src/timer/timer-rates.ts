/** Messages a second, over the time between two looks of at least a second. */
import type { Clock } from '@skylarkmq/base';

const WINDOW_MS_MIN = 1000;

interface Rates {
  readonly takenPerSecond: number;
  readonly deliveredPerSecond: number;
}

export class TimerRates {
  readonly #clock: Clock;
  #sinceMs: number;
  #taken = 0;
  #delivered = 0;
  #last: Rates = { takenPerSecond: 0, deliveredPerSecond: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  /** The rates now, from counters that only grow. */
  now({ taken }: { readonly taken: number }, { delivered }: { readonly delivered: number }): Rates {
    const nowMs = this.#clock.monotonicMs();
    const seconds = (nowMs - this.#sinceMs) / 1000;
    if (seconds * 1000 < WINDOW_MS_MIN) return this.#last;
    this.#last = {
      takenPerSecond: (taken - this.#taken) / seconds,
      deliveredPerSecond: (delivered - this.#delivered) / seconds,
    };
    this.#sinceMs = nowMs;
    this.#taken = taken;
    this.#delivered = delivered;
    return this.#last;
  }
}
