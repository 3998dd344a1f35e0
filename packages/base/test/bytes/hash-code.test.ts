import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { javaHashCode, javaHashCodeUtf8 } from '../../src/index.ts';

test('hashes as Java does', () => {
  assert.equal(javaHashCode(''), 0);
  assert.equal(javaHashCode('TagA'), 2598919);
  assert.equal(javaHashCode('polygenelubricants'), -2147483648);
  assert.equal(javaHashCode('标签'), 26 * 0 + ('标'.charCodeAt(0) * 31 + '签'.charCodeAt(0)));
});

test('hashes UTF-8 as the text that it spells', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, before) => {
      const bytes = Buffer.from(`<${text}>`);
      const end = bytes.length - 1;
      assert.equal(javaHashCodeUtf8(bytes, 1, end), javaHashCode(text));
      const seed = javaHashCode(before);
      assert.equal(javaHashCodeUtf8(bytes, 1, end, seed), javaHashCode(before + text));
    }),
  );
});
