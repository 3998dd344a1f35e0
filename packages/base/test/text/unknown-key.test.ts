import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unknownKeyText } from '../../src/index.ts';

test('a key that nobody knows is named with the one that may be meant', () => {
  const text = unknownKeyText('brokerNmae', 'brokerName');
  assert.equal(text, 'Nobody knows the key brokerNmae: did you mean brokerName?');
});

test('names are shown as they are, all else quoted and cut', () => {
  const cases = [
    ['maxMessageSize', 'maxMessageSize'],
    ['rocketmq.broker-name', 'rocketmq.broker-name'],
    ['a\u001b[31m\0', String.raw`"a\u001b[31m\u0000"`],
    ['', '""'],
    ['x'.repeat(3_000_000), `"${'x'.repeat(80)}"`],
  ];
  for (const [key = '', shown] of cases) {
    const text = unknownKeyText(key, undefined);
    assert.equal(text, `Nobody knows the key ${shown}: no known key is like it`);
  }
});
