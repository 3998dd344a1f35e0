import assert from 'node:assert/strict';
import { test } from 'node:test';
import { niceMax, pathOf } from '../../src/design/chart-paths.ts';

test('an axis ends at a round number above all values', () => {
  assert.equal(niceMax([]), 1);
  assert.equal(niceMax([null, 0.2]), 1);
  assert.equal(niceMax([3, 17]), 20);
  assert.equal(niceMax([101]), 200);
  assert.equal(niceMax([5000]), 5000);
});

test('a line goes through its values and over what is missing', () => {
  const box = { left: 10, top: 0, width: 100, height: 50 };
  assert.equal(pathOf([0, null, 10], 10, box), 'M10.0 50.0L110.0 0.0');
  assert.equal(pathOf([20], 10, box), 'M10.0 0.0');
  assert.equal(pathOf([], 10, box), '');
});
