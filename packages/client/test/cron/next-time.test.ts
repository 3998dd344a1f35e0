import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCron } from '../../src/cron/cron-expression.ts';
import { nextTime, zoneOffset } from '../../src/cron/next-time.ts';

/** The first times after one, as ISO text without milliseconds. */
function times(text: string, after: string, count: number, zone = 'UTC'): string[] {
  const cron = parseCron(text);
  const offsetAt = zoneOffset(zone);
  const found: string[] = [];
  let at = nextTime(cron, Date.parse(after), offsetAt);
  while (at !== undefined && found.length < count) {
    found.push(new Date(at).toISOString().replace('.000Z', 'Z'));
    at = nextTime(cron, at, offsetAt);
  }
  return found;
}

test('fields, steps, lists and names', () => {
  const after = '2026-01-01T00:00:00Z';
  assert.deepEqual(times('*/20 * * * *', after, 3), [
    ...['2026-01-01T00:20:00Z', '2026-01-01T00:40:00Z', '2026-01-01T01:00:00Z'],
  ]);
  assert.deepEqual(times('5,10 30 8 * * *', after, 2), [
    ...['2026-01-01T08:30:05Z', '2026-01-01T08:30:10Z'],
  ]);
  assert.deepEqual(times('0 9 * * MON-fri', '2026-01-02T10:00:00Z', 2), [
    ...['2026-01-05T09:00:00Z', '2026-01-06T09:00:00Z'],
  ]);
  assert.deepEqual(times('0 0 13 * 5', '2026-01-01T12:00:00Z', 3), [
    ...['2026-01-02T00:00:00Z', '2026-01-09T00:00:00Z', '2026-01-13T00:00:00Z'],
  ]);
  assert.deepEqual(times('0 0 29 2 *', after, 2), ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z']);
  assert.deepEqual(times('@monthly', after, 1), ['2026-02-01T00:00:00Z']);
  assert.deepEqual(times('0 12 * * 7', after, 1), ['2026-01-04T12:00:00Z']);
  assert.deepEqual(times('0 0 30 2 *', after, 1), []);
});

test('an hour that is left out: what falls into it is due after it', () => {
  const before = '2026-03-08T05:00:00Z';
  // New York goes from 02:00 EST to 03:00 EDT at 07:00Z.
  assert.deepEqual(times('30 2 * * *', before, 2, 'America/New_York'), [
    ...['2026-03-08T07:00:00Z', '2026-03-09T06:30:00Z'],
  ]);
  assert.deepEqual(times('30 * * * *', before, 3, 'America/New_York'), [
    ...['2026-03-08T05:30:00Z', '2026-03-08T06:30:00Z', '2026-03-08T07:30:00Z'],
  ]);
});

test('an hour that is shown twice counts once, and twice for every hour', () => {
  const before = '2026-11-01T04:45:00Z';
  // New York goes from 02:00 EDT back to 01:00 EST at 06:00Z.
  assert.deepEqual(times('30 1 * * *', before, 2, 'America/New_York'), [
    ...['2026-11-01T05:30:00Z', '2026-11-02T06:30:00Z'],
  ]);
  assert.deepEqual(times('30 * * * *', before, 3, 'America/New_York'), [
    ...['2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z', '2026-11-01T07:30:00Z'],
  ]);
  assert.deepEqual(times('0 12 * * *', '2026-10-25T00:00:00Z', 1, 'Europe/Berlin'), [
    '2026-10-25T11:00:00Z',
  ]);
});

test('what is no expression or no zone is refused with its field', () => {
  const wrong: readonly [string, RegExp][] = [
    ['* * * *', /5 fields, or 6/],
    ['60 * * * *', /"60" is no minute: 0 to 59/],
    ['* 5-3 * * *', /"5-3" is no hour/],
    ['* * 0 * *', /day of the month/],
    ['* * * FOO *', /"FOO" is no month: 1 to 12, or JAN to DEC/],
    ['*/0 * * * *', /minute/],
    ['1-2-3 * * * *', /minute/],
    ['1/2/3 * * * *', /minute/],
    ['x'.repeat(300), /256 characters/],
  ];
  for (const [text, message] of wrong) {
    assert.throws(() => parseCron(text), { code: 'INVALID_ARGUMENT', message });
  }
  assert.throws(() => zoneOffset('Mars/Base'), { code: 'INVALID_ARGUMENT', message: /Mars/ });
});
