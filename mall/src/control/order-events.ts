/** Tells the control room's own buyers what became of their orders. */
import type { TimelineEvent } from '../shared/messaging/events.ts';

/** What is waited for: the order is confirmed, or it is not to be. */
export type Decided = 'confirmed' | 'cancelled';

/** Outcomes that are remembered for those who ask a moment later. */
const REMEMBERED_MAX = 20_000;

/** See the head of this file. */
export class OrderEvents {
  readonly #decided = new Map<string, Decided>();
  readonly #waiting = new Map<string, (decided: Decided | undefined) => void>();

  /** An event has arrived; the first that decides counts. */
  record({ orderId, type }: Pick<TimelineEvent, 'orderId' | 'type'>): void {
    if (type !== 'confirmed' && type !== 'cancelled') return;
    if (this.#decided.has(orderId)) return;
    this.#decided.set(orderId, type);
    const [oldest] = this.#decided.keys();
    if (this.#decided.size > REMEMBERED_MAX && oldest !== undefined) this.#decided.delete(oldest);
    this.#waiting.get(orderId)?.(type);
  }

  /** What was decided; undefined when it takes longer than that. */
  decided(orderId: string, timeoutMs: number): Promise<Decided | undefined> {
    const known = this.#decided.get(orderId);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      const end = (decided: Decided | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(orderId);
        resolve(decided);
      };
      const timer = setTimeout(end, timeoutMs, undefined);
      timer.unref();
      this.#waiting.set(orderId, end);
    });
  }

  /** Nobody waits any longer. */
  close(): void {
    for (const end of [...this.#waiting.values()]) end(undefined);
  }
}
