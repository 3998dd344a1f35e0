/**
 * When a cron expression is due next, by the clock of a time zone. Where a clock goes forward, what
 * falls into the hour that is left out is due right after it. Where it goes back, an hour that is
 * shown twice counts once, but twice for expressions of every hour.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { CronFields } from './cron-expression.ts';

/** Local time as if it were UTC, and the other way round. */
export type ZoneOffset = (atMs: number) => number;

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
/** No clock is changed by more. */
const CHANGE_MS_MAX = 3 * HOUR_MS;
/** The 29th of February may be eight years away. */
const YEARS_MAX = 9;
/** Changes of the clock that are passed on the way to one time. */
const CHANGES_MAX = 64;

/** How far the clock of a zone is ahead of UTC. INVALID_ARGUMENT for a zone that nobody knows. */
export function zoneOffset(timezone: string): ZoneOffset {
  const format = formatOf(timezone);
  return (atMs) => {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name) ?? 0);
    const day = [part('year'), part('month') - 1, part('day')] as const;
    const local = Date.UTC(...day, part('hour'), part('minute'), part('second'));
    return local - Math.floor(atMs / SECOND_MS) * SECOND_MS;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
    const time = { hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
    return new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...numeric, ...time });
  } catch (cause) {
    const message = `Nobody knows the time zone ${JSON.stringify(timeZone)}: give one as UTC`;
    throw new MqError(MqErrorCode.InvalidArgument, message, { cause });
  }
}

/** The first time after `afterMs`; undefined when there never is one, as for February 30. */
export function nextTime(
  cron: CronFields,
  afterMs: number,
  offsetAt: ZoneOffset,
): number | undefined {
  let offset = offsetAt(afterMs);
  let local = afterMs + offset;
  let fromMs = afterMs;
  for (let changes = 0; changes < CHANGES_MAX; changes++) {
    const found = nextLocal(cron, local);
    if (found === undefined) return undefined;
    const atMs = found - offset;
    if (offsetAt(atMs) === offset) {
      if (cron.isHourly || !isShownAgain(atMs, offset, offsetAt)) return atMs;
      local = found;
      continue;
    }
    const changeMs = changeBetween(fromMs, atMs, offset, offsetAt);
    const later = offsetAt(changeMs);
    const isLeftOut = found >= changeMs + offset && found < changeMs + later;
    if (isLeftOut && !cron.isHourly) return changeMs;
    fromMs = changeMs;
    local = changeMs - 1 + later;
    offset = later;
  }
  return undefined;
}

/** Whether clocks showed the same a while before. */
function isShownAgain(atMs: number, offset: number, offsetAt: ZoneOffset): boolean {
  const before = offsetAt(atMs - CHANGE_MS_MAX);
  const beforeMs = atMs + offset - before;
  return beforeMs < atMs && offsetAt(beforeMs) === before;
}

/** The first moment with another offset than `offset`, which counts at `fromMs`. */
function changeBetween(fromMs: number, toMs: number, offset: number, offsetAt: ZoneOffset): number {
  let low = fromMs;
  let high = toMs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

function nextLocal(cron: CronFields, afterLocal: number): number | undefined {
  const at = new Date((Math.floor(afterLocal / SECOND_MS) + 1) * SECOND_MS);
  const lastYear = at.getUTCFullYear() + YEARS_MAX;
  while (at.getUTCFullYear() <= lastYear) {
    if (!cron.months.has(at.getUTCMonth() + 1)) {
      at.setUTCMonth(at.getUTCMonth() + 1, 1);
      at.setUTCHours(0, 0, 0);
    } else if (!isDay(cron, at)) {
      at.setUTCDate(at.getUTCDate() + 1);
      at.setUTCHours(0, 0, 0);
    } else if (!cron.hours.has(at.getUTCHours())) at.setUTCHours(at.getUTCHours() + 1, 0, 0);
    else if (!cron.minutes.has(at.getUTCMinutes())) at.setUTCMinutes(at.getUTCMinutes() + 1, 0);
    else if (!cron.seconds.has(at.getUTCSeconds())) at.setUTCSeconds(at.getUTCSeconds() + 1);
    else return at.getTime();
  }
  return undefined;
}

function isDay({ days, weekdays, needsBothDays }: CronFields, at: Date): boolean {
  const isOfMonth = days.has(at.getUTCDate());
  const isOfWeek = weekdays.has(at.getUTCDay());
  return needsBothDays ? isOfMonth && isOfWeek : isOfMonth || isOfWeek;
}
