import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred, realClock, realScheduler } from '../../src/index.ts';

test('timers, immediates and ticks run, in the order of the event loop', async () => {
  const order: string[] = [];
  const done = deferred();
  realScheduler.after(1, () => {
    order.push('after');
    realScheduler.immediate(() => {
      order.push('immediate');
      done.resolve();
    });
    realScheduler.nextTick(() => order.push('tick'));
  });
  const keepAlive = setTimeout(() => done.reject(new Error('too slow')), 120_000);
  await done.promise;
  clearTimeout(keepAlive);
  assert.deepEqual(order, ['after', 'tick', 'immediate']);
});

test('a cancelled timer does not run; a period of months does not fire at once', async () => {
  let ran = 0;
  realScheduler.after(1, () => ran++).cancel();
  const long = realScheduler.every(90 * 86_400_000, () => ran++);
  const turn = deferred();
  setTimeout(() => turn.resolve(), 20);
  await turn.promise;
  long.cancel();
  assert.equal(ran, 0);
});

test('the clocks tell milliseconds', () => {
  assert.ok(Number.isInteger(realClock.nowMs()) && realClock.nowMs() > 1_700_000_000_000);
  const before = realClock.monotonicMs();
  assert.ok(realClock.monotonicMs() >= before);
});
