import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { StopSignals } from '../../src/cli/stop-signals.ts';

function fixture(): {
  source: EventEmitter;
  codes: number[];
  errors: unknown[];
  stop: StopSignals;
} {
  const source = new EventEmitter();
  const codes: number[] = [];
  const errors: unknown[] = [];
  const stop = new StopSignals({
    source,
    exit: (code) => codes.push(code),
    failed: (error) => errors.push(error),
  });
  return { source, codes, errors, stop };
}

test('a signal closes, and the process ends with 0', async () => {
  const { source, codes, stop } = fixture();
  let closed = 0;
  stop.started({ close: async () => void closed++ });
  source.emit('SIGTERM');
  await turn();
  assert.equal(closed, 1);
  assert.deepEqual(codes, [0]);
});

test('a signal during the start is obeyed when it has started', async () => {
  const { source, codes, stop } = fixture();
  source.emit('SIGINT');
  assert.deepEqual(codes, []);
  stop.started({ close: async () => {} });
  await turn();
  assert.deepEqual(codes, [0]);
});

test('a second signal ends the process at once', () => {
  const { source, codes, stop } = fixture();
  stop.started({ close: () => new Promise(() => {}) });
  source.emit('SIGTERM');
  assert.deepEqual(codes, []);
  source.emit('SIGTERM');
  assert.deepEqual(codes, [143]);
});

test('a close that fails says so', async () => {
  const { source, codes, errors, stop } = fixture();
  const error = new Error('disk');
  stop.started({ close: () => Promise.reject(error) });
  source.emit('SIGTERM');
  await turn();
  assert.deepEqual(codes, [1]);
  assert.deepEqual(errors, [error]);
});
