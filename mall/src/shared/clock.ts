/** The mall's only source of time: an argument, so that tests can have their own. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number;
  /** Never goes back; for durations. */
  monotonicMs(): number;
  /** Resolves after the time, or at once when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // Being woken early is what the signal is for.
      if (signal?.aborted !== true) throw error;
    }
  },
};

/** A jitter for pauses: between half of the time and all of it. */
export function jittered(ms: number): number {
  return ms / 2 + Math.random() * (ms / 2);
}
