import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchScan, encodeBatch, encodeProperties, PropertyScan } from '@skylarkmq/message';
import { batchDelayProblem, waitOf } from '../../src/send/batch-delay.ts';

function problemOf(...all: readonly Readonly<Record<string, string>>[]): string | null {
  const messages = all.map((properties) => ({
    flag: 0,
    body: Buffer.from('DELAY'),
    properties: encodeProperties(new Map(Object.entries(properties))),
  }));
  const bytes = encodeBatch(messages);
  const batch = new BatchScan();
  batch.reset(bytes, 0, bytes.length);
  const problem = batchDelayProblem(batch, new PropertyScan());
  if (problem === null) assert.equal(batch.next(), true, 'it is before its first message');
  return problem;
}

test('a batch with a message that waits is refused, and the answer names it', () => {
  assert.equal(problemOf({ KEYS: 'k' }, { DELAY: '0', TAGS: 'T' }, { TRAN_MSG: 'false' }), null);
  const level = 'message 1 of the batch has a delay level: send it by itself';
  assert.equal(problemOf({ KEYS: 'k' }, { DELAY: '3' }), level);
  assert.equal(problemOf({}, { DELAY: 'soon' }), level);
  for (const name of ['TIMER_DELAY_SEC', 'TIMER_DELAY_MS', 'TIMER_DELIVER_MS']) {
    const problem = problemOf({ [name]: '1' });
    assert.equal(problem, 'message 0 of the batch has a time of delivery: send it by itself');
  }
});

test('a message without a delay says so', () => {
  assert.equal(waitOf(new Map([['KEYS', 'k']])), null);
});
