/** The bytes of an entry of the timer log: docs/formats/timer.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeTimerUnit,
  encodeTimerUnit,
  TIMER_UNIT_BYTES,
  TimerMagic,
  timerDueMs,
  timerOutMs,
  timerSecond,
} from '../../src/timer/timer-unit.ts';

/** Written by Apache RocketMQ 5.5.0: a message due at 1795773478000, whose cut time is before. */
const APACHES =
  '00000034' +
  '0000000000000034' +
  '00000005' +
  '000001a21c70b088' +
  '00000bb8' +
  '0000000000000a0e' +
  '000001d2' +
  'a85b6f91' +
  '0000000000000000';

test('an entry of Apache is read and written as it is', () => {
  const bytes = Buffer.from(APACHES, 'hex');
  const unit = decodeTimerUnit(bytes, 0, 208);
  assert.ok(unit !== undefined);
  assert.equal(unit.previous, 52);
  assert.equal(unit.magic, TimerMagic.Default | TimerMagic.Delete);
  assert.equal(unit.outMs - unit.writeMs, 3000);
  assert.equal(unit.physicalOffset, 2574);
  assert.equal(unit.recordBytes, 466);
  const again = Buffer.alloc(TIMER_UNIT_BYTES);
  encodeTimerUnit(unit, again, 0);
  assert.equal(again.toString('hex'), APACHES);
});

test('what is no entry is not taken for one', () => {
  const bytes = Buffer.from(APACHES, 'hex');
  assert.equal(decodeTimerUnit(Buffer.alloc(TIMER_UNIT_BYTES), 0, 0), undefined);
  assert.equal(decodeTimerUnit(bytes, 1, 208), undefined);
  // A chain goes back only.
  assert.equal(decodeTimerUnit(bytes, 0, 52), undefined);
  bytes.writeInt32BE(9, 12);
  assert.equal(decodeTimerUnit(bytes, 0, 208), undefined);
});

test('a time is kept to the millisecond, in the slot that Apache would take', () => {
  const time = fc.integer({ min: 1, max: 2 ** 43 });
  fc.assert(
    fc.property(time, (dueMs) => {
      const outMs = timerOutMs(dueMs);
      const again = timerDueMs(outMs);
      assert.ok(again === dueMs || (again === dueMs + 1 && dueMs % 1000 === 1));
      // RocketMQ: HookUtils#transformTimerMessage
      const apaches = dueMs % 1000 === 0 ? dueMs - 1000 : dueMs - (dueMs % 1000);
      assert.equal(timerSecond(outMs), timerSecond(apaches));
      assert.equal(timerOutMs(timerDueMs(outMs)), outMs);
    }),
  );
  assert.equal(timerDueMs(5000), 6000);
});
