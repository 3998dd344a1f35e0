import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tagsCode } from '@skylarkmq/message';
import type { SubscriptionData } from '@skylarkmq/wire';
import { TagFilters } from '../../src/filter/tag-filters.ts';

const ALL: SubscriptionData = {
  topic: 'T',
  subString: '*',
  expressionType: 'TAG',
  subVersion: 1,
  tagsSet: [],
  codeSet: [],
  classFilterMode: false,
};

test('a subscription lets its own codes through, compared as int32', () => {
  const filters = new TagFilters();
  assert.equal(filters.of(ALL), null);
  const two = { ...ALL, subString: 'a || b', codeSet: [tagsCode('a'), -7] };
  const filter = filters.of(two);
  assert.ok(filter !== null);
  assert.equal(filters.of(two), filter, 'made once');
  assert.equal(filter(tagsCode('a')), true);
  assert.equal(filter(tagsCode('b')), false);
  assert.equal(filter(-7), true);
  assert.equal(filter(2 ** 32 - 7), true);
  assert.equal(filter(0), false);
  assert.equal(filters.of({ ...two, codeSet: [] })?.(0), false);
  assert.equal(filters.of({ ...two, codeSet: [-7] })?.(2 ** 32 - 7), true);
});

test('texts are parsed as Java does, and bad ones refused', () => {
  const filters = new TagFilters();
  assert.equal(filters.parse(''), null);
  assert.equal(filters.parse('*'), null);
  const filter = filters.parse(' a ||  || b');
  assert.equal(filters.parse(' a ||  || b'), filter);
  assert.deepEqual(
    ['a', 'b', 'c', ''].map((tag) => filter?.(tagsCode(tag))),
    [true, true, false, false],
  );
  assert.throws(() => filters.parse('||'), /There is no tag/);
  for (let i = 0; i < 5000; i++) filters.parse(`tag${i}`);
  assert.equal(filters.parse('tag1')?.(tagsCode('tag1')), true);
});
