import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topicName } from '@skylarkmq/testkit';
import fc from 'fast-check';
import {
  dlqTopic,
  groupNameProblem,
  groupOfTopic,
  isDlqTopic,
  isRetryTopic,
  isSendAllowed,
  isSystemTopic,
  popRetryTopic,
  retryTopic,
  topicNameProblem,
  validateGroup,
  validateTopic,
} from '../src/index.ts';

test('valid names are accepted', () => {
  fc.assert(
    fc.property(topicName, (topic) => {
      assert.equal(topicNameProblem(topic), undefined);
      validateTopic(topic);
    }),
  );
  validateTopic(retryTopic('g'.repeat(200)));
  validateGroup('CID-1_%|');
});

test('invalid names are refused with the reason', () => {
  assert.match(topicNameProblem('') ?? '', /blank/);
  assert.match(topicNameProblem('  ') ?? '', /blank/);
  assert.match(topicNameProblem('t'.repeat(128)) ?? '', /max length: 127/);
  assert.match(topicNameProblem(retryTopic('g'.repeat(250))) ?? '', /max length: 255/);
  for (const topic of [
    '../x',
    'a b',
    'a.b',
    '标签',
    'a\0',
    'a/b',
    'a\\b',
    'a{b}',
    'a~',
    'a`',
    'a@',
  ]) {
    assert.match(topicNameProblem(topic) ?? '', /illegal characters/, topic);
    assert.throws(() => validateTopic(topic), /illegal/);
  }
  assert.match(groupNameProblem('g'.repeat(121)) ?? '', /max length: 120/);
  assert.throws(() => validateGroup(''), /blank/);
  assert.throws(() => validateGroup('a b'), /illegal/);
});

test('a name that is missing is refused by what it is of', () => {
  const message = /^A group is required: its name must be a text, not number$/;
  assert.throws(() => validateGroup(JSON.parse('5')), { code: 'INVALID_ARGUMENT', message });
  assert.throws(() => validateTopic(JSON.parse('5')), { message: /^A topic is required/ });
});

test('derived topics lead back to their group', () => {
  assert.equal(groupOfTopic(retryTopic('g')), 'g');
  assert.equal(groupOfTopic(dlqTopic('g')), 'g');
  assert.equal(groupOfTopic('plain'), 'plain');
  assert.ok(isRetryTopic('%RETRY%g') && isDlqTopic('%DLQ%g') && !isRetryTopic('%DLQ%g'));
  assert.equal(popRetryTopic('g', 't'), '%RETRY%g_t');
  assert.equal(popRetryTopic('g', 't', 2), '%RETRY%g+t');
});

test('system topics are known, and some may not be sent to', () => {
  assert.ok(isSystemTopic('SCHEDULE_TOPIC_XXXX') && isSystemTopic('rmq_sys_wheel_timer'));
  assert.ok(!isSystemTopic('orders'));
  assert.ok(!isSendAllowed('SCHEDULE_TOPIC_XXXX') && isSendAllowed('orders'));
});
