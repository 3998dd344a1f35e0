/** Proves the properties of docs/formats/message-record.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propertyMap } from '@skylarkmq/testkit';
import fc from 'fast-check';
import {
  decodeProperties,
  decodePropertyText,
  encodeProperties,
  encodePropertyText,
} from '../src/index.ts';

test('properties survive, also without the last separator', () => {
  fc.assert(
    fc.property(propertyMap, (properties) => {
      const bytes = encodeProperties(properties);
      const sorted = [...properties].sort();
      assert.deepEqual([...decodeProperties(bytes)].sort(), sorted);
      assert.deepEqual([...decodePropertyText(bytes.toString().slice(0, -1))].sort(), sorted);
    }),
  );
});

test('what cannot be told apart is refused, what readers drop is left out', () => {
  assert.throws(() => encodePropertyText([['a', 'b\u0002c']]), /"a" must not contain/);
  assert.throws(() => encodePropertyText([['a\u0001', 'b']]), /must not contain/);
  assert.equal(
    encodePropertyText([
      ['a', ''],
      ['', 'b'],
      ['c', 'd'],
    ]),
    'c\u0001d\u0002',
  );
});

test('any bytes decode to something', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      for (const [name, value] of decodeProperties(Buffer.from(bytes))) {
        assert.ok(name !== '' && value !== '');
      }
    }),
  );
});
