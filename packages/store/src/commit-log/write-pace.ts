/** Judges by how long writes take whether they may hold up the event loop. */
import type { Logger } from '@skylarkmq/base';

/** A synchronous write that takes longer holds up the event loop: somebody throttles us. */
const SLOW_WRITE_MS = 20;
const SLOW_WRITES_TO_SWITCH = 2;
/** An asynchronous write that is quicker counts towards going back. */
const FAST_WRITE_MS = 4;
const FAST_WRITES_TO_SWITCH = 32;

/** Says how the next write is to be done. */
export class WritePace {
  /** Whether the kernel made synchronous writes too slow. */
  isAsynchronous = false;
  readonly #logger: Logger;
  #slow = 0;
  #fast = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** A write held up the event loop for so long. */
  wroteSync(elapsedMs: number): void {
    this.#slow = elapsedMs < SLOW_WRITE_MS ? 0 : this.#slow + 1;
    if (this.#slow < SLOW_WRITES_TO_SWITCH) return;
    this.#slow = 0;
    this.isAsynchronous = true;
    this.#logger.warn({ elapsedMs }, 'The disk is slow: writing asynchronously');
  }

  /** A write in the thread pool took so long. */
  wroteAsync(elapsedMs: number): void {
    if (!this.isAsynchronous) return;
    this.#fast = elapsedMs < FAST_WRITE_MS ? this.#fast + 1 : 0;
    if (this.#fast < FAST_WRITES_TO_SWITCH) return;
    this.#fast = 0;
    this.isAsynchronous = false;
    this.#logger.info({}, 'The disk has recovered: writing in the same tick again');
  }
}
