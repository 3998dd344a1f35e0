import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { averagely } from '../../src/allocation/averagely.ts';
import { Rebalancer, type RebalancerDeps } from '../../src/consumer/rebalancer.ts';
import { queuesOf } from '../fake/queues.ts';

class Group {
  readonly time = new VirtualTime(realScheduler);
  readonly held: MessageQueue[] = [];
  members: string[] = ['me'];
  queues: MessageQueue[] | undefined = queuesOf('T', ['a', 'b'], 2);
  rounds = 0;
  takes = true;
  readonly rebalancer: Rebalancer;

  constructor(more: Partial<RebalancerDeps> = {}) {
    this.rebalancer = new Rebalancer({
      clock: this.time,
      scheduler: this.time,
      logger: silentLogger,
      group: 'G',
      clientId: 'me',
      strategy: averagely,
      broadcasting: false,
      topics: () => ['T'],
      queuesOf: () => {
        this.rounds++;
        return Promise.resolve(this.queues);
      },
      membersOf: () => Promise.resolve(this.members),
      held: () => [...this.held],
      take: (queue) => {
        if (this.takes) this.held.push(queue);
        return Promise.resolve(this.takes);
      },
      giveUp: (queue) => {
        this.held.splice(this.held.indexOf(queue), 1);
        return Promise.resolve(true);
      },
      changed: () => Promise.resolve(),
      ...more,
    });
  }
}

test('a single member takes all queues and then looks every 20 s', async () => {
  const group = new Group();
  group.rebalancer.start();
  await group.time.advance(0);
  assert.equal(group.held.length, 4);
  await group.time.advance(19_999);
  assert.equal(group.rounds, 1);
  await group.time.advance(1);
  assert.equal(group.rounds, 2);
  await group.rebalancer.stop();
});

test('a new member is given its share at the notification, after a second at least', async () => {
  const group = new Group();
  group.rebalancer.start();
  await group.time.advance(0);
  group.members = ['me', 'you'];
  group.rebalancer.trigger();
  await group.time.advance(999);
  assert.equal(group.rounds, 1);
  await group.time.advance(1);
  assert.deepEqual(group.held, queuesOf('T', ['a'], 2));
  await group.rebalancer.stop();
});

test('nothing is given up while the broker does not know us', async () => {
  const group = new Group();
  group.rebalancer.start();
  await group.time.advance(0);
  group.members = ['you'];
  group.rebalancer.trigger();
  await group.time.advance(1_000);
  assert.equal(group.rounds, 2);
  assert.equal(group.held.length, 4);
  await group.time.advance(1_000);
  assert.equal(group.rounds, 3, 'asks again every second until it is balanced');
  await group.rebalancer.stop();
});

test('a queue that cannot be taken and a topic without a route are tried again', async () => {
  const group = new Group();
  group.queues = undefined;
  group.rebalancer.start();
  await group.time.advance(0);
  group.queues = queuesOf('T', ['a'], 1);
  group.takes = false;
  await group.time.advance(1_000);
  assert.equal(group.held.length, 0);
  group.takes = true;
  await group.time.advance(1_000);
  assert.equal(group.held.length, 1);
  await group.rebalancer.stop();
});

test('an error keeps what is held', async () => {
  let fails = false;
  const group = new Group({
    membersOf: () => (fails ? Promise.reject(new Error('no broker')) : Promise.resolve(['me'])),
  });
  group.rebalancer.start();
  await group.time.advance(0);
  fails = true;
  group.rebalancer.trigger();
  await group.time.advance(5_000);
  assert.equal(group.held.length, 4);
  await group.rebalancer.stop();
});

test('broadcasting takes everything and asks nobody', async () => {
  const group = new Group({
    broadcasting: true,
    membersOf: () => Promise.reject(new Error('must not be asked')),
  });
  group.rebalancer.start();
  await group.time.advance(0);
  assert.equal(group.held.length, 4);
  await group.rebalancer.stop();
});
