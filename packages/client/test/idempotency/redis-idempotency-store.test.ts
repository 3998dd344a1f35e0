import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redisIdempotencyStore } from '../../src/idempotency/redis-idempotency-store.ts';

test('keys have a prefix, values are texts; the scripts are those of the three calls', async () => {
  const calls: (readonly [string, readonly string[], readonly string[]])[] = [];
  const answers: unknown[] = ['claimed', 1, 1, 'nonsense'];
  const store = redisIdempotencyStore({
    evaluate: (script, keys, args) => {
      calls.push([script, keys, args]);
      return Promise.resolve(answers.shift());
    },
    prefix: 'p:',
  });
  assert.equal(await store.claim('k', 'token', 1_000), 'claimed');
  assert.equal(await store.complete('k', 'token', 2_000), true);
  await store.release('k', 'token');
  assert.deepEqual(
    calls.map(([, keys, args]) => [keys, args]),
    [
      [['p:k'], ['token', '1000']],
      [['p:k'], ['token', '2000']],
      [['p:k'], ['token']],
    ],
  );
  assert.equal(new Set(calls.map(([script]) => script)).size, 3);
  await assert.rejects(store.claim('k', 'token', 1_000), /answered nonsense/);
});
