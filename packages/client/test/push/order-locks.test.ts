import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { OrderLocks } from '../../src/push/order-locks.ts';
import { queuesOf } from '../fake/queues.ts';

test('a lock is trusted for 30 s after its request, and comes back by renewal', async () => {
  const time = new VirtualTime(realScheduler);
  let grants = true;
  const unlocked: MessageQueue[] = [];
  const locks = new OrderLocks(
    {
      lock: (_broker, queues) => Promise.resolve(grants ? queues : []),
      unlock: (_broker, queues) => {
        unlocked.push(...queues);
        return Promise.resolve();
      },
    },
    time,
    silentLogger,
  );
  const [one, two] = queuesOf('T', ['a', 'b'], 1);
  assert.ok(one && two);
  assert.equal(await locks.acquire(one), true);
  assert.equal(await locks.acquire(two), true);
  await time.advance(29_999);
  assert.equal(locks.isHeld(one), true);
  await time.advance(1);
  assert.equal(locks.isHeld(one), false);
  assert.deepEqual(await locks.renewAll(), [one, two]);
  grants = false;
  assert.deepEqual(await locks.renewAll(), []);
  assert.equal(locks.isHeld(one), false, 'the broker said no');
  assert.equal(await locks.acquire({ topic: 'T', brokerName: 'c', queueId: 9 }), false);
  await locks.release(one);
  await locks.releaseAll();
  assert.deepEqual(unlocked, [one, two]);
});

test('a broker that does not answer does not end a lock before its time', async () => {
  const time = new VirtualTime(realScheduler);
  let fails = false;
  const locks = new OrderLocks(
    {
      lock: (_broker, queues) => (fails ? Promise.reject(new Error('x')) : Promise.resolve(queues)),
      unlock: () => Promise.reject(new Error('x')),
    },
    time,
    silentLogger,
  );
  const [queue] = queuesOf('T', ['a'], 1);
  assert.ok(queue);
  await locks.acquire(queue);
  fails = true;
  await time.advance(20_000);
  await locks.renewAll();
  assert.equal(locks.isHeld(queue), true);
  await time.advance(10_000);
  assert.equal(locks.isHeld(queue), false);
  await locks.release(queue);
});
