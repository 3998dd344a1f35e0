import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BloomFilter, mayBeSet, setBits } from '../../src/filter/bloom-filter.ts';

test('the bits are those that Apache 5.5.0 wrote to its consumerFilter.json', () => {
  const bloom = new BloomFilter(20, 32);
  const recorded: [string, number[]][] = [
    ['G-sql-retry-mwytvlo0-21275-13#T-sql-retry-mwytvlo0-21275-12', [59, 81, 78]],
    ['G-sql-push-mwytvlo0-21275-15#T-sql-push-mwytvlo0-21275-11', [108, 68, 83]],
    ['G-sql-lite-pull-mwytvlo0-21275-17#T-sql-lite-pull-mwytvlo0-21275-10', [76, 60, 53]],
  ];
  for (const [text, bitPos] of recorded) {
    assert.deepEqual(bloom.positions(text), { bitNum: 112, bitPos });
  }
});

test('what is set is found, and most of what is not is not', () => {
  const bloom = new BloomFilter(20, 32);
  const map = new Uint8Array(bloom.bits / 8);
  for (let i = 0; i < 32; i += 1) setBits(map, bloom.positions(`G${i}#T`).bitPos);
  let wrong = 0;
  for (let i = 0; i < 1000; i += 1) {
    const found = mayBeSet(map, bloom.positions(`G${i}#T`).bitPos);
    if (i < 32) assert.ok(found);
    else if (found) wrong += 1;
  }
  assert.ok(wrong < 300, `${wrong} of 968 are wrong`);
});
