import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConsumeFrom, startOffset } from '../../src/consumer/start-offset.ts';

const queue = { topic: 'T', brokerName: 'b', queueId: 0 };

function ask(stored: number | undefined, from: ConsumeFrom, retry: boolean): Promise<number> {
  return startOffset(queue, from, retry, {
    stored: () => Promise.resolve(stored),
    maxOffset: () => Promise.resolve(900),
    offsetByTime: (_queue, timestampMs) => Promise.resolve(timestampMs / 10),
  });
}

test('a committed offset wins', async () => {
  for (const from of ['last', 'first', { timestampMs: 5_000 }] as const) {
    assert.equal(await ask(42, from, false), 42);
    assert.equal(await ask(0, from, true), 0);
  }
});

test('without one the group begins where it was told to', async () => {
  const table: readonly (readonly [ConsumeFrom, boolean, number])[] = [
    ['last', false, 900],
    ['last', true, 0],
    ['first', false, 0],
    ['first', true, 0],
    [{ timestampMs: 5_000 }, false, 500],
    [{ timestampMs: 5_000 }, true, 900],
  ];
  for (const [from, retry, expected] of table) {
    assert.equal(await ask(undefined, from, retry), expected);
    assert.equal(await ask(-1, from, retry), expected);
  }
});
