import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPrng,
  deferred,
  type Logger,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import type { IdempotencyStore } from '../../src/idempotency/idempotency-store.ts';
import { type IdempotentOptions, idempotent } from '../../src/idempotency/idempotent.ts';
import { memoryIdempotencyStore } from '../../src/idempotency/memory-idempotency-store.ts';
import type { ConsumerMessage } from '../../src/push/consumer-message.ts';
import { deliver } from '../fake/delivered.ts';

const { signal } = new AbortController();
const LEASE_MS = 60_000;

class Bench {
  readonly time = new VirtualTime(realScheduler);
  readonly store = memoryIdempotencyStore({ clock: this.time });
  readonly handled: string[] = [];
  readonly duplicates: string[] = [];
  readonly warnings: string[] = [];

  handler(
    work: (message: ConsumerMessage) => unknown = () => {},
    more: Partial<IdempotentOptions> = {},
  ) {
    const logger: Logger = { ...silentLogger, warn: (_, text) => this.warnings.push(text) };
    const options: IdempotentOptions = {
      store: this.store,
      onDuplicate: (message) => this.duplicates.push(message.messageId),
      logger,
      ports: { scheduler: this.time, prng: createPrng(1) },
      ...more,
    };
    return idempotent(options, (message) => {
      this.handled.push(message.text());
      return work(message);
    });
  }
}

test('a message that was handled is acknowledged unseen', async () => {
  const bench = new Bench();
  const handler = bench.handler();
  await handler(deliver('m1', 'first').message, signal);
  await handler(deliver('m1', 'second').message, signal);
  assert.deepEqual(bench.handled, ['first']);
  assert.deepEqual(bench.duplicates, ['m1']);
});

test('a key of the application joins copies with different ids; scopes part groups', async () => {
  const bench = new Bench();
  const key = (message: { property(name: string): string | undefined }): string =>
    message.property('order') ?? '';
  const billing = bench.handler(undefined, { key, scope: 'billing' });
  const shipping = bench.handler(undefined, { key, scope: 'shipping' });
  await billing(deliver('m1', 'a', { order: '7' }).message, signal);
  await billing(deliver('m2', 'b', { order: '7' }).message, signal);
  await shipping(deliver('m2', 'c', { order: '7' }).message, signal);
  assert.deepEqual(bench.handled, ['a', 'c']);
  await assert.rejects(async () => billing(deliver('m3').message, signal), {
    code: 'INVALID_ARGUMENT',
  });
});

test('a handler that fails, retries or rejects leaves the key free', async () => {
  const bench = new Bench();
  const failing = bench.handler(() => {
    throw new Error('no');
  });
  await assert.rejects(async () => failing(deliver('m1').message, signal), /no/);
  const retrying = bench.handler((message) => message.retry());
  await retrying(deliver('m1').message, signal);
  const rejecting = bench.handler((message) => message.reject());
  await rejecting(deliver('m1').message, signal);
  await bench.handler()(deliver('m1').message, signal);
  assert.equal(bench.handled.length, 4);
  await bench.handler()(deliver('m1').message, signal);
  assert.equal(bench.handled.length, 4);
});

test('a copy that comes meanwhile comes again when the lease must be over', async () => {
  const bench = new Bench();
  const gate = deferred<void>();
  const handler = bench.handler(() => gate.promise);
  const first = handler(deliver('m1').message, signal);
  const second = deliver('m1');
  await handler(second.message, signal);
  assert.deepEqual(second.settled, [`retry ${LEASE_MS}`]);
  gate.resolve();
  await first;
  assert.equal(bench.handled.length, 1);
});

test('a process that dies while handling: another takes over when the lease is over', async () => {
  const bench = new Bench();
  // The claim of the process that died.
  await bench.store.claim('m1', 'dead', LEASE_MS);
  const early = deliver('m1');
  await bench.handler()(early.message, signal);
  assert.deepEqual(early.settled, [`retry ${LEASE_MS}`]);
  await bench.time.advance(LEASE_MS);
  await bench.handler()(deliver('m1').message, signal);
  assert.equal(bench.handled.length, 1);
});

test('the lease is renewed as long as the handler works', async () => {
  const bench = new Bench();
  const gate = deferred<void>();
  const working = bench.handler(() => gate.promise)(deliver('m1').message, signal);
  await bench.time.advance(10 * LEASE_MS);
  assert.equal(await bench.store.claim('m1', 'other', LEASE_MS), 'busy');
  gate.resolve();
  await working;
  assert.equal(await bench.store.claim('m1', 'other', LEASE_MS), 'done');
  assert.deepEqual(bench.warnings, []);
});

test('a store that fails before the work fails the delivery, and nothing is done', async () => {
  const bench = new Bench();
  const broken: IdempotencyStore = {
    claim: () => Promise.reject(new Error('store is down')),
    complete: () => Promise.resolve(false),
    release: () => Promise.resolve(),
  };
  const handler = bench.handler(undefined, { store: broken });
  await assert.rejects(async () => handler(deliver('m1').message, signal), /store is down/);
  assert.deepEqual(bench.handled, []);
});

test('a store that fails after the work has the message again; that is said', async () => {
  const bench = new Bench();
  const forgetful: IdempotencyStore = {
    claim: (key, token, leaseMs) => bench.store.claim(key, token, leaseMs),
    complete: () => Promise.reject(new Error('store is down')),
    release: () => Promise.reject(new Error('store is down')),
  };
  const handler = bench.handler(undefined, { store: forgetful });
  await assert.rejects(async () => handler(deliver('m1').message, signal), /store is down/);
  const lost: IdempotencyStore = { ...forgetful, complete: () => Promise.resolve(false) };
  await bench.handler(undefined, { store: lost })(deliver('m2').message, signal);
  assert.match(bench.warnings[0] ?? '', /may be handled twice/);
  const failing = bench.handler(
    () => {
      throw new Error('work');
    },
    { store: forgetful },
  );
  await assert.rejects(async () => failing(deliver('m3').message, signal), /work/);
  assert.match(bench.warnings[1] ?? '', /not released/);
});
