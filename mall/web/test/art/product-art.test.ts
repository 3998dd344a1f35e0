import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paletteOf } from '../../src/art/palette.ts';
import { drawingNameOf } from '../../src/art/product-art.tsx';

test('a product finds its picture by its image, its article number or its name', () => {
  assert.equal(drawingNameOf('mug', ''), 'mug');
  assert.equal(drawingNameOf('/images/desk-lamp.svg', ''), 'lamp');
  assert.equal(drawingNameOf('desk-lamp', ''), 'lamp');
  assert.equal(drawingNameOf('', 'Wool blanket'), 'blanket');
  assert.equal(drawingNameOf('', 'Yunnan coffee beans'), 'bag');
  assert.equal(drawingNameOf('constructor', '__proto__'), 'box');
});

test('the same product always has the same colours', () => {
  assert.equal(paletteOf('MUG-1'), paletteOf('MUG-1'));
});
