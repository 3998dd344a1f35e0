import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, MqErrorCode, realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import { tagSubscription } from '../../src/consumer/subscription.ts';
import { PopReceiver, type PopWish } from '../../src/pop/pop-receiver.ts';
import { FakePopNetwork, popped } from '../fake/pop-lab.ts';
import { storedMessage } from '../fake/queues.ts';

function lab(tags = '*', ordered = false) {
  const time = new VirtualTime(realScheduler);
  const network = new FakePopNetwork();
  const receiver = new PopReceiver({
    ...{ clock: time, scheduler: time, logger: silentLogger, network, ordered },
    subscriptions: [tagSubscription('T', tags, 1)],
    from: 'first',
  });
  const signal = new AbortController().signal;
  const wish: PopWish = { max: 2, invisibleMs: 30_000, awaitMs: 0, signal };
  return { time, network, receiver, wish };
}

test('brokers are asked in turns', async () => {
  const { network, receiver, wish } = lab();
  network.arrive(...[0, 1, 2, 3].map((offset) => popped('a', offset)), popped('b', 0));
  const brokers: string[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const [first] = await receiver.receive(wish);
    brokers.push(first?.handle.brokerName ?? 'none');
  }
  assert.deepEqual(brokers, ['a', 'b', 'a']);
  assert.deepEqual(await receiver.receive(wish), []);
  assert.ok(network.pops.every((args) => args.holdMs === 0));
});

test('an empty group waits at all brokers, and takes from the one that has something', async () => {
  const { network, receiver, time, wish } = lab();
  const received = receiver.receive({ ...wish, awaitMs: 20_000 });
  await time.advance(0);
  assert.equal(network.waiting.length, 2);
  network.arrive(popped('b', 7));
  assert.equal((await received)[0]?.handle.queueOffset, 7);
  assert.equal(network.waiting.length, 0, 'nobody waits any more');
});

test('a wait that is ended takes nothing', async () => {
  const { network, receiver, time, wish } = lab();
  const stop = new AbortController();
  const received = receiver.receive({ ...wish, awaitMs: 20_000, signal: stop.signal });
  await time.advance(0);
  const pops = network.pops.length;
  stop.abort();
  assert.deepEqual(await received, []);
  assert.equal(network.pops.length, pops);
  assert.equal(network.waiting.length, 0);
});

test('one broker that fails is no matter, all of them are', async () => {
  const { network, receiver, wish } = lab();
  const failure = new MqError(MqErrorCode.Connect, 'down', { retryable: true });
  network.failures.set('a', failure);
  network.arrive(popped('b', 1));
  assert.equal((await receiver.receive(wish)).length, 1);
  network.failures.set('b', failure);
  await assert.rejects(receiver.receive(wish), { code: 'CONNECT' });
  network.brokers = [];
  await assert.rejects(receiver.receive(wish), { code: 'NO_ROUTE', message: /create the topic/ });
});

test('messages that only share the hash code of a tag are dismissed', async () => {
  const { network, receiver, wish } = lab('Aa');
  const queue = { topic: 'T', brokerName: 'a', queueId: 0 };
  const tagged = (offset: number, tag: string) =>
    popped('a', offset, {
      message: storedMessage(queue, offset, { properties: new Map([['TAGS', tag]]) }),
    });
  network.arrive(tagged(1, 'Aa'), tagged(2, 'BB'));
  const messages = await receiver.receive(wish);
  assert.deepEqual(
    messages.map((one) => one.handle.queueOffset),
    [1],
  );
  assert.deepEqual(
    network.acked.map((one) => one.handle.queueOffset),
    [2],
  );
});

test('an ordered pop whose answer was lost is repeated under its id', async () => {
  const { network, receiver, wish } = lab('*', true);
  network.brokers = ['a'];
  network.failures.set('a', new MqError(MqErrorCode.Timeout, 'late', { retryable: true }));
  await assert.rejects(receiver.receive(wish));
  network.failures.clear();
  await receiver.receive(wish);
  await receiver.receive(wish);
  assert.deepEqual(
    network.pops.map((args) => args.attemptId),
    ['attempt-1', 'attempt-1', 'attempt-2'],
  );
});
