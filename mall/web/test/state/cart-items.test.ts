import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addItem, mergeCarts, parseCart, setQuantity } from '../../src/state/cart-items.ts';

const MUG = { productId: 'mug', quantity: 2 };
const LAMP = { productId: 'lamp', quantity: 1 };

test('a product that is added again counts on', () => {
  assert.deepEqual(addItem([MUG], 'mug', 3), [{ productId: 'mug', quantity: 5 }]);
  assert.deepEqual(addItem([MUG], 'lamp', 1), [MUG, LAMP]);
});

test('a quantity has a limit, and none of it is no product', () => {
  assert.deepEqual(setQuantity([MUG], 'mug', 1000), [{ productId: 'mug', quantity: 99 }]);
  assert.deepEqual(setQuantity([MUG, LAMP], 'mug', 0), [LAMP]);
  assert.deepEqual(setQuantity([MUG], 'mug', -1), []);
});

test('carts join: of each product the larger quantity', () => {
  const merged = mergeCarts([MUG], [{ productId: 'mug', quantity: 1 }, LAMP]);
  assert.deepEqual(merged, [MUG, LAMP]);
  assert.deepEqual(mergeCarts(merged, merged), merged);
});

test('a stored cart that makes no sense is left out', () => {
  assert.deepEqual(parseCart(JSON.stringify([MUG])), [MUG]);
  assert.deepEqual(parseCart(null), []);
  assert.deepEqual(parseCart('{'), []);
  assert.deepEqual(parseCart('{"productId":"mug"}'), []);
  const mixed = [MUG, null, { productId: 1, quantity: 1 }, { productId: 'x', quantity: 0.5 }];
  assert.deepEqual(parseCart(JSON.stringify(mixed)), [MUG]);
});
