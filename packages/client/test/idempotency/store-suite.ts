/** What every idempotency store must do. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { IdempotencyStore } from '../../src/idempotency/idempotency-store.ts';
import { idempotent } from '../../src/idempotency/idempotent.ts';
import { deliver } from '../fake/delivered.ts';

/** A store under test. */
export interface StoreUnderTest {
  readonly store: IdempotencyStore;
  /** Lets time pass. */
  pass(milliseconds: number): Promise<void>;
}

/** Longer than a test takes. */
const LONG_MS = 600_000;
/** Ends before a test does; nothing is asked of it but that. */
const SHORT_MS = 200;

let keys = 0;

function newKey(): string {
  keys++;
  return `key-${process.pid}-${keys}`;
}

/** Runs the suite; `open` is called by each test. */
export function testStore(
  name: string,
  open: () => StoreUnderTest | Promise<StoreUnderTest>,
): void {
  suite(`${name} as an idempotency store`, () => {
    test('one claims, the others wait; done is done', async () => {
      const { store } = await open();
      const key = newKey();
      assert.equal(await store.claim(key, 'a', LONG_MS), 'claimed');
      assert.equal(await store.claim(key, 'b', LONG_MS), 'busy');
      assert.equal(await store.claim(key, 'a', LONG_MS), 'claimed', 'the holder renews');
      assert.equal(await store.complete(key, 'b', LONG_MS), false, 'not the holder');
      assert.equal(await store.complete(key, 'a', LONG_MS), true);
      assert.equal(await store.claim(key, 'b', LONG_MS), 'done');
      assert.equal(await store.claim(key, 'a', LONG_MS), 'done');
      assert.equal(await store.complete(key, 'a', LONG_MS), false, 'done once');
    });

    test('a key that is released is free, by its holder only', async () => {
      const { store } = await open();
      const key = newKey();
      await store.claim(key, 'a', LONG_MS);
      await store.release(key, 'b');
      assert.equal(await store.claim(key, 'b', LONG_MS), 'busy');
      await store.release(key, 'a');
      assert.equal(await store.claim(key, 'b', LONG_MS), 'claimed');
      await store.complete(key, 'b', LONG_MS);
      await store.release(key, 'b');
      assert.equal(await store.claim(key, 'c', LONG_MS), 'done', 'done is not released');
    });

    test('a lease ends, and so does the memory of a key', async () => {
      const { store, pass } = await open();
      const key = newKey();
      await store.claim(key, 'a', SHORT_MS);
      await pass(SHORT_MS + 100);
      assert.equal(await store.claim(key, 'b', LONG_MS), 'claimed', 'a is gone');
      assert.equal(await store.complete(key, 'a', LONG_MS), false, 'a comes too late');
      assert.equal(await store.complete(key, 'b', LONG_MS), true);
      assert.equal(await store.claim(key, 'c', LONG_MS), 'done');
      const other = newKey();
      await store.claim(other, 'a', LONG_MS);
      assert.equal(await store.complete(other, 'a', SHORT_MS), true);
      await pass(SHORT_MS + 100);
      assert.equal(await store.claim(other, 'c', LONG_MS), 'claimed', 'forgotten');
    });

    test('of many at once, one claims', async () => {
      const { store } = await open();
      const key = newKey();
      const claims = await Promise.all(
        Array.from({ length: 32 }, (_, index) => store.claim(key, `t${index}`, LONG_MS)),
      );
      assert.equal(claims.filter((claim) => claim === 'claimed').length, 1);
      assert.equal(claims.filter((claim) => claim === 'busy').length, 31);
    });

    test('a storm of duplicates has each effect once', async () => {
      const { store } = await open();
      const effects = new Map<string, number>();
      const scope = newKey();
      const handler = idempotent({ store, scope, leaseMs: LONG_MS }, async ({ messageId }) => {
        await new Promise((resolve) => setImmediate(resolve));
        effects.set(messageId, (effects.get(messageId) ?? 0) + 1);
      });
      const ids = Array.from({ length: 20 }, (_, index) => `m${index}`);
      const storm = Array.from({ length: 10 }, () => ids).flat();
      const { signal } = new AbortController();
      await Promise.all(storm.map((id) => handler(deliver(id).message, signal)));
      assert.deepEqual(
        [...effects.values()],
        ids.map(() => 1),
      );
    });
  });
}
