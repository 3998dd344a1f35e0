/** A timer that was started; cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * The port to deferred work. Timers follow the virtual clock in tests; `immediate` and `nextTick`
 * are always the event loop's own: they order work, they do not wait for time.
 */
export interface Scheduler {
  /** Runs `work` once after `delayMs` (integer >= 0). Does not keep the process alive by itself. */
  after(delayMs: number, work: () => void): Timer;
  /**
   * Like `after`, for the pauses of a loop that only looks whether there is something to do:
   * virtual time may make them longer while long times pass at once.
   */
  pace(delayMs: number, work: () => void): Timer;
  /** Runs `work` every `periodMs`, first after one period. Does not keep the process alive. */
  every(periodMs: number, work: () => void): Timer;
  /** Runs `work` after the I/O events of this turn of the event loop (setImmediate). */
  immediate(work: () => void): void;
  /** Runs `work` as soon as the current callback returns (process.nextTick). */
  nextTick(work: () => void): void;
}
