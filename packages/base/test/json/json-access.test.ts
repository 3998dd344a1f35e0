import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  jsonArray,
  jsonArrayOr,
  jsonBoolean,
  jsonBooleanOr,
  jsonNumber,
  jsonNumberOr,
  jsonObject,
  jsonObjectOr,
  jsonString,
  jsonStringOr,
  parseFastjson,
} from '../../src/index.ts';

test('values of the right type come through', () => {
  const value = jsonObject(parseFastjson('{"s":"x","n":1,"b":true,"a":[1],"z":null}'), 'it');
  assert.equal(jsonString(value.get('s'), 's'), 'x');
  assert.equal(jsonNumber(value.get('n'), 'n'), 1);
  assert.equal(jsonBoolean(value.get('b'), 'b'), true);
  assert.deepEqual(jsonArray(value.get('a'), 'a'), [1]);
  assert.equal(jsonStringOr(value.get('z'), 'z', 'd'), 'd');
  assert.equal(jsonNumberOr(value.get('missing'), 'missing', 2), 2);
  assert.equal(jsonBooleanOr(value.get('b'), 'b', false), true);
  assert.deepEqual(jsonArrayOr(value.get('z'), 'z'), []);
  assert.equal(jsonObjectOr(value.get('z'), 'z').size, 0);
});

test('others are an error that names the place', () => {
  assert.throws(
    () => jsonString(1, 'topics.a.perm'),
    /topics\.a\.perm must be a string, not number/,
  );
  assert.throws(() => jsonNumber(2n ** 60n, 'x'), /must be a number, not bigint/);
  assert.throws(() => jsonObject(null, 'x'), /must be an object, not null/);
  assert.throws(() => jsonObject([], 'x'), /must be an object, not an array/);
  assert.throws(() => jsonArray(new Map(), 'x'), /must be an array/);
  assert.throws(() => jsonBooleanOr('true', 'x', false), /must be true or false, not string/);
});
