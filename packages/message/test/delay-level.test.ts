import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_DELAY_LEVELS, parseDelayLevels } from '../src/index.ts';

test('the default levels', () => {
  const levels = parseDelayLevels(DEFAULT_DELAY_LEVELS);
  assert.equal(levels.length, 18);
  assert.deepEqual(levels.slice(0, 5), [1000, 5000, 10_000, 30_000, 60_000]);
  assert.equal(levels[17], 7_200_000);
  assert.deepEqual(parseDelayLevels(' 2d  3H '), [172_800_000, 10_800_000]);
});

test('what is not understood is refused', () => {
  for (const text of ['', ' ', '1x', 's', '1.5s', '-1s', '1s,5s', '9999999999999999999s']) {
    assert.throws(() => parseDelayLevels(text), /not understood/, text);
  }
});
