/** Properties of dead letters: docs/formats/dead-letters.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLetterError, encodeProperties, PROPERTIES_BYTES_MAX } from '@skylarkmq/message';
import { noteDeath } from '../../src/dead-letter/failure-notes.ts';

test('a letter says who gave it up, when, and why', () => {
  const properties = new Map([
    ['RETRY_TOPIC', 'T'],
    ['ORIGIN_MESSAGE_ID', 'M'],
    ['DLQ_FIRST_FAILED_MS', '5'],
  ]);
  const error = 'Error: no\nmoney\u0001\u0002';
  noteDeath(properties, { group: 'G', clientId: 'C', attempts: 3, nowMs: 9, error });
  assert.deepEqual(Object.fromEntries(properties), {
    RETRY_TOPIC: 'T',
    ORIGIN_MESSAGE_ID: 'M',
    DLQ_GROUP: 'G',
    DLQ_CONSUMER: 'C',
    DLQ_ATTEMPTS: '3',
    DLQ_ORIGIN_TOPIC: 'T',
    DLQ_ORIGIN_MESSAGE_ID: 'M',
    DLQ_FIRST_FAILED_MS: '5',
    DLQ_LAST_FAILED_MS: '9',
    DLQ_ERROR: 'Error: no money',
  });
});

test('notes that do not fit are left out: the message must be stored', () => {
  const properties = new Map([['big', 'x'.repeat(PROPERTIES_BYTES_MAX - 1300)]]);
  const error = '\u20ac'.repeat(2000);
  noteDeath(properties, { group: 'G', clientId: undefined, attempts: 1, nowMs: 1, error });
  assert.equal(properties.get('DLQ_GROUP'), 'G');
  assert.equal(properties.get('DLQ_ERROR'), undefined);
  assert.ok(encodeProperties(properties).length < PROPERTIES_BYTES_MAX);
});

test('an error is one line that a property can hold', () => {
  assert.equal(deadLetterError('x'.repeat(5000)).length, 1024);
  assert.equal(deadLetterError(' a\tb\ud800 '), 'a b');
});
