import type { JsonInputObject } from '@skylarkmq/base';
import { javaBody } from './json-body.ts';

/** What was counted in a time. */
export interface StatsWindow {
  readonly sum: number;
  /** A second. */
  readonly tps: number;
  /** Average of one count. */
  readonly avgpt: number;
}

/** One counter over the last minute, hour and day. */
export interface StatsWindows {
  readonly statsMinute: StatsWindow;
  readonly statsHour: StatsWindow;
  readonly statsDay: StatsWindow;
}

/** Body of VIEW_BROKER_STATS_DATA. */
export function encodeBrokerStatsData(stats: StatsWindows): Buffer {
  return javaBody({
    statsDay: windowJson(stats.statsDay),
    statsHour: windowJson(stats.statsHour),
    statsMinute: windowJson(stats.statsMinute),
  });
}

function windowJson({ avgpt, sum, tps }: StatsWindow): JsonInputObject {
  return { avgpt, sum, tps };
}
