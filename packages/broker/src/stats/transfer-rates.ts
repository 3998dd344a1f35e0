/** Rates of the whole broker over 10 seconds, a minute and ten minutes. */

/** RocketMQ: StoreStatsService#MAX_RECORDS_OF_SAMPLING */
const SAMPLES_MAX = 601;
const WINDOWS_S = [10, 60, 600] as const;
/** How often `sample` is to be called. */
export const RATE_PERIOD_MS = 1000;

/** Counts that only grow; a sample is noted each second. */
export class RateCounter {
  total = 0;
  readonly #samples: Float64Array = new Float64Array(SAMPLES_MAX);
  #newest = 0;
  #count = 1;

  sample(): void {
    this.#newest = (this.#newest + 1) % SAMPLES_MAX;
    this.#samples[this.#newest] = this.total;
    this.#count = Math.min(this.#count + 1, SAMPLES_MAX);
  }

  /** Per second over the last `seconds`, or as long as there are samples. */
  rate(seconds: number): number {
    const span = Math.min(seconds, this.#count - 1);
    if (span === 0) return 0;
    const first = this.#samples[(this.#newest - span + SAMPLES_MAX) % SAMPLES_MAX] ?? 0;
    return ((this.#samples[this.#newest] ?? 0) - first) / span;
  }
}

/** The three rates as Java prints doubles, blank between; rates of several counters are added. */
export function rateText(...counters: readonly RateCounter[]): string {
  const rates = WINDOWS_S.map((seconds) =>
    counters.reduce((sum, counter) => sum + counter.rate(seconds), 0),
  );
  return rates.map(javaDouble).join(' ');
}

/** A double as Java prints it: always with a fraction. */
export function javaDouble(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
