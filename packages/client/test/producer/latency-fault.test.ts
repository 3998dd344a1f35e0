import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, VirtualTime } from '@skylarkmq/base';
import { isolationOf, LATENCY_STEPS, LatencyFault } from '../../src/producer/latency-fault.ts';
import { resolveProducerOptions } from '../../src/producer/producer-options.ts';

test('a latency earns the isolation of the largest step below it', () => {
  const table: readonly (readonly [number, number])[] = [
    [0, 0],
    [49, 0],
    [50, 0],
    [100, 0],
    [549, 0],
    [550, 2_000],
    [1_799, 2_000],
    [1_800, 5_000],
    [3_000, 6_000],
    [5_000, 10_000],
    [14_999, 10_000],
    [15_000, 30_000],
    [99_999, 30_000],
  ];
  for (const [latencyMs, isolationMs] of table)
    assert.equal(isolationOf(latencyMs, LATENCY_STEPS), isolationMs);
});

test('a slow broker is avoided until its isolation is over, and no longer', async () => {
  const time = new VirtualTime(realScheduler);
  const faults = new LatencyFault(time);
  faults.answered('slow', 600);
  assert.equal(faults.isAvailable('slow'), false);
  assert.equal(faults.isReachable('slow'), true);
  await time.advance(1_999);
  assert.equal(faults.isAvailable('slow'), false);
  await time.advance(1);
  assert.equal(faults.isAvailable('slow'), true);
});

test('a failure counts as ten seconds, and a fast answer does not end an isolation', async () => {
  const time = new VirtualTime(realScheduler);
  const faults = new LatencyFault(time);
  faults.failed('down', 3, false);
  assert.equal(faults.isReachable('down'), false);
  faults.answered('down', 1);
  assert.equal(faults.isReachable('down'), true);
  assert.equal(faults.isAvailable('down'), false);
  await time.advance(10_000);
  assert.equal(faults.isAvailable('down'), true);
});

test('a table of your own is checked and used', async () => {
  const steps = [{ latencyMs: 10, isolationMs: 100 }];
  const base = { namesrv: '127.0.0.1:1' };
  const resolved = resolveProducerOptions({ ...base, latencyFaultTolerance: steps });
  assert.equal(resolved.latencyFaultTolerance, true);
  const time = new VirtualTime(realScheduler);
  const faults = new LatencyFault(time, resolved.latencySteps);
  faults.answered('quick', 9);
  faults.answered('slow', 10);
  assert.ok(faults.isAvailable('quick'));
  assert.equal(faults.isAvailable('slow'), false);
  await time.advance(100);
  assert.ok(faults.isAvailable('slow'));
  for (const wrong of [
    [...steps, ...steps],
    [{ latencyMs: -1, isolationMs: 1 }],
    [{ latencyMs: 1, isolationMs: 0.5 }],
  ]) {
    assert.throws(() => resolveProducerOptions({ ...base, latencyFaultTolerance: wrong }), {
      code: 'INVALID_ARGUMENT',
    });
  }
  assert.equal(resolveProducerOptions(base).latencyFaultTolerance, false);
});
