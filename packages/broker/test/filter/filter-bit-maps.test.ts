/** Which groups want a message, as bits: docs/formats/consume-queue-ext.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BloomFilter, mayBeSet } from '../../src/filter/bloom-filter.ts';
import type { ConsumerFilter } from '../../src/filter/consumer-filters.ts';
import { filterBitMaps } from '../../src/filter/filter-bit-maps.ts';

const bloom = new BloomFilter(20, 32);

function filterOf(consumerGroup: string, expression: string): ConsumerFilter {
  return {
    ...{ topic: 'T', consumerGroup, expression, expressionType: 'SQL92', bornTime: 1 },
    ...{ bloomFilterData: bloom.positions(`${consumerGroup}#T`), clientVersion: 1, deadTime: 0 },
  };
}

const wanted = new Map([
  ['yes', filterOf('yes', 'right')],
  ['no', filterOf('no', 'wrong')],
]);
const deps = {
  consumerFilters: {
    bits: bloom.bits,
    ofTopic: (topic: string) => (topic === 'T' ? wanted : undefined),
  },
  messageFilters: { matches: ({ expression }: ConsumerFilter) => expression === 'right' },
};

test('the map has the bits of the groups whose expression matches', () => {
  const map = filterBitMaps({ ...deps, enableCalcFilterBitMap: true })('T', Buffer.alloc(0), 0, 0);
  assert.equal(map.length * 8, bloom.bits);
  assert.ok(mayBeSet(map, bloom.positions('yes#T').bitPos));
  assert.ok(!mayBeSet(map, bloom.positions('no#T').bitPos));
});

test('nobody looks where nobody filters, or when it is off', () => {
  const on = filterBitMaps({ ...deps, enableCalcFilterBitMap: true });
  assert.equal(on('Other', Buffer.alloc(0), 0, 0).length, 0);
  const off = filterBitMaps({ ...deps, enableCalcFilterBitMap: false });
  assert.equal(off('T', Buffer.alloc(0), 0, 0).length, 0);
});
