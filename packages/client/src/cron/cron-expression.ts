/** Cron expressions: five fields, or six with seconds first. Only reads them; see next-time.ts. */
import { MqError, MqErrorCode } from '@skylarkmq/base';

/** The allowed values of each field. */
export interface CronFields {
  readonly seconds: ReadonlySet<number>;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** A day must be in both of `days` and `weekdays`; otherwise in one of them. */
  readonly needsBothDays: boolean;
  /** Every hour counts: then hours that a clock shows twice count twice. */
  readonly isHourly: boolean;
}

interface Kind {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN'].concat([
  ...['JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
]);
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const SECOND: Kind = { name: 'second', min: 0, max: 59 };
const MINUTE: Kind = { name: 'minute', min: 0, max: 59 };
const HOUR: Kind = { name: 'hour', min: 0, max: 23 };
const DAY: Kind = { name: 'day of the month', min: 1, max: 31 };
const MONTH: Kind = { name: 'month', min: 1, max: 12, names: MONTHS };
/** 7 is Sunday, too. */
const WEEKDAY: Kind = { name: 'day of the week', min: 0, max: 7, names: WEEKDAYS };

const NICKNAMES: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);
const TEXT_MAX = 256;
const DIGITS = /^\d{1,4}$/;

/** Reads an expression; INVALID_ARGUMENT says which field is wrong, and why. */
export function parseCron(text: string): CronFields {
  if (text.length > TEXT_MAX) throw wrong(`it has more than ${TEXT_MAX} characters`);
  const trimmed = text.trim();
  const fields = (NICKNAMES.get(trimmed.toLowerCase()) ?? trimmed).split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  const [second = '', minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (fields.length !== 6 || weekday === '') {
    throw wrong(`${JSON.stringify(text)} has not 5 fields, or 6 with seconds first`);
  }
  const weekdays = valuesOf(weekday, WEEKDAY);
  if (weekdays.delete(7)) weekdays.add(0);
  return {
    seconds: valuesOf(second, SECOND),
    minutes: valuesOf(minute, MINUTE),
    hours: valuesOf(hour, HOUR),
    days: valuesOf(day, DAY),
    months: valuesOf(month, MONTH),
    weekdays,
    needsBothDays: isAny(day) || isAny(weekday),
    isHourly: isAny(hour),
  };
}

/** Whether a field begins with "every": such a day does not restrict the other kind of day. */
function isAny(field: string): boolean {
  return field.startsWith('*') || field.startsWith('?');
}

function valuesOf(field: string, kind: Kind): Set<number> {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', stepText, ...more] = part.split('/');
    const step = stepText === undefined ? 1 : numberOf(stepText, kind);
    if (more.length > 0 || step < 1) throw wrongPart(part, kind);
    const [from, to] = boundsOf(range, stepText !== undefined, kind);
    if (from > to) throw wrongPart(part, kind);
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return values;
}

function boundsOf(range: string, hasStep: boolean, kind: Kind): [number, number] {
  const top = kind.names?.length === 7 ? 6 : kind.max;
  if (range === '*' || range === '?') return [kind.min, top];
  const [fromText = '', toText, ...more] = range.split('-');
  if (more.length > 0) throw wrongPart(range, kind);
  const from = valueIn(fromText, kind);
  if (toText === undefined) return [from, hasStep ? top : from];
  return [from, valueIn(toText, kind)];
}

function valueIn(text: string, kind: Kind): number {
  const named = kind.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? kind.min + named : numberOf(text, kind);
  if (value < kind.min || value > kind.max) throw wrongPart(text, kind);
  return value;
}

function numberOf(text: string, kind: Kind): number {
  if (!DIGITS.test(text)) throw wrongPart(text, kind);
  return Number(text);
}

function wrongPart(part: string, { name, min, max, names }: Kind): MqError {
  const also = names === undefined ? '' : `, or ${names[0]} to ${names[names.length - 1]}`;
  return wrong(`${JSON.stringify(part)} is no ${name}: ${min} to ${max}${also}, with - , / and *`);
}

function wrong(why: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, `The cron expression is wrong: ${why}`);
}
