import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeJsonExt } from '../src/ext-json.ts';
import { jsonHeaderText } from '../src/header-json.ts';

function decode(text: string): [string, string][] {
  const bytes = Buffer.from(text);
  return [...decodeJsonExt(bytes, 0, bytes.length)];
}

test('fields are read in the compact form and in any other', () => {
  const compact = '"a":"1","msgId":"7F00","e":""';
  assert.deepEqual(decode(compact), [
    ['a', '1'],
    ['msgId', '7F00'],
    ['e', ''],
  ]);
  for (const text of ['"a" : "1"', '"a":1', '"a":"1" ', ' "a":"1"', '"\\u0061":"1"']) {
    assert.deepEqual(decode(text), [['a', '1']], text);
  }
  assert.deepEqual(decode('"a":null,"b":true'), [['b', 'true']]);
  assert.deepEqual(decode('"a":"x\\"y","b":"grün"'), [
    ['a', 'x"y'],
    ['b', 'grün'],
  ]);
});

test('fields without an end are refused', () => {
  for (const text of ['"a', '"a":', '"a":"', '"a":"1"x', '"a":{}', '"a":"1""b":"2"']) {
    assert.throws(() => decode(text), { code: 'CORRUPT' }, text);
  }
});

test('what is written is JSON, and is read back', () => {
  const seed = Date.now();
  const texts = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(texts, texts), { selector: ([name]) => name }), (pairs) => {
      const ext = new Map(pairs);
      const header: unknown = JSON.parse(jsonHeaderText({ code: 7, ext }, 1, 2));
      const text = JSON.stringify(Object.fromEntries(ext));
      assert.deepEqual(header, {
        code: 7,
        extFields: JSON.parse(text),
        flag: 2,
        language: Reflect.get(Object(header), 'language'),
        opaque: 1,
        serializeTypeCurrentRPC: 'JSON',
        version: Reflect.get(Object(header), 'version'),
      });
      const bytes = Buffer.from(text.slice(1, -1));
      if (ext.size === 0) return;
      const wanted = new Map(Object.entries(JSON.parse(text)));
      assert.deepEqual(decodeJsonExt(bytes, 0, bytes.length), wanted);
    }),
    { seed },
  );
});
