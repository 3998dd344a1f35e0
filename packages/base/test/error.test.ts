import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as invariant, MqError, MqErrorCode } from '../src/index.ts';

test('whatever was thrown becomes an MqError', () => {
  const own = new MqError(MqErrorCode.Busy, 'Queue is full', { retryable: true });
  assert.equal(MqError.from(own), own);
  const cause = new TypeError('x is not a function');
  const wrapped = MqError.from(cause, MqErrorCode.System);
  assert.equal(wrapped.code, 'SYSTEM');
  assert.equal(wrapped.cause, cause);
  assert.equal(wrapped.retryable, false);
  assert.equal(MqError.from('text').message, 'text');
});

test('a broken invariant is no operating error', () => {
  invariant(true, 'holds');
  assert.throws(
    () => invariant(false, 'holds'),
    (error) => !(error instanceof MqError),
  );
});
