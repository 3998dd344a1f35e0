import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  compareDoubles,
  parseJavaDouble,
  parseJavaInt,
  parseJavaLong,
} from '../../src/filter/java-number.ts';

test('whole numbers of 32 and 64 bits', () => {
  const ints: [string, number][] = [
    ['0', 0],
    ['-2147483648', -2147483648],
    ['+2147483647', 2147483647],
    ['007', 7],
    ['٣１', 31],
  ];
  for (const [text, value] of ints) assert.equal(parseJavaInt(text), value, text);
  for (const text of ['', '-', '2147483648', '-2147483649', '1.', ' 1', '0x1', '1L']) {
    assert.equal(parseJavaInt(text), Number.NaN, text);
  }
  assert.equal(parseJavaLong('-0000000000000000000000000000005'), -5);
  assert.equal(parseJavaLong('9223372036854775807'), 9223372036854775807n);
  assert.equal(parseJavaLong('-9223372036854775808'), -9223372036854775808n);
  for (const text of ['', '+', '9223372036854775808', '1e5', '99999999999999999999']) {
    assert.equal(parseJavaLong(text), Number.NaN, text);
  }
});

test('numbers with a fraction, as Java writes and reads them', () => {
  const doubles: [string, number][] = [
    [' 1.5\t', 1.5],
    ['1.', 1],
    ['-.5e-1', -0.05],
    ['1e400', Number.POSITIVE_INFINITY],
    ['5d', 5],
    ['5.F', 5],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
    ['0x1p3', 8],
    ['-0X1.8P+1d', -3],
    ['0x.8p-2', 0.125],
    ['0x1p-1074', Number.MIN_VALUE],
    ['0x1p-1076', 0],
    ['0x1.fffffffffffff8p1023', Number.POSITIVE_INFINITY],
    ['0x1.fffffffffffff7p1023', Number.MAX_VALUE],
    ['0x0p99999', 0],
  ];
  for (const [text, value] of doubles) assert.equal(parseJavaDouble(text), value, text);
  for (const text of ['', '.', '1e', '0x1', '0xp1', '5L', 'nan', '1_0', '1.5.2', '--1', '１']) {
    assert.equal(parseJavaDouble(text), undefined, text);
  }
});

test("Java's order of doubles is total", () => {
  const order = [Number.NEGATIVE_INFINITY, -1, -0, 0, 1, Number.POSITIVE_INFINITY, Number.NaN];
  for (const [i, one] of order.entries()) {
    for (const [j, other] of order.entries()) {
      assert.equal(Math.sign(compareDoubles(one, other)), Math.sign(i - j), `${one} ${other}`);
    }
  }
});
