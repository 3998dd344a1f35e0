import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configured } from '../../src/allocation/configured.ts';
import { consistentHash } from '../../src/allocation/consistent-hash.ts';
import { queuesOf } from '../fake/queues.ts';

test('a configured list is used as it is, per topic', () => {
  const wanted = [...queuesOf('A', ['b1'], 2), ...queuesOf('B', ['b1'], 1)];
  const strategy = configured(wanted);
  const share = (topic: string): unknown =>
    strategy.allocate({
      group: 'G',
      clientId: 'me',
      clientIds: ['me', 'you'],
      queues: queuesOf(topic, ['b1', 'b2'], 8),
    });
  assert.deepEqual(share('A'), queuesOf('A', ['b1'], 2));
  assert.deepEqual(share('B'), queuesOf('B', ['b1'], 1));
  assert.deepEqual(share('C'), []);
});

test('consistent hashing refuses impossible numbers of virtual nodes', () => {
  assert.throws(() => consistentHash({ virtualNodes: 0 }), { code: 'INVALID_ARGUMENT' });
  assert.throws(() => consistentHash({ virtualNodes: 1.5 }), { code: 'INVALID_ARGUMENT' });
});
