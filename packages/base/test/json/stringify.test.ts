import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringifyJson } from '../../src/index.ts';

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

test('integer keys are quoted unless asked', () => {
  const value = new Map([[0, 8]]);
  assert.equal(stringifyJson(value), '{"0":8}');
  assert.equal(stringifyJson(value, { unquotedIntegerKeys: true }), '{0:8}');
  assert.equal(stringifyJson({ '01': 1 }, { unquotedIntegerKeys: true }), '{"01":1}');
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
