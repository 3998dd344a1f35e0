import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRecallHandle, parseRecallHandle } from '../src/recall-handle.ts';

const HANDLE = { topic: 'T', brokerName: 'broker-a', dueMs: 1_795_773_480_001, uniqueKey: 'FD00' };

test('a handle has the five parts of the official one, in URL-safe Base64 with padding', () => {
  const handle = formatRecallHandle(HANDLE);
  assert.equal(handle.length % 4, 0);
  assert.equal(Buffer.from(handle, 'base64url').toString(), 'v1 T broker-a 1795773480001 FD00');
  assert.deepEqual(parseRecallHandle(handle), HANDLE);
});

test('what is no handle is refused with the official words', () => {
  const texts = ['v2 T b 1 k', 'v1 T b 1', 'v1 T b soon k', 'v1 T b 1 ', 'v1  b 1 k'];
  const handles = texts.map((text) => Buffer.from(text).toString('base64url'));
  for (const bad of ['', '?', 'A'.repeat(5000), ...handles]) {
    assert.throws(() => parseRecallHandle(bad), /recall handle is invalid/);
  }
});
