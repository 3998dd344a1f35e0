/** Proves the dialect of docs/formats/config-json.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type JsonValue, MqError, parseFastjson, stringifyJson } from '../../src/index.ts';

const isCorrupt = (error: unknown): boolean => error instanceof MqError && error.code === 'CORRUPT';

/** Maps as plain objects, to compare with JSON.parse. */
function plain(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return typeof value === 'bigint' ? Number(value) : value;
  return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
}

test('standard JSON is read as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      assert.deepEqual(plain(parseFastjson(text)), JSON.parse(text));
    }),
  );
});

test('integer keys and object keys need no quotes', () => {
  const text = '{"offsetTable":{"t@g":{0:8,-1:9}},\n{"topic":"a","queueId":1}:[1]}';
  const value = parseFastjson(text);
  assert.deepEqual(
    value,
    new Map<string, JsonValue>([
      [
        'offsetTable',
        new Map([
          [
            't@g',
            new Map([
              ['0', 8],
              ['-1', 9],
            ]),
          ],
        ]),
      ],
      ['{"topic":"a","queueId":1}', [1]],
    ]),
  );
});

test('integers beyond 2^53 are exact', () => {
  const text = '[9223372036854775807,-9223372036854775808,9007199254740991,1e3]';
  const expected = [9223372036854775807n, -9223372036854775808n, 9007199254740991, 1000];
  assert.deepEqual(parseFastjson(text), expected);
  assert.equal(stringifyJson([9223372036854775807n]), '[9223372036854775807]');
});

test('keys cannot reach a prototype', () => {
  const value = parseFastjson('{"__proto__":{"polluted":1}}');
  assert.ok(value instanceof Map);
  assert.equal(Object.getPrototypeOf({}).polluted, undefined);
  assert.equal(stringifyJson(value), '{"__proto__":{"polluted":1}}');
});

test('anything else is corrupt, also deep nesting', () => {
  const bad = ['', '{', '[1,]', '{"a":1,}', '{a:1}', 'nul', '1 2', '"\\x"', '"\\u00g0"', '-', '1.'];
  bad.push('01', '-01', '1.-5', '1e+-5', '1e999', '-1e999', '9'.repeat(200), '{01:1}');
  bad.push('"open', '{"a" 1}', '[1 2]', '{,}', '[,]', '+1', '.5', '\ufeff1', '['.repeat(100_000));
  for (const text of bad) assert.throws(() => parseFastjson(text), isCorrupt, text.slice(0, 20));
  assert.throws(() => parseFastjson('[[1]]', { depthMax: 1 }), isCorrupt);
  assert.deepEqual(parseFastjson('[[1]]', { depthMax: 2 }), [[1]]);
});

test('no text makes the parser throw anything but CORRUPT', () => {
  const unit = fc.constantFrom(...'{}[]",:0123456789-.eE\\u tfn\'');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      try {
        parseFastjson(text);
      } catch (error) {
        assert.ok(isCorrupt(error), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
