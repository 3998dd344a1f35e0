import type { Clock } from '../time/clock.ts';

/** The machine's own clocks. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
