import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type JsonInputKey, stringifyJson } from '../../src/index.ts';

test('pretty text has the form of fastjson', () => {
  const value = { topic: 'a', none: undefined, list: [1, { b: true }], empty: {}, nothing: [] };
  const expected = [
    '{',
    '\t"topic":"a",',
    '\t"list":[',
    '\t\t1,',
    '\t\t{',
    '\t\t\t"b":true',
    '\t\t}',
    '\t],',
    '\t"empty":{},',
    '\t"nothing":[]',
    '}',
  ];
  assert.equal(stringifyJson(value, { pretty: true }), expected.join('\n'));
});

test('numbers and objects as keys are quoted unless asked', () => {
  const value = new Map<JsonInputKey, number>([
    [0, 8],
    [{ queueId: 1, topic: 'a' }, 9],
  ]);
  assert.equal(stringifyJson(value), '{"0":8,"{\\"queueId\\":1,\\"topic\\":\\"a\\"}":9}');
  assert.equal(stringifyJson(value, { javaKeys: true }), '{0:8,{"queueId":1,"topic":"a"}:9}');
  assert.equal(stringifyJson(new Map([[Number.NaN, 1]]), { javaKeys: true }), '{"NaN":1}');
});

test('a text as a key is quoted whatever it looks like', () => {
  const looks = ['7', '-1', '{ ', '{"a":1}', '[', '', '__proto__', '"', 'true'];
  const value = new Map(looks.map((key, index) => [key, index]));
  const text = stringifyJson(value, { javaKeys: true });
  assert.deepEqual(JSON.parse(text), Object.fromEntries(value));
  const keys = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.integer());
  fc.assert(
    fc.property(keys, (members) => {
      assert.equal(stringifyJson(members, { javaKeys: true }), JSON.stringify(members));
    }),
  );
});

test('compact text is standard JSON', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const value = fc.dictionary(fc.string(), fc.oneof(leaf, fc.array(leaf)));
  fc.assert(
    fc.property(value, (members) => {
      assert.equal(stringifyJson(members), JSON.stringify(members));
    }),
  );
});

test('what JSON cannot say becomes null', () => {
  assert.equal(
    stringifyJson([Number.NaN, Number.POSITIVE_INFINITY, undefined]),
    '[null,null,null]',
  );
});
