/**
 * Counts per topic what a consumer pulled and consumed in the last minute, for the tools that ask
 * a client how it is doing. Buckets of ten seconds, so that nothing is kept per message.
 */
import type { Clock } from '@skylarkmq/base';

const BUCKET_MS = 10_000;
const BUCKETS = 6;
const WINDOW_SECONDS: number = (BUCKET_MS * BUCKETS) / 1_000;
const TOPICS_MAX = 10_000;

/** Rates per second and mean times in milliseconds over the last minute. */
export interface TopicStatistics {
  readonly pullRtMs: number;
  readonly pullTps: number;
  readonly consumeRtMs: number;
  readonly consumeOkTps: number;
  readonly consumeFailedTps: number;
  /** Failures since the start. */
  readonly consumeFailedCount: number;
}

interface Bucket {
  slot: number;
  pulls: number;
  pullMs: number;
  pulled: number;
  ok: number;
  failed: number;
  consumeMs: number;
}

interface Topic {
  readonly buckets: Bucket[];
  failedTotal: number;
}

/** The counters of one consumer. */
export class ConsumeStatistics {
  readonly #clock: Clock;
  readonly #topics = new Map<string, Topic>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  pulled(topic: string, messages: number, tookMs: number): void {
    const bucket = this.#bucket(topic);
    bucket.pulls++;
    bucket.pulled += messages;
    bucket.pullMs += tookMs;
  }

  consumed(topic: string, ok: boolean, tookMs: number): void {
    const bucket = this.#bucket(topic);
    bucket.consumeMs += tookMs;
    if (ok) {
      bucket.ok++;
      return;
    }
    bucket.failed++;
    const entry = this.#topics.get(topic);
    if (entry !== undefined) entry.failedTotal++;
  }

  /** The figures of every topic seen. */
  snapshot(): ReadonlyMap<string, TopicStatistics> {
    const result = new Map<string, TopicStatistics>();
    for (const [name, topic] of this.#topics) result.set(name, this.#summary(topic));
    return result;
  }

  #summary(topic: Topic): TopicStatistics {
    const oldest = this.#slot() - BUCKETS;
    const sum: Bucket = newBucket(0);
    for (const bucket of topic.buckets) {
      if (bucket.slot <= oldest) continue;
      sum.pulls += bucket.pulls;
      sum.pullMs += bucket.pullMs;
      sum.pulled += bucket.pulled;
      sum.ok += bucket.ok;
      sum.failed += bucket.failed;
      sum.consumeMs += bucket.consumeMs;
    }
    const consumed = sum.ok + sum.failed;
    return {
      pullRtMs: sum.pulls === 0 ? 0 : sum.pullMs / sum.pulls,
      pullTps: sum.pulled / WINDOW_SECONDS,
      consumeRtMs: consumed === 0 ? 0 : sum.consumeMs / consumed,
      consumeOkTps: sum.ok / WINDOW_SECONDS,
      consumeFailedTps: sum.failed / WINDOW_SECONDS,
      consumeFailedCount: topic.failedTotal,
    };
  }

  #bucket(name: string): Bucket {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      if (this.#topics.size >= TOPICS_MAX) return newBucket(0);
      topic = { buckets: [], failedTotal: 0 };
      this.#topics.set(name, topic);
    }
    const slot = this.#slot();
    const last = topic.buckets.at(-1);
    if (last !== undefined && last.slot === slot) return last;
    const bucket = newBucket(slot);
    topic.buckets.push(bucket);
    if (topic.buckets.length > BUCKETS) topic.buckets.shift();
    return bucket;
  }

  #slot(): number {
    return Math.floor(this.#clock.monotonicMs() / BUCKET_MS);
  }
}

function newBucket(slot: number): Bucket {
  return { slot, pulls: 0, pullMs: 0, pulled: 0, ok: 0, failed: 0, consumeMs: 0 };
}
