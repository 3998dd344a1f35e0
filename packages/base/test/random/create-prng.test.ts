import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, randomSeed, realPrng } from '../../src/index.ts';

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`the same seed gives the same numbers, within their bounds (SEED=${seed})`, () => {
  const one = createPrng(seed);
  const other = createPrng(seed);
  for (let draw = 0; draw < 1000; draw++) {
    const value = one.below(7);
    assert.equal(value, other.below(7), `seed ${seed}`);
    assert.ok(Number.isInteger(value) && value >= 0 && value < 7);
    const float = one.float();
    assert.equal(float, other.float());
    assert.ok(float >= 0 && float < 1);
  }
});

test('all values come up about equally often', () => {
  const counts = new Array<number>(10).fill(0);
  const prng = createPrng(1);
  for (let draw = 0; draw < 10_000; draw++) {
    const value = prng.below(10);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  assert.ok(
    counts.every((count) => count > 850 && count < 1150),
    counts.join(' '),
  );
});

test('real generators differ', () => {
  assert.notEqual(realPrng().float(), realPrng().float());
});
