/** Queue locks: one owner at a time, renewed by asking again, free after a minute of silence. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  JsonFile,
  MemoryFileSystem,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import { QueueLocks } from '../../src/consumer-group/queue-locks.ts';

const [Q0, Q1] = [0, 1].map((queueId) => ({ topic: 'T', brokerName: 'broker-a', queueId }));

function start(disk = new MemoryFileSystem(() => 0), time = new VirtualTime(realScheduler)) {
  assert.ok(Q0 !== undefined && Q1 !== undefined);
  const file = new JsonFile(disk, '/config/skylarkQueueLocks.json');
  const ports = { clock: time, scheduler: time, logger: silentLogger };
  const locks = new QueueLocks({ file, ...ports, lockMs: () => 60_000 });
  locks.load();
  return { time, disk, locks, q0: Q0, q1: Q1 };
}

test('the first one has a queue until it gives it up; groups do not disturb each other', () => {
  const { locks, q0, q1 } = start();
  assert.deepEqual(locks.lock('G', 'a', [q0]), [q0]);
  assert.deepEqual(locks.lock('G', 'b', [q0, q1]), [q1]);
  assert.deepEqual(locks.lock('H', 'b', [q0]), [q0]);
  locks.unlock('G', 'b', [q0]);
  assert.deepEqual(locks.lock('G', 'b', [q0]), []);
  locks.unlock('G', 'a', [q0]);
  assert.deepEqual(locks.lock('G', 'b', [q0]), [q0]);
});

test('a lock that nobody renews for a minute can be taken and does not count', async () => {
  const { time, locks, q0, q1 } = start();
  locks.lock('G', 'a', [q0, q1]);
  await time.advance(40_000);
  locks.lock('G', 'a', [q0]);
  await time.advance(20_001);
  assert.deepEqual(locks.lock('G', 'b', [q0, q1]), [q1]);
  assert.equal(locks.holdsAny('G'), true);
  await time.advance(60_001);
  assert.equal(locks.holdsAny('G'), false);
  assert.equal(locks.holdsAny('Nobody'), false);
});

test('after a restart a queue waits for an owner that may still believe in its lock', async () => {
  const { time, disk, locks, q0, q1 } = start();
  locks.lock('G', 'a', [q0, q1]);
  locks.unlock('G', 'a', [q1]);
  // Written by itself: a process that is killed closes nothing.
  await time.advance(1000);
  const again = start(disk, time);
  assert.deepEqual(again.locks.lock('G', 'b', [q0, q1]), [q1]);
  assert.deepEqual(again.locks.lock('G', 'a', [q0]), [q0]);
  locks.close();
  again.locks.close();
  const third = start(disk, time);
  await time.advance(30_001);
  assert.deepEqual(third.locks.lock('G', 'c', [q0]), [q0]);
});

test('a file that is no table of locks costs the locks, not the start', () => {
  const disk = new MemoryFileSystem(() => 0);
  new JsonFile(disk, '/config/skylarkQueueLocks.json').save('{"G":[1]}');
  const { locks, q0 } = start(disk);
  assert.deepEqual(locks.lock('G', 'a', [q0]), [q0]);
});
