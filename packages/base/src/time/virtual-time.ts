/**
 * Time that stands still until it is advanced: clock and scheduler in one, for tests. A delay of
 * two hours fires in a moment, in the same order as it would have.
 */
import type { Clock } from './clock.ts';
import type { Scheduler, Timer } from './scheduler.ts';

interface Entry {
  dueMs: number;
  readonly order: number;
  readonly periodMs: number | undefined;
  readonly work: () => void;
  cancelled: boolean;
}

/** Turns of the event loop that `advance` waits after each instant, so that I/O can settle. */
const TURNS_PER_INSTANT = 3;

/** Starts at `startMs` (default 2026-01-01T00:00:00Z); only `advance` moves it. */
export class VirtualTime implements Clock, Scheduler {
  readonly #real: Pick<Scheduler, 'immediate' | 'nextTick'>;
  #nowMs: number;
  readonly #startMs: number;
  #entries: Entry[] = [];
  #order = 0;

  constructor(real: Pick<Scheduler, 'immediate' | 'nextTick'>, startMs = 1_767_225_600_000) {
    this.#real = real;
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  after(delayMs: number, work: () => void): Timer {
    return this.#add(delayMs, undefined, work);
  }

  every(periodMs: number, work: () => void): Timer {
    return this.#add(periodMs, Math.max(1, periodMs), work);
  }

  immediate(work: () => void): void {
    this.#real.immediate(work);
  }

  nextTick(work: () => void): void {
    this.#real.nextTick(work);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#entries.length;
  }

  /**
   * Moves time on by `byMs`, firing what falls due on the way in order; between two instants the
   * event loop turns, so that what a timer caused happens before the next one fires.
   */
  async advance(byMs: number): Promise<void> {
    const targetMs = this.#nowMs + byMs;
    await this.#settle();
    for (let next = this.#earliest(); next !== undefined; next = this.#earliest()) {
      if (next.dueMs > targetMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      this.#fire(next);
      await this.#settle();
    }
    this.#nowMs = targetMs;
    await this.#settle();
  }

  #add(delayMs: number, periodMs: number | undefined, work: () => void): Timer {
    const dueMs = this.#nowMs + Math.max(0, delayMs);
    const entry = { dueMs, order: this.#order++, periodMs, work, cancelled: false };
    this.#entries.push(entry);
    return {
      cancel: () => {
        entry.cancelled = true;
        this.#entries = this.#entries.filter((one) => one !== entry);
      },
    };
  }

  #earliest(): Entry | undefined {
    let best: Entry | undefined;
    for (const entry of this.#entries) {
      if (best === undefined || entry.dueMs < best.dueMs) best = entry;
      else if (entry.dueMs === best.dueMs && entry.order < best.order) best = entry;
    }
    return best;
  }

  #fire(entry: Entry): void {
    if (entry.periodMs === undefined) this.#entries = this.#entries.filter((one) => one !== entry);
    else entry.dueMs = this.#nowMs + entry.periodMs;
    entry.work();
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < TURNS_PER_INSTANT; turn++) {
      await new Promise<void>((resolve) => this.#real.immediate(resolve));
    }
  }
}
