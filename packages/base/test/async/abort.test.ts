import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred, MqError, onAbort, throwIfAborted } from '../../src/index.ts';

test('an aborted signal throws ABORTED with the reason as cause', () => {
  throwIfAborted(undefined);
  const controller = new AbortController();
  throwIfAborted(controller.signal);
  const reason = new Error('no longer needed');
  controller.abort(reason);
  assert.throws(
    () => throwIfAborted(controller.signal),
    (error) => error instanceof MqError && error.code === 'ABORTED' && error.cause === reason,
  );
});

test('listeners run once, and not after they were removed', () => {
  const controller = new AbortController();
  let calls = 0;
  onAbort(controller.signal, () => calls++);
  const remove = onAbort(controller.signal, () => calls++);
  onAbort(undefined, () => calls++)();
  remove();
  controller.abort();
  assert.equal(calls, 1);
});

test('a deferred settles once', async () => {
  const one = deferred<number>();
  one.resolve(1);
  one.resolve(2);
  one.reject(new Error('late'));
  assert.equal(await one.promise, 1);
  const other = deferred();
  other.reject(new Error('failed'));
  await assert.rejects(other.promise, /failed/);
});
