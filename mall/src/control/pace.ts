/**
 * Does work so many times a second, a fixed number of them at a time. What cannot keep up is left
 * out, not saved up: a load generator that catches up afterwards measures something else.
 */

/** What a {@link Pace} uses. */
export interface PaceDeps {
  readonly clock: { nowMs(): number };
  /** One piece of work; what it throws is counted. */
  readonly work: () => Promise<void>;
}

/** What was done. */
export interface PaceCounts {
  readonly ratePerSecond: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  /** Left out, because as much as is allowed was under way. */
  readonly skipped: number;
  readonly lastError: string | null;
}

/** Largest rate. */
export const RATE_MAX = 500;
const RUNNING_MAX = 256;
const TICK_MS = 20;

/** See the head of this file. */
export class Pace {
  readonly #deps: PaceDeps;
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #ratePerSecond = 0;
  #startedMs = 0;
  #due = 0;
  #done = 0;
  #failed = 0;
  #skipped = 0;
  #lastError: string | null = null;

  constructor(deps: PaceDeps) {
    this.#deps = deps;
  }

  get counts(): PaceCounts {
    return {
      ratePerSecond: this.#ratePerSecond,
      running: this.#running.size,
      done: this.#done,
      failed: this.#failed,
      skipped: this.#skipped,
      lastError: this.#lastError,
    };
  }

  /** From now on so many a second; 0 ends it, what is under way goes on. */
  set(ratePerSecond: number): void {
    this.#ratePerSecond = ratePerSecond;
    this.#startedMs = this.#deps.clock.nowMs();
    this.#due = 0;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (ratePerSecond === 0) return;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  /** No more; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.set(0);
    await Promise.all(this.#running);
  }

  #tick(): void {
    const spentMs = this.#deps.clock.nowMs() - this.#startedMs;
    const due = Math.floor((spentMs * this.#ratePerSecond) / 1000);
    // After a pause of the process there is not more to do than in one second.
    this.#due = Math.max(this.#due, due - this.#ratePerSecond);
    while (this.#due < due) {
      this.#due++;
      if (this.#running.size >= RUNNING_MAX) this.#skipped++;
      else this.#run();
    }
  }

  #run(): void {
    const run = this.#deps
      .work()
      .then(
        () => {
          this.#done++;
        },
        (thrown: unknown) => {
          this.#failed++;
          this.#lastError = thrown instanceof Error ? thrown.message : String(thrown);
        },
      )
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }
}
