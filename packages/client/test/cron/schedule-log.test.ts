import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeEntry,
  encodeEntry,
  judgeTick,
  latestTimes,
  type ScheduleEntry,
} from '../../src/cron/schedule-log.ts';

const MINE = { cron: '* * * * *', timezone: 'UTC', sinceMs: 100 };

function entry(kind: string, atMs: number, writtenMs: number, more = {}): ScheduleEntry {
  return { ...MINE, kind, atMs, writtenMs, ...more };
}

test('the first tick of an occurrence counts', () => {
  const before = [entry('start', 0, 100), entry('tick', 1000, 101)];
  assert.equal(judgeTick(entry('tick', 2000, 1000), before, MINE).counts, true);
  assert.equal(judgeTick(entry('tick', 1000, 105), before, MINE).counts, false);
  assert.equal(judgeTick(entry('tick', 500, 105), before, MINE).counts, false);
});

test('ticks from before a cancel do not count, and are no first ones', () => {
  const before = [entry('tick', 1000, 101), entry('cancel', 0, 200)];
  assert.equal(judgeTick(entry('tick', 2000, 150), before, MINE).counts, false);
  assert.equal(judgeTick(entry('tick', 1000, 201), before, MINE).counts, true);
});

test('of different times those of the last start count', () => {
  const other = { cron: '0 * * * *', timezone: 'UTC', sinceMs: 300 };
  const started = entry('start', 0, 300, other);
  const mine = judgeTick(entry('tick', 2000, 1000), [started], MINE);
  assert.equal(mine.counts, false);
  assert.deepEqual(latestTimes(MINE, mine.times), mine.times);
  assert.equal(mine.times.cron, other.cron);
  const theirs = judgeTick(entry('tick', 2000, 1000, other), [], MINE);
  assert.equal(theirs.counts, true);
  assert.equal(theirs.times.cron, other.cron);
  const old = judgeTick(entry('tick', 2000, 1000, { ...other, sinceMs: 50 }), [], MINE);
  assert.equal(old.counts, false);
});

test('entries are read as they were written', () => {
  const one = entry('tick', 1000, 101);
  assert.deepEqual(decodeEntry(encodeEntry(one)), one);
  assert.throws(() => decodeEntry('{"kind":1}'));
});
