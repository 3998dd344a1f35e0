import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acceptsTag,
  parseSubscription,
  renewed,
  tagSubscription,
} from '../../src/consumer/subscription.ts';

test('tags are split, trimmed and hashed as in Java', () => {
  const subscription = parseSubscription({ topic: 'T', tags: 'Aa || pay ||' }, 17);
  assert.deepEqual([...subscription.tags], ['Aa', 'pay']);
  assert.deepEqual([...subscription.tagCodes], [2112, 110760]);
  assert.equal(subscription.version, 17);
  assert.equal(subscription.expressionType, 'TAG');
  const list = parseSubscription({ topic: 'T', tags: ['Aa', 'pay'] }, 17);
  assert.deepEqual([...list.tags], ['Aa', 'pay']);
});

test('no tags, an empty text and a star mean everything', () => {
  for (const options of [{}, { tags: '' }, { tags: ' * ' }]) {
    const subscription = parseSubscription({ topic: 'T', ...options }, 1);
    assert.equal(subscription.expression, '*');
    assert.equal(acceptsTag(subscription, undefined), true);
  }
});

test('tags whose hash codes collide are told apart', () => {
  const subscription = tagSubscription('T', 'Aa', 1);
  assert.equal(acceptsTag(subscription, 'Aa'), true);
  assert.equal(acceptsTag(subscription, 'BB'), false);
  assert.equal(acceptsTag(subscription, undefined), false);
});

test('SQL stays as it is and is not checked again', () => {
  const subscription = parseSubscription({ topic: 'T', sql: 'a > 5' }, 1);
  assert.deepEqual([subscription.expression, subscription.expressionType], ['a > 5', 'SQL92']);
  assert.equal(acceptsTag(subscription, undefined), true);
});

test('what cannot be a filter is refused', () => {
  const refused = { code: 'INVALID_ARGUMENT' };
  assert.throws(() => parseSubscription({ topic: 'T', tags: 'a', sql: 'b' }, 1), refused);
  assert.throws(() => parseSubscription({ topic: 'T', tags: [] }, 1), refused);
  assert.throws(() => parseSubscription({ topic: 'T', tags: '||' }, 1), refused);
  assert.throws(() => parseSubscription({ topic: 'T', sql: ' ' }, 1), refused);
  assert.throws(() => parseSubscription({ topic: 'T', tags: 'x'.repeat(9_000) }, 1), refused);
});

test('a renewed subscription is always newer', () => {
  const subscription = tagSubscription('T', '*', 100);
  assert.equal(renewed(subscription, 50).version, 101);
  assert.equal(renewed(subscription, 500).version, 500);
});
