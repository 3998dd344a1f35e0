/**
 * Where pulled messages wait for hands: consumers (a `for await` loop, the workers of `run`) take
 * from here, queue after queue in turn, so that a busy queue does not starve the others. In
 * ordered mode a queue hands out nothing while one of its messages is out.
 */
import type { Clock } from '@skylarkmq/base';
import type { CachedMessage, ProcessQueue } from './process-queue.ts';

/** Decides whether a queue may hand out a message right now (order, locks, suspension). */
export type DeliveryGate = (processQueue: ProcessQueue) => boolean;

interface Taker {
  readonly max: number;
  readonly resolve: (batch: readonly CachedMessage[]) => void;
}

const NOTHING: readonly CachedMessage[] = [];

/** The line itself; {@link ready} must be called whenever a queue may have become deliverable. */
export class DeliveryLine {
  readonly #clock: Clock;
  readonly #gate: DeliveryGate;
  readonly #ready = new Set<ProcessQueue>();
  #takers: Taker[] = [];
  #closed = false;

  constructor(clock: Clock, gate: DeliveryGate) {
    this.#clock = clock;
    this.#gate = gate;
  }

  /** Says that `processQueue` may have something to hand out. */
  ready(processQueue: ProcessQueue): void {
    if (this.#closed || !this.#mayDeliver(processQueue)) return;
    this.#ready.add(processQueue);
    while (this.#takers.length > 0) {
      const batch = this.#takeNow(this.#takers[0]?.max ?? 1);
      if (batch.length === 0) return;
      this.#takers.shift()?.resolve(batch);
    }
  }

  /**
   * Up to `max` messages of one queue. Waits until there is one; an empty list means that the
   * line was closed or `signal` fired.
   */
  take(
    max: number,
    signal?: AbortSignal,
  ): readonly CachedMessage[] | Promise<readonly CachedMessage[]> {
    if (this.#closed || signal?.aborted === true) return NOTHING;
    const batch = this.#takers.length === 0 ? this.#takeNow(max) : NOTHING;
    return batch.length > 0 ? batch : this.#wait(max, signal);
  }

  /** Ends every wait, now and later. */
  close(): void {
    this.#closed = true;
    const takers = this.#takers;
    this.#takers = [];
    for (const taker of takers) taker.resolve(NOTHING);
    this.#ready.clear();
  }

  #wait(max: number, signal: AbortSignal | undefined): Promise<readonly CachedMessage[]> {
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.#takers = this.#takers.filter((other) => other !== taker);
        resolve(NOTHING);
      };
      const taker: Taker = {
        max,
        resolve: (batch) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(batch);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#takers.push(taker);
    });
  }

  #takeNow(max: number): readonly CachedMessage[] {
    for (const processQueue of this.#ready) {
      this.#ready.delete(processQueue);
      if (!this.#mayDeliver(processQueue)) continue;
      const batch: CachedMessage[] = [];
      const nowMs = this.#clock.nowMs();
      while (batch.length < max) {
        const entry = processQueue.take(nowMs);
        if (entry === undefined) break;
        batch.push(entry);
      }
      // Back to the end of the line, behind the queues that wait longer.
      if (this.#mayDeliver(processQueue)) this.#ready.add(processQueue);
      if (batch.length > 0) return batch;
    }
    return NOTHING;
  }

  #mayDeliver(processQueue: ProcessQueue): boolean {
    return !processQueue.dropped && processQueue.hasWaiting && this.#gate(processQueue);
  }
}
