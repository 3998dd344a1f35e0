/** The next second with a chain, asked for all the time, is what a list of them says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, MemoryFileSystem, randomSeed } from '@skylarkmq/base';
import { TimerWheel, WHEEL_SECONDS } from '../../src/timer/timer-wheel.ts';

const STEPS = 3000;
const START = 1_800_000_000;
const SPAN_SECONDS = 400;

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`the next second is found whatever was asked and set before (SEED=${seed})`, () => {
  const prng = createPrng(seed);
  const wheel = new TimerWheel(new MemoryFileSystem(), '/timerwheel');
  const seconds = new Set<number>();
  const second = (): number => START + prng.below(SPAN_SECONDS);
  for (let step = 0; step < STEPS; step++) {
    const at = second();
    if (prng.below(4) === 0) {
      const isUsed = prng.below(2) === 0;
      const position = isUsed ? 100 : -1;
      wheel.set(at, { first: position, last: position, count: 1 });
      if (isUsed) seconds.add(at);
      else seconds.delete(at);
    }
    const from = prng.below(3) === 0 ? second() : START;
    const to = prng.below(2) === 0 ? second() : from + WHEEL_SECONDS;
    const inside = [...seconds].filter((one) => one >= from && one < to);
    const expected = inside.length === 0 ? undefined : Math.min(...inside);
    assert.equal(wheel.next(from, to), expected, `step ${step}: from ${from} to ${to}`);
  }
  wheel.close();
});
