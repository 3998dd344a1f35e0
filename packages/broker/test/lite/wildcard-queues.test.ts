import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liteQueueName } from '@skylarkmq/message';
import { PutStatus } from '@skylarkmq/store';
import { LiteSubscriptions } from '../../src/lite/lite-subscriptions.ts';
import { WildcardQueues } from '../../src/lite/wildcard-queues.ts';
import { PopLab } from '../pop/pop-lab.ts';

test('a wildcard group has the lite topics with messages that it has not done', async () => {
  const pops = await PopLab.start();
  const { offsets, store, time } = pops.domains;
  const send = async (lite: string): Promise<string> => {
    const queue = liteQueueName('P', lite);
    const properties: [string, string][] = [['INNER_MULTI_DISPATCH', queue]];
    const { status } = await store.put({
      topic: 'P',
      queueId: 0,
      body: Buffer.from('x'),
      properties,
    });
    assert.equal(status, PutStatus.Ok);
    return queue;
  };
  const queues = new WildcardQueues({
    store,
    isDone: (group, queue, maxOffset) => offsets.query(group, queue, 0) >= maxOffset,
  });
  const done = (queue: string): void => {
    const max = store.maxOffset(queue, 0);
    offsets.commit('G', queue, 0, max, 'test');
    queues.looked('G', queue, max);
  };
  const [old, open] = [await send('old'), await send('open')];
  done(old);
  assert.deepEqual([...queues.of('G', 'P')], [open]);
  const young = await send('young');
  await send('old');
  await time.advance(0);
  assert.deepEqual([...queues.of('G', 'P')].sort(), [old, open, young].sort());
  for (const queue of [old, open, young]) done(queue);
  assert.deepEqual([...queues.of('G', 'P')], []);
  assert.deepEqual([...queues.of('Other', 'P')].length, 3, 'each group by itself');
  queues.removeQueue(open);
  assert.equal([...queues.of('Other', 'P')].length, 2);
  queues.forget('Other');
  assert.equal([...queues.of('Other', 'Elsewhere')].length, 0);
  queues.close();
  await pops.stop();
});

test('a wildcard counts as one subscription until its client goes', async () => {
  const pops = await PopLab.start();
  const gone: string[] = [];
  const subscriptions = new LiteSubscriptions(pops.time, (group) => gone.push(group));
  const connection = { closed: false, invokeOneway: () => undefined };
  for (const clientId of ['c1', 'c2']) {
    const client = subscriptions.client(clientId, 'G', 'P', connection);
    subscriptions.add(client, '%LMQ%$P$named');
    subscriptions.addWildcard(client);
    subscriptions.addWildcard(client);
  }
  assert.equal(subscriptions.count, 2);
  assert.deepEqual(subscriptions.subscribers('%LMQ%$P$named'), []);
  subscriptions.remove('c1');
  assert.deepEqual(gone, []);
  subscriptions.remove('c2');
  assert.deepEqual(gone, ['G']);
  assert.equal(subscriptions.count, 0);
  await pops.stop();
});
