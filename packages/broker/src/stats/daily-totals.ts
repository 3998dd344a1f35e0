/** How many messages had come in and gone out at the last two midnights. */

/** Totals at one instant. */
export interface Totals {
  readonly put: number;
  readonly get: number;
}

export class DailyTotals {
  yesterdayMorning: Totals = { put: 0, get: 0 };
  todayMorning: Totals = { put: 0, get: 0 };

  /** To be called at midnight with what is counted until then. */
  turn(now: Totals): void {
    this.yesterdayMorning = this.todayMorning;
    this.todayMorning = now;
  }
}

/** Milliseconds until the next midnight, local time; at least 1. */
export function untilMidnightMs(nowMs: number): number {
  const now = new Date(nowMs);
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  return Math.max(1, midnight.getTime() - nowMs);
}
