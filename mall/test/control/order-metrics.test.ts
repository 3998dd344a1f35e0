import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { OrderMetrics, quantile } from '../../src/control/order-metrics.ts';

const START_MS = 1_700_000_000_000;

suite('metrics of orders', () => {
  test('counts by the second, and measures from the click to the confirmation', () => {
    const metrics = new OrderMetrics();
    for (let index = 0; index < 100; index++) {
      const orderId = `o_${index}`;
      metrics.record({ type: 'created', orderId, atMs: START_MS });
      metrics.record({ type: 'step-done', orderId, atMs: START_MS + 1 });
      metrics.record({ type: 'confirmed', orderId, atMs: START_MS + 1_000 + index });
    }
    const points = metrics.points(START_MS + 2_999, 4);
    assert.deepEqual(
      points.map(({ created, confirmed }) => [created, confirmed]),
      [
        [0, 0],
        [100, 0],
        [0, 100],
        [0, 0],
      ],
    );
    assert.deepEqual([points[2]?.p50Ms, points[2]?.p99Ms], [1_050, 1_099]);
    assert.deepEqual([points[1]?.p50Ms, points[1]?.atMs], [null, START_MS]);
    assert.equal(metrics.totals.confirmed, 100);
  });

  test('events in disorder are counted where they belong', () => {
    const metrics = new OrderMetrics();
    for (const second of [3, 1, 2, 1, 0]) {
      metrics.record({ type: 'paid', orderId: 'o_1', atMs: START_MS + second * 1000 });
    }
    const points = metrics.points(START_MS + 3_000, 4);
    assert.deepEqual(
      points.map(({ paid }) => paid),
      [1, 2, 1, 1],
    );
  });

  test('keeps so many seconds, and forgets what is older', () => {
    const metrics = new OrderMetrics();
    for (let second = 0; second < 1_000; second++) {
      metrics.record({ type: 'created', orderId: `o_${second}`, atMs: START_MS + second * 1000 });
    }
    metrics.record({ type: 'paid', orderId: 'o_0', atMs: START_MS });
    const points = metrics.points(START_MS + 999_000, 10_000);
    assert.equal(points.length, 300);
    assert.ok(points.every(({ created, paid }) => created === 1 && paid === 0));
    assert.equal(metrics.totals.created, 1_000);
  });

  test('an order that is created only is not measured', () => {
    const metrics = new OrderMetrics();
    metrics.record({ type: 'confirmed', orderId: 'o_1', atMs: START_MS });
    assert.equal(metrics.points(START_MS, 1)[0]?.p50Ms, null);
    assert.equal(quantile([], 0.5), null);
    assert.equal(quantile([7], 0.99), 7);
  });
});
