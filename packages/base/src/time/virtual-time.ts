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
/** However much goes on, time moves on after so many. */
const TURNS_PER_INSTANT_MAX = 10_000;
/** Periodic work is not done more rarely than this however long the time that passes at once. */
const STRETCHED_PERIOD_MS_MAX = 300_000;

/** How virtual time passes. */
export interface VirtualTimeOptions {
  /** Default 2026-01-01T00:00:00Z. */
  readonly startMs?: number;
  /**
   * How often periodic work is done at most while one `advance` passes; with more, periods, and
   * the pauses of loops (`pace`), become longer, up to five minutes. Single delays stay exact, and
   * what falls due at one instant is done without a turn of the event loop between. Default: as
   * often as its period says.
   */
  readonly firingsMax?: number;
  /**
   * A number that changes while something goes on that time must wait for, such as a count of
   * requests. Default: time waits for a few turns of the event loop.
   */
  readonly activity?: () => number;
}

/** Only `advance` moves it. */
export class VirtualTime implements Clock, Scheduler {
  readonly #real: Pick<Scheduler, 'immediate' | 'nextTick'>;
  #nowMs: number;
  readonly #startMs: number;
  #entries: Entry[] = [];
  #order = 0;
  /** Where the `advance` that is under way ends, and the shortest period in it. */
  #targetMs = 0;
  #periodMsMin = 0;
  readonly #firingsMax: number;
  readonly #activity: () => number;

  constructor(
    real: Pick<Scheduler, 'immediate' | 'nextTick'>,
    options: number | VirtualTimeOptions = {},
  ) {
    const {
      startMs = 1_767_225_600_000,
      firingsMax,
      activity,
    } = typeof options === 'number' ? { startMs: options } : options;
    this.#real = real;
    this.#startMs = startMs;
    this.#nowMs = startMs;
    this.#firingsMax = firingsMax ?? Number.POSITIVE_INFINITY;
    this.#activity = activity ?? (() => 0);
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

  pace(delayMs: number, work: () => void): Timer {
    return this.#add(this.#nextDueMs(Math.max(0, delayMs)) - this.#nowMs, undefined, work);
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
    this.#targetMs = targetMs;
    this.#periodMsMin = Math.min(STRETCHED_PERIOD_MS_MAX, byMs / this.#firingsMax);
    await this.#settle();
    for (let next = this.#earliest(); next !== undefined; next = this.#earliest()) {
      if (next.dueMs > targetMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      for (const entry of this.#together(next)) if (!entry.cancelled) this.#fire(entry);
      await this.#settle();
    }
    this.#nowMs = targetMs;
    await this.#settle();
    this.#periodMsMin = 0;
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

  /** What is done with the next entry before the event loop turns, in order. */
  #together(next: Entry): readonly Entry[] {
    if (this.#firingsMax === Number.POSITIVE_INFINITY) return [next];
    return this.#entries
      .filter(({ dueMs }) => dueMs <= this.#nowMs)
      .sort((left, right) => left.dueMs - right.dueMs || left.order - right.order);
  }

  #fire(entry: Entry): void {
    if (entry.periodMs === undefined) this.#entries = this.#entries.filter((one) => one !== entry);
    else entry.dueMs = this.#nextDueMs(entry.periodMs);
    entry.work();
  }

  /** Stretched while long times pass, but at the end everything is as late as its period says. */
  #nextDueMs(periodMs: number): number {
    const exactMs = this.#nowMs + periodMs;
    const stretchedMs = this.#nowMs + Math.max(periodMs, this.#periodMsMin);
    return Math.max(exactMs, Math.min(stretchedMs, this.#targetMs));
  }

  /** Waits until a few turns of the event loop went by in which nothing happened. */
  async #settle(): Promise<void> {
    let quiet = 0;
    for (let turn = 0; quiet < TURNS_PER_INSTANT && turn < TURNS_PER_INSTANT_MAX; turn++) {
      const before = this.#activity();
      await new Promise<void>((resolve) => this.#real.immediate(resolve));
      quiet = this.#activity() === before ? quiet + 1 : 0;
    }
  }
}
