import type { Scheduler, Timer } from '../time/scheduler.ts';

/** Longer delays overflow Node's timers and would fire at once. */
const DELAY_MAX_MS = 0x7fffffff;

/** Node's own timers, unref'ed: they never keep a process alive by themselves. */
export const realScheduler: Scheduler = {
  after,
  pace: after,
  every(periodMs, work): Timer {
    const timer = setInterval(work, Math.min(periodMs, DELAY_MAX_MS));
    timer.unref();
    return { cancel: () => clearInterval(timer) };
  },
  immediate(work) {
    setImmediate(work);
  },
  nextTick(work) {
    process.nextTick(work);
  },
};

function after(delayMs: number, work: () => void): Timer {
  const timer = setTimeout(work, Math.min(delayMs, DELAY_MAX_MS));
  timer.unref();
  return { cancel: () => clearTimeout(timer) };
}
