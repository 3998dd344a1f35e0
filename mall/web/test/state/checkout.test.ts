import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Coupon } from '../../src/api/types.ts';
import { discountOf, isUsable, parseAmount, sumUp } from '../../src/state/checkout.ts';

const TEN_OFF: Coupon = {
  id: 'c1',
  name: { en: 'Ten yuan off', zh: '立减十元' },
  kind: 'amount',
  value: 1000,
  minimumCents: 5000,
  state: 'unused',
  expiresMs: 1000,
};
const TENTH_OFF: Coupon = { ...TEN_OFF, kind: 'percent', value: 10, minimumCents: 0 };

test('a coupon takes off what it says, and never more than there is', () => {
  assert.equal(discountOf(TEN_OFF, 9900), 1000);
  assert.equal(discountOf(TEN_OFF, 300), 300);
  assert.equal(discountOf(TENTH_OFF, 9999), 999);
  assert.equal(discountOf(undefined, 9999), 0);
});

test('a coupon can be used from its minimum on, until it expires, once', () => {
  assert.equal(isUsable(TEN_OFF, 5000, 999), true);
  assert.equal(isUsable(TEN_OFF, 4999, 999), false);
  assert.equal(isUsable(TEN_OFF, 5000, 1000), false);
  assert.equal(isUsable({ ...TEN_OFF, state: 'locked' }, 5000, 999), false);
});

test('the balance pays what is left, at most', () => {
  const all = sumUp(9900, TEN_OFF, 50_000);
  assert.deepEqual(all, {
    totalCents: 9900,
    couponCents: 1000,
    balanceCents: 8900,
    payableCents: 0,
  });
  assert.equal(sumUp(9900, undefined, 100).payableCents, 9800);
  assert.equal(sumUp(9900, undefined, -5).payableCents, 9900);
});

test('amounts are read as people write them', () => {
  assert.equal(parseAmount('12'), 1200);
  assert.equal(parseAmount(' 12.5 '), 1250);
  assert.equal(parseAmount('12,05'), 1205);
  for (const wrong of ['', '1.234', '-1', '1e3', 'ten', '12345678']) {
    assert.equal(parseAmount(wrong), undefined, wrong);
  }
});
