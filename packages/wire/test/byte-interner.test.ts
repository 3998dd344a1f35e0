import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteInterner } from '../src/byte-interner.ts';

test('names come back as they are, however many there are', () => {
  const interner = new ByteInterner();
  // Far more than there are slots at first, and than there ever are.
  for (const count of [10, 10_000, 50_000]) {
    for (let round = 0; round < 4; round += 1) {
      for (let n = 0; n < count; n += 1) {
        const name = `主题-topic-${n}`;
        const bytes = Buffer.from(`<${name}>`);
        assert.equal(interner.text(bytes, 1, bytes.length - 1), name);
      }
    }
  }
});

test('what a name was read from may change', () => {
  const interner = new ByteInterner();
  const bytes = Buffer.from('orders');
  assert.equal(interner.text(bytes, 0, 6), 'orders');
  bytes.write('0');
  assert.equal(interner.text(bytes, 0, 6), '0rders');
  assert.equal(interner.text(bytes, 3, 3), '');
  const long = Buffer.alloc(300, 'x');
  assert.equal(interner.text(long, 0, 300), 'x'.repeat(300));
});
