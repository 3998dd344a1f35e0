import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolvePullPace } from '../../src/consumer/pull-pace.ts';

test('pulls have their defaults, and options within their limits', () => {
  const defaults = { pullHoldMs: 15_000, pullTimeoutMs: 30_000, pullErrorPauseMs: 1_000 };
  assert.deepEqual(resolvePullPace({}, 15_000), defaults);
  const given = { pullHoldMs: 1_000, pullTimeoutMs: 4_000, pullErrorPauseMs: 50 };
  assert.deepEqual(resolvePullPace(given, 15_000), given);
  for (const wrong of [{ pullHoldMs: 0 }, { pullErrorPauseMs: 1.5 }, { pullTimeoutMs: 600_001 }]) {
    assert.throws(() => resolvePullPace(wrong, 15_000), { code: 'INVALID_ARGUMENT' });
  }
});

test('who waits for less than the broker holds would never see an answer', () => {
  assert.throws(() => resolvePullPace({ pullTimeoutMs: 15_000 }, 15_000), {
    code: 'INVALID_ARGUMENT',
    message: 'Option pullTimeoutMs (15000) must be above pullHoldMs (15000)',
  });
});
