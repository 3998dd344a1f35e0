/** The door to the outside: what does not get in. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isCsrfToken, newCsrfToken } from '../../src/edge/csrf.ts';
import { destinationOf } from '../../src/edge/gate.ts';
import { RateLimit } from '../../src/edge/rate-limit.ts';
import { ApiError } from '../../src/shared/api-error.ts';
import { realClock } from '../../src/shared/clock.ts';

suite('the gate', () => {
  test('a path leads to a service and what is behind it', () => {
    const found = destinationOf('/api/order/orders/o_1?page=2');
    assert.deepEqual(found, { service: 'order', path: '/orders/o_1?page=2' });
    assert.equal(destinationOf('/api/catalogue/products?q=%2F..%2F').service, 'catalogue');
  });

  test('nothing leads to what is internal, however it is written', () => {
    for (const path of [
      '/api/order/internal/totals',
      '/api/order/%69nternal/totals',
      '/api/order//internal/totals',
      '/api/order/x/../internal/totals',
      '/api/order/x/%2e%2e/internal/totals',
      '/api/order/x%2f..%2finternal/totals',
      '/api/order/%E0%A4%A/x',
      '/api/order/health/ready',
      '/api/provider/v1/payments',
      '/api/edge/x',
      '/api/constructor/x',
      '/api/order',
      '/api/',
    ]) {
      const isUnknown = (error: unknown) => error instanceof ApiError && error.code === 'NOT_FOUND';
      assert.throws(() => destinationOf(path), isUnknown, path);
    }
  });

  test('a token is believed only from whoever signed it', () => {
    const token = newCsrfToken('secret');
    assert.ok(isCsrfToken(token, 'secret'));
    assert.ok(!isCsrfToken(token, 'another'));
    assert.ok(!isCsrfToken(`x${token}`, 'secret'));
    assert.ok(!isCsrfToken('', 'secret'));
  });

  test('so many at once, then so many a second, for each visitor', () => {
    let nowMs = 0;
    const clock = { ...realClock, monotonicMs: () => nowMs };
    const limit = new RateLimit({ perSecond: 2, burst: 3, clock });
    const taken = (visitor: string, times: number): number =>
      Array.from({ length: times }, () => limit.take(visitor)).filter((isTaken) => isTaken).length;
    assert.equal(taken('a', 5), 3);
    assert.equal(taken('b', 5), 3);
    nowMs += 1_000;
    assert.equal(taken('a', 5), 2);
    nowMs += 60_000;
    assert.equal(taken('a', 5), 3);
  });
});
