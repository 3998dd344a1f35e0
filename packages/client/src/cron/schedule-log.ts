/**
 * What the processes of a schedule tell each other: entries in the only queue of its topic. All of
 * them see the same order, which says what counts.
 */
import {
  type JsonObject,
  jsonNumber,
  jsonObject,
  jsonString,
  parseFastjson,
} from '@skylarkmq/base';

/** When a schedule is due, and since when that is so. */
export interface ScheduleTimes {
  readonly cron: string;
  readonly timezone: string;
  /** When the process started that said so. */
  readonly sinceMs: number;
}

/** `start`: a process joined. `tick`: an occurrence. `cancel`: earlier ticks do not count. */
export interface ScheduleEntry extends ScheduleTimes {
  readonly kind: string;
  /** The occurrence of a tick. */
  readonly atMs: number;
  readonly writtenMs: number;
}

/** Whether a tick counts, and by whose times the schedule goes from now on. */
export interface TickVerdict {
  readonly counts: boolean;
  readonly times: ScheduleTimes;
}

export function encodeEntry(entry: ScheduleEntry): string {
  return JSON.stringify(entry);
}

/** CORRUPT for what is no entry. */
export function decodeEntry(text: string): ScheduleEntry {
  const entry: JsonObject = jsonObject(parseFastjson(text), 'entry');
  return {
    kind: jsonString(entry.get('kind'), 'kind'),
    cron: jsonString(entry.get('cron'), 'cron'),
    timezone: jsonString(entry.get('timezone'), 'timezone'),
    sinceMs: jsonNumber(entry.get('sinceMs'), 'sinceMs'),
    atMs: jsonNumber(entry.get('atMs'), 'atMs'),
    writtenMs: jsonNumber(entry.get('writtenMs'), 'writtenMs'),
  };
}

/** Of different times those of the process that started last count. */
export function latestTimes(mine: ScheduleTimes, other: ScheduleTimes): ScheduleTimes {
  return isSame(mine, other) || other.sinceMs <= mine.sinceMs ? mine : other;
}

/**
 * The first tick of an occurrence counts: processes that start, and those that do a tick again
 * after a crash, make more of them. `before` are the entries before it in the queue.
 */
export function judgeTick(
  tick: ScheduleEntry,
  before: readonly ScheduleEntry[],
  mine: ScheduleTimes,
): TickVerdict {
  let cancelledMs = -1;
  let times = latestTimes(mine, tick);
  for (const entry of before) {
    if (entry.kind === 'cancel') cancelledMs = Math.max(cancelledMs, entry.writtenMs);
    else times = latestTimes(times, entry);
  }
  const isOlder = (entry: ScheduleEntry): boolean => entry.writtenMs <= cancelledMs;
  const isSecond = before.some(
    (entry) =>
      entry.kind === 'tick' && entry.atMs >= tick.atMs && isSame(entry, tick) && !isOlder(entry),
  );
  return { counts: isSame(tick, times) && !isOlder(tick) && !isSecond, times };
}

function isSame(a: ScheduleTimes, b: ScheduleTimes): boolean {
  return a.cron === b.cron && a.timezone === b.timezone;
}
