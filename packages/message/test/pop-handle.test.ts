import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatPopHandle,
  isOrderHandle,
  PopTopicKind,
  parsePopHandle,
  popRealTopic,
} from '../src/index.ts';

const TEXT = '1 2 3 4 1 b 5 6';

test('a receipt has the text of Java', () => {
  const handle = parsePopHandle(TEXT);
  assert.equal(formatPopHandle(handle), TEXT);
  assert.equal(handle.queueOffset, 6);
  assert.equal(handle.topicKind, PopTopicKind.RetryV1);
  assert.equal(isOrderHandle(handle), false);
  assert.equal(isOrderHandle(parsePopHandle('0 2 3 999 0 b 5 6')), true);
});

test('what gateways append is ignored', () => {
  assert.deepEqual(parsePopHandle(`${TEXT} 123`), parsePopHandle(TEXT));
});

test('what is no receipt is refused, and it is said why', () => {
  assert.throws(() => parsePopHandle('1 2 3'), /3 fields instead of 8/);
  assert.throws(() => parsePopHandle('1 x 3 4 1 b 5 6'), /pop time is not an integer/);
  assert.throws(() => parsePopHandle('1 2 3 4 3 b 5 6'), /kind 3 is not 0, 1 or 2/);
  assert.throws(() => parsePopHandle('1 '.repeat(600)), /longer than/);
});

test('the topic that a receipt means', () => {
  assert.equal(popRealTopic(PopTopicKind.Normal, 'g', 't'), 't');
  assert.equal(popRealTopic(PopTopicKind.RetryV1, 'g', 't'), '%RETRY%g_t');
  assert.equal(popRealTopic(PopTopicKind.RetryV2, 'g', 't'), '%RETRY%g+t');
});
