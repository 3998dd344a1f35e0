import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchPath } from '../../src/state/router.tsx';

test('addresses match their patterns', () => {
  assert.deepEqual(matchPath('/', '/'), {});
  assert.equal(matchPath('/', '/cart'), undefined);
  assert.deepEqual(matchPath('/orders/:id', '/orders/o_1'), { id: 'o_1' });
  assert.deepEqual(matchPath('/orders/:id', '/orders/o%2F1'), { id: 'o/1' });
  assert.deepEqual(matchPath('/orders', '/orders/'), {});
  assert.equal(matchPath('/orders/:id', '/orders'), undefined);
  assert.equal(matchPath('/orders/:id', '/orders/a/b'), undefined);
});
