/**
 * Delivers callbacks until the merchant takes them: retried with growing pauses, and given up in
 * the end, as real providers do. What was given up, the merchant finds by asking.
 */
import type { Delivery } from './records.ts';
import { signCallback } from './signature.ts';

/** What a {@link Courier} uses. */
export interface CourierDeps {
  readonly clock: { nowMs(): number };
  readonly secret: string;
  readonly logger: { warn(fields: Readonly<Record<string, unknown>>, text: string): void };
  /** Keeps the outcome of an attempt; undefined: the callback is done with. */
  readonly settled: (id: string, again: Delivery | undefined) => Promise<void>;
}

const CONCURRENCY_MAX = 64;
const ATTEMPTS_MAX = 8;
const TIMEOUT_MS = 10_000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MS_MAX = 60_000;
/** Longest wait of one timer. */
const SLEEP_MS_MAX = 60_000;

/** See the head of this file. */
export class Courier {
  readonly #deps: CourierDeps;
  readonly #waiting = new Map<string, Delivery>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: CourierDeps) {
    this.#deps = deps;
  }

  /** Takes callbacks over; they are stored already. */
  take(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.#waiting.set(delivery.id, delivery);
    this.#wake();
  }

  /** Makes no more attempts; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await Promise.all(this.#running);
  }

  #wake(): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    const nowMs = this.#deps.clock.nowMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const delivery of this.#waiting.values()) {
      if (this.#running.size >= CONCURRENCY_MAX) return;
      if (delivery.dueMs > nowMs) nextMs = Math.min(nextMs, delivery.dueMs);
      else this.#run(delivery);
    }
    if (!Number.isFinite(nextMs)) return;
    const sleepMs = Math.min(nextMs - nowMs, SLEEP_MS_MAX);
    this.#timer = setTimeout(() => this.#wake(), sleepMs);
    this.#timer.unref();
  }

  #run(delivery: Delivery): void {
    this.#waiting.delete(delivery.id);
    const run = this.#attempt(delivery)
      .catch((error: unknown) => {
        // The journal failed: the callback is still in it and comes again with the next start.
        this.#deps.logger.warn({ error, id: delivery.id }, 'The outcome of a callback is not kept');
      })
      .finally(() => {
        this.#running.delete(run);
        this.#wake();
      });
    this.#running.add(run);
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { clock, logger, settled } = this.#deps;
    const refusal = await this.#post(delivery);
    if (this.#stop.signal.aborted && refusal !== undefined) return;
    const attempts = delivery.attempts + 1;
    if (refusal === undefined || attempts >= ATTEMPTS_MAX) {
      if (refusal !== undefined) {
        logger.warn({ id: delivery.id, attempts, refusal }, 'A callback is given up');
      }
      await settled(delivery.id, undefined);
      return;
    }
    const pauseMs = Math.min(BACKOFF_FIRST_MS * 2 ** delivery.attempts, BACKOFF_MS_MAX);
    const again = { ...delivery, attempts, dueMs: clock.nowMs() + pauseMs };
    await settled(delivery.id, again);
    this.#waiting.set(again.id, again);
  }

  /** Why it was not taken; undefined: it was. */
  async #post({ url, body, isForged }: Delivery): Promise<string | undefined> {
    const { clock, secret } = this.#deps;
    const key = isForged ? `not ${secret}` : secret;
    const { timestamp, signature } = signCallback(key, body, clock.nowMs());
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-provider-timestamp': timestamp,
          'x-provider-signature': signature,
        },
        body,
        signal: AbortSignal.any([timeout, this.#stop.signal]),
        redirect: 'error',
      });
      await answer.arrayBuffer();
      return answer.ok ? undefined : `status ${answer.status}`;
    } catch (thrown) {
      return thrown instanceof Error ? thrown.message : String(thrown);
    }
  }
}
