/** Messages for a time: how they are asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError } from '@skylarkmq/base';
import { prepareMessage } from '../../src/producer/outgoing-message.ts';

const MESSAGE = { topic: 'T', body: 'b' };

test('a delay and a time become properties', () => {
  const delayed = prepareMessage({ ...MESSAGE, delayMs: 1500 }, 'T', 'ID');
  assert.equal(delayed.properties.get('TIMER_DELAY_MS'), '1500');
  for (const deliverAt of [1_800_000_000_000, new Date(1_800_000_000_000)]) {
    const timed = prepareMessage({ ...MESSAGE, deliverAt }, 'T', 'ID');
    assert.equal(timed.properties.get('TIMER_DELIVER_MS'), '1800000000000');
  }
});

test('what is no time, or several, is refused', () => {
  const bad = [
    { delayMs: 1.5 },
    { delayMs: -1 },
    { deliverAt: new Date('never') },
    { delayMs: 1, deliverAt: 1 },
    { delayMs: 1, delayLevel: 1 },
  ];
  for (const one of bad) {
    assert.throws(
      () => prepareMessage({ ...MESSAGE, ...one }, 'T', 'ID'),
      (error) => error instanceof MqError && error.code === 'INVALID_ARGUMENT',
    );
  }
});
