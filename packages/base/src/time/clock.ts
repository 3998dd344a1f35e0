/** The port to time. Wall time is for stamps that others read, monotonic time for deadlines. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch (integer). May jump. */
  nowMs(): number;
  /** Monotonic clock, milliseconds with fraction, from an arbitrary start. Never jumps. */
  monotonicMs(): number;
}
