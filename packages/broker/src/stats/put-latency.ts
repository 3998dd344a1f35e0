/** How long sends took from their arrival until they were stored to the promised degree. */

// RocketMQ: StoreStatsService#initPutMessageDistributeTime
/** Upper bounds in milliseconds with RocketMQ's names. */
const BUCKETS: readonly (readonly [number, string])[] = [
  [0, '<=0ms'],
  [10, '0~10ms'],
  [50, '10~50ms'],
  [100, '50~100ms'],
  [200, '100~200ms'],
  [500, '200~500ms'],
  [1000, '500ms~1s'],
  [2000, '1~2s'],
  [3000, '2~3s'],
  [4000, '3~4s'],
  [5000, '4~5s'],
  [10_000, '5~10s'],
  [Number.POSITIVE_INFINITY, '10s~'],
];
/** Latencies up to here are counted by the millisecond. */
const FINE_MS = 1000;
/** How often `turn` is to be called: percentiles are of this long a time, or the one before. */
export const LATENCY_PERIOD_MS = 60_000;

export class PutLatency {
  /** Longest of the current and the last period, milliseconds. */
  #max = 0;
  #lastMax = 0;
  readonly #buckets: number[] = BUCKETS.map(() => 0);
  #fine: Uint32Array = new Uint32Array(FINE_MS + 1);
  #lastFine: Uint32Array = new Uint32Array(FINE_MS + 1);

  note(ms: number): void {
    const bounded = ms > FINE_MS ? FINE_MS : ms > 0 ? ms | 0 : 0;
    this.#fine[bounded] = (this.#fine[bounded] ?? 0) + 1;
    if (ms > this.#max) this.#max = ms;
    let bucket = 0;
    while (ms > (BUCKETS[bucket]?.[0] ?? ms)) bucket++;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
  }

  /** Begins the next period. */
  turn(): void {
    this.#lastMax = this.#max;
    this.#max = 0;
    const oldest = this.#lastFine;
    this.#lastFine = this.#fine;
    this.#fine = oldest.fill(0);
  }

  get maxMs(): number {
    return Math.max(this.#max, this.#lastMax);
  }

  /** The latency that `part` (0 to 1) of the sends did not exceed; 1000 stands for more, too. */
  percentileMs(part: number): number {
    let total = 0;
    for (let ms = 0; ms <= FINE_MS; ms++) total += this.#at(ms);
    const wanted = total * part;
    let seen = 0;
    for (let ms = 0; ms <= FINE_MS; ms++) {
      seen += this.#at(ms);
      if (seen > 0 && seen >= wanted) return ms;
    }
    return 0;
  }

  /** All sends since the start by how long they took. */
  distribution(): string {
    return BUCKETS.map(([, name], index) => `[${name}]:${this.#buckets[index] ?? 0} `).join('');
  }

  #at(ms: number): number {
    return (this.#fine[ms] ?? 0) + (this.#lastFine[ms] ?? 0);
  }
}
