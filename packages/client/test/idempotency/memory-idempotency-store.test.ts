import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, VirtualTime } from '@skylarkmq/base';
import { memoryIdempotencyStore } from '../../src/idempotency/memory-idempotency-store.ts';
import { testStore } from './store-suite.ts';

testStore('memory', () => {
  const time = new VirtualTime(realScheduler);
  return { store: memoryIdempotencyStore({ clock: time }), pass: (ms) => time.advance(ms) };
});

test('it remembers so many keys and no more', async () => {
  const store = memoryIdempotencyStore({ keysMax: 3 });
  for (const key of ['a', 'b', 'c', 'd']) {
    await store.claim(key, 't', 60_000);
    await store.complete(key, 't', 60_000);
  }
  assert.equal(await store.claim('d', 'u', 60_000), 'done');
  assert.equal(await store.claim('b', 'u', 60_000), 'done');
  assert.equal(await store.claim('a', 'u', 60_000), 'claimed');
  assert.throws(() => memoryIdempotencyStore({ keysMax: 0 }), { code: 'INVALID_ARGUMENT' });
});
