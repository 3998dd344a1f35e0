import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownName } from '../../src/index.ts';

test('names are shown as they are, all else quoted and cut', () => {
  assert.equal(shownName('maxMessageSize'), 'maxMessageSize');
  assert.equal(shownName('rocketmq.broker-name'), 'rocketmq.broker-name');
  assert.equal(shownName('a\u001b[31m\0'), String.raw`"a\u001b[31m\u0000"`);
  assert.equal(shownName(''), '""');
  assert.equal(shownName('x'.repeat(3_000_000)), `"${'x'.repeat(80)}"`);
});
