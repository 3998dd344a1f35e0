/** Token buckets: so many requests a second on average, with so many at once. */
import type { Clock } from '../shared/clock.ts';

export interface RateLimitOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly clock: Clock;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Visitors who are remembered; the ones that were here longest ago are forgotten first. */
const VISITORS_MAX = 10_000;
const SECOND_MS = 1_000;

export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** False: too many. */
  take(visitor: string): boolean {
    const { perSecond, burst, clock } = this.#options;
    if (perSecond === Number.POSITIVE_INFINITY) return true;
    const nowMs = clock.monotonicMs();
    const bucket = this.#buckets.get(visitor) ?? { tokens: burst, atMs: nowMs };
    const earned = ((nowMs - bucket.atMs) / SECOND_MS) * perSecond;
    bucket.tokens = Math.min(burst, bucket.tokens + earned);
    bucket.atMs = nowMs;
    const isAllowed = bucket.tokens >= 1;
    if (isAllowed) bucket.tokens--;
    // To the end of the map: the front is who was here longest ago.
    this.#buckets.delete(visitor);
    this.#buckets.set(visitor, bucket);
    this.#forget();
    return isAllowed;
  }

  #forget(): void {
    if (this.#buckets.size <= VISITORS_MAX) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
