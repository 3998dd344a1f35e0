/** Damaged JSON is a value or CORRUPT, quickly; what is a value can be written and read again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutatedBytes } from '@skylarkmq/testkit';
import fc from 'fast-check';
import { MqError, parseFastjson, randomSeed, stringifyJson } from '../../src/index.ts';

const seed = Number(process.env['SEED'] ?? randomSeed());
const DIALECT = [
  '{"brokerAddrs":{0:"10.0.0.1:10911",1:"x"},"n":[1,-2.5,1e3,true,null]}',
  '{"offsetTable":{{"brokerName":"b","queueId":0,"topic":"t"}:{"a":9223372036854775807}}}',
  '"\\u0001\\ud83d\\ude00\\n\\\\"',
];
const texts = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.constantFrom(...DIALECT),
  fc.nat({ max: 200 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
);

test(`the dialect (SEED=${seed})`, { timeout: 600_000 }, () => {
  const inputs = mutatedBytes(texts.map((text) => Buffer.from(text)));
  fc.assert(
    fc.property(inputs, (bytes) => {
      try {
        const value = parseFastjson(bytes.toString('utf8'));
        const text = stringifyJson(value, { javaKeys: true });
        assert.deepEqual(parseFastjson(text), value);
      } catch (error) {
        if (!(error instanceof MqError)) throw error;
        assert.equal(error.code, 'CORRUPT', error.message);
      }
    }),
    { seed, numRuns: 10_000 },
  );
});

test('time and depth grow with the text, not beyond it', { timeout: 900_000 }, () => {
  const length = 1_000_000;
  const nasty = ['[', '{"a":', '"\\', '\\u', '[[],', '{"a":1,', '9', '-', ' ', '{{"a":1}:'];
  for (const part of nasty) {
    const text = part.repeat(length / part.length);
    const began = performance.now();
    assert.throws(() => parseFastjson(text.startsWith('9') ? `${text}x` : text), {
      code: 'CORRUPT',
    });
    const took = performance.now() - began;
    assert.ok(took < 60_000, `${part} took ${took} ms`);
  }
});
