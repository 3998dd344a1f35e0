import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32, crc32Combine } from '../../src/index.ts';

const bytes = fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array));

test('the checksum of the check text', () => {
  const text = Buffer.from('..123456789..');
  assert.equal(crc32(text, 2, 11), 0xcbf43926);
  assert.equal(crc32(text, 5, 5), 0);
});

test('it can be continued and combined', () => {
  fc.assert(
    fc.property(bytes, bytes, (left, right) => {
      const whole = Buffer.concat([left, right]);
      const expected = crc32(whole, 0, whole.length);
      const crcLeft = crc32(left, 0, left.length);
      const crcRight = crc32(right, 0, right.length);
      assert.equal(crc32(right, 0, right.length, crcLeft), expected);
      assert.equal(crc32Combine(crcLeft, crcRight, right.length), expected);
    }),
  );
});

test('combining works for more lengths than are remembered, and for long ones', () => {
  const zeros = Buffer.alloc(300_000);
  const crc = crc32(Buffer.from('x'), 0, 1);
  for (let length = 1; length < 600; length++) {
    const tail = crc32(zeros, 0, length);
    assert.equal(crc32Combine(crc, tail, length), crc32(zeros, 0, length, crc));
  }
  const tail = crc32(zeros, 0, zeros.length);
  assert.equal(crc32Combine(crc, tail, zeros.length), crc32(zeros, 0, zeros.length, crc));
});

test('lengths that no 32 bits hold combine like all others: in any order', () => {
  const [a, b, c] = [0x12345678, 0x9abcdef0, 0x0badcafe];
  for (const [lengthB, lengthC] of [
    [2 ** 30 - 1, 1],
    [2 ** 30, 2 ** 31 + 5],
    [2 ** 32 + 77, 2 ** 33 + 2 ** 20],
    [3 * 2 ** 40 + 123, 1024],
  ] as const) {
    const left = crc32Combine(crc32Combine(a, b, lengthB), c, lengthC);
    const right = crc32Combine(a, crc32Combine(b, c, lengthC), lengthB + lengthC);
    assert.equal(left, right, `${lengthB} and ${lengthC}`);
  }
});
