/** Whatever a client sends: an answer in short time, or an error that says where. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { encodeProperties } from '@skylarkmq/message';
import fc from 'fast-check';
import { RecordProperties } from '../../src/filter/record-properties.ts';
import { parseSql } from '../../src/filter/sql-parser.ts';

const RUNS = process.env['SKYLARK_SOAK'] === '1' ? 1_000_000 : 5000;
const PARAMETERS = {
  numRuns: RUNS,
  ...(process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }),
};
/** Far more than the longest expression takes, on the slowest machine. */
const PATIENCE_MS = 60_000;
const WORDS = [
  ...['AND', 'OR', 'NOT', 'IS', 'NULL', 'TRUE', 'IN', 'BETWEEN', 'CONTAINS', '(', ')', ',', '+'],
  ...['-', '=', '<>', '>', '<=', "'", "'a'", 'a', '5', '5.', '1E5', '--', '/*', '*/', '\n', '"'],
];

function isHandled(expression: string): void {
  const record = new RecordProperties();
  const started = performance.now();
  try {
    const { condition } = parseSql(expression, record);
    record.loadEncoded(encodeProperties([['a', '5']]));
    assert.ok([0, 1, 2, 3].includes(condition()));
  } catch (error) {
    assert.ok(error instanceof MqError && error.code === MqErrorCode.InvalidArgument);
    assert.match(error.message, /SQL92/);
  }
  const ms = performance.now() - started;
  assert.ok(ms < PATIENCE_MS, `${ms} ms for ${JSON.stringify(expression)}`);
}

test('any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), isHandled), PARAMETERS);
});

test('any words', () => {
  const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 60 });
  const property = fc.property(words, fc.constantFrom(' ', ''), (list, blank) =>
    isHandled(list.join(blank)),
  );
  fc.assert(property, PARAMETERS);
});

test('one word as often as it fits', () => {
  for (const word of WORDS) {
    for (const blank of ['', ' ']) isHandled(`${word}${blank}`.repeat(4096).slice(0, 4096));
  }
});
