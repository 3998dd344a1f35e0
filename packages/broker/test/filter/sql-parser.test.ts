import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError } from '@skylarkmq/base';
import { encodeProperties } from '@skylarkmq/message';
import { RecordProperties } from '../../src/filter/record-properties.ts';
import { parseSql } from '../../src/filter/sql-parser.ts';
import { Truth } from '../../src/filter/truth.ts';

/** What an expression says of a message. What RocketMQ says: conformance/sql-filter.test.ts. */
function truth(expression: string, properties: Record<string, string> = {}): Truth {
  const record = new RecordProperties();
  const { condition } = parseSql(expression, record);
  record.loadEncoded(encodeProperties(Object.entries(properties)));
  return condition();
}

function problem(expression: string): string {
  try {
    parseSql(expression, new RecordProperties());
  } catch (error) {
    assert.ok(error instanceof MqError && error.code === 'INVALID_ARGUMENT', String(error));
    return error.message;
  }
  return assert.fail(`${expression} was taken`);
}

test('comparisons convert properties to the type of the literal', () => {
  const message = { n: '5', x: '5.5', text: 'abc', yes: 'TRUE' };
  const matching = [
    ...['n = 5', 'n <> 6', 'n BETWEEN 5 AND 6', 'n NOT BETWEEN 6 AND 7', '5 <= n', 'n = 5.0'],
    ...['x > 5.25', 'x < n OR x > n', "text = 'abc'", "text IN ('x', 'abc')", 'yes = TRUE'],
    ...["text CONTAINS 'b'", "text NOT ENDSWITH 'b'", "text STARTSWITH 'ab'", 'no IS NULL'],
    ...['n IS NOT NULL AND NOT (n = 6)', '-n IS NULL', "n = '5' AND -5 < n"],
    ...["text = 'abc' -- a comment\n AND /* another */ n = 5"],
  ];
  for (const expression of matching)
    assert.equal(truth(expression, message), Truth.Yes, expression);
});

test('what is missing is unknown, what is no number ends the evaluation', () => {
  assert.equal(truth('no = 5'), Truth.Unknown);
  assert.equal(truth('no = 5 OR TRUE'), Truth.Yes);
  assert.equal(truth("no NOT IN ('a')"), Truth.Unknown);
  assert.equal(truth("no NOT CONTAINS 'a'"), Truth.No);
  assert.equal(truth('n > 5', { n: 'x' }), Truth.Failed);
  assert.equal(truth('n > 5 OR TRUE', { n: 'x' }), Truth.Failed);
  assert.equal(truth('TRUE OR n > 5', { n: 'x' }), Truth.Yes);
  assert.equal(truth('n', { n: 'true' }), Truth.No);
});

test('long numbers are exact', () => {
  const n = '9007199254740993';
  assert.equal(truth('n = 9007199254740993', { n }), Truth.Yes);
  assert.equal(truth('n = 9007199254740992', { n }), Truth.No);
  assert.equal(truth('n > 9223372036854775806', { n: '9223372036854775807' }), Truth.Yes);
});

test('an error shows the place and says what is expected', () => {
  assert.equal(
    problem("price >= 5\n  AND name > 'x'"),
    'SQL92 expression, line 2, column 14: >, <, >=, <= and BETWEEN compare numbers, not texts; ' +
      "write the number without quotes\n    AND name > 'x'\n               ^",
  );
  const problems: [string, RegExp][] = [
    ['', /column 1: expected a property, .* but the expression ends/],
    ['a = NULL', /column 5: nothing equals NULL; write IS NULL/],
    ['a BETWEEN 5 AND 4', /column 17: the upper limit 4 is less than 5/],
    ['a BETWEEN 5 OR 4', /column 13: expected AND and the upper limit of BETWEEN, but found OR/],
    ['a IN (5)', /column 7: expected a text in single quotes, but found 5/],
    ["5 IN ('a')", /column 1: only a property can stand before IN/],
    ['a = "x"', /column 5: "\\"" means nothing here; texts stand in single quotes/],
    ["a = 'x", /column 5: the text that begins here has no ' at its end/],
    ['a = 5 /* x', /column 7: the comment that begins here/],
    ['a = 99999999999999999999', /does not fit 64 bits/],
    ['a = 0.0', /0.0 is zero, which must be written as 0/],
    ['a IS 5', /column 6: expected NULL or NOT NULL, but found 5/],
    ['a NOT 5', /column 7: expected BETWEEN, IN, CONTAINS, STARTSWITH or ENDSWITH after NOT/],
    ["'a' OR b", /column 1: a text is no condition/],
    ['(a = 5', /column 7: expected \), but the expression ends/],
    ['TRUE = 5', /column 8: TRUE and FALSE can be compared with conditions only/],
  ];
  for (const [expression, message] of problems) assert.match(problem(expression), message);
});

test('what is too long or too deep is refused', () => {
  assert.match(problem('a'.repeat(4097)), /at most 4096 characters, this one has 4097/);
  assert.equal(truth(`${'('.repeat(32)}TRUE${')'.repeat(32)}`), Truth.Yes);
  assert.match(problem(`${'('.repeat(33)}TRUE`), /column 33: nested deeper than 32 levels/);
  assert.match(problem('NOT '.repeat(33)), /nested deeper/);
  assert.match(problem('-'.repeat(33)), /nested deeper/);
  const wide = Array.from({ length: 370 }, (_, i) => `a = ${i}`).join(' OR ');
  assert.equal(truth(wide, { a: '369' }), Truth.Yes);
});

test('what stands behind the end is not looked at, but told', () => {
  const parsed = parseSql('a = 5 b = 6', new RecordProperties());
  assert.equal(parsed.ignored, 'b = 6');
  assert.equal(parseSql('a = 5 ', new RecordProperties()).ignored, '');
});
