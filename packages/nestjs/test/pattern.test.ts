import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePattern } from '@skylarkmq/nestjs';
import { HandlerTable } from '../src/handler-table.ts';

test('a pattern names a topic and what of it is wanted', () => {
  assert.deepEqual(parsePattern('orders'), { topic: 'orders' });
  assert.deepEqual(parsePattern('orders:*'), { topic: 'orders' });
  assert.deepEqual(parsePattern('orders:paid'), { topic: 'orders', tags: ['paid'] });
  assert.deepEqual(parsePattern('orders:paid || sent'), {
    topic: 'orders',
    tags: ['paid', 'sent'],
  });
  assert.deepEqual(parsePattern('{"tags":"a||b","topic":"t"}'), { topic: 't', tags: ['a', 'b'] });
  assert.deepEqual(parsePattern('{"sql":"a > 1","topic":"t"}'), { topic: 't', sql: 'a > 1' });
});

test('a pattern that names nothing says what would', () => {
  const wrong = [
    '',
    ':tag',
    't:',
    't:a||',
    't:a||*',
    '{',
    '{"cmd":"sum"}',
    '{"topic":"t","tags":1}',
  ];
  for (const text of [...wrong, '{"topic":"t","tags":"a","sql":"b"}', '{"topic":"t","sql":1}']) {
    assert.throws(() => parsePattern(text), { code: 'INVALID_ARGUMENT', message: /use 'topic'/ });
  }
});

const event = { isEventHandler: true };
const request = { isEventHandler: false };

test('the filters of a topic become one', () => {
  const table = new HandlerTable([
    ['a:x', event],
    ['a:y||z', request],
    ['b:x', event],
    ['b', event],
    ['{"sql":"n > 1","topic":"c"}', event],
  ]);
  assert.deepEqual(table.subscriptions(), [
    { topic: 'a', tags: ['x', 'y', 'z'] },
    { topic: 'b' },
    { topic: 'c', sql: 'n > 1' },
  ]);
  assert.equal(table.events('a', 'x').length, 1);
  assert.equal(table.events('a', 'y').length, 0);
  assert.equal(table.events('b', 'x').length, 2);
  assert.equal(table.events('b', undefined).length, 1);
  assert.equal(table.request('a', 'z')?.text, 'a:y||z');
  assert.equal(table.request('a', 'x'), undefined);
});

test('a handler with SQL cannot share its topic', () => {
  const both = [
    ['{"sql":"n > 1","topic":"c"}', event],
    ['c:x', event],
  ] as const;
  assert.throws(() => new HandlerTable(both), { message: /second server with another group/ });
});
