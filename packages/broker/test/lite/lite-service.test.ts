import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@skylarkmq/base';
import { decodeRecords, liteQueueName, parsePopHandle } from '@skylarkmq/message';
import { subscriptionGroup, topicConfig } from '@skylarkmq/wire';
import { LiteService } from '../../src/lite/lite-service.ts';
import { DEFAULT_SETTINGS } from '../../src/settings.ts';
import { GROUP, PopLab } from '../pop/pop-lab.ts';

const PARENT = 'Chats';
const CLIENT = 'c1';

interface Lab {
  readonly pops: PopLab;
  readonly lite: LiteService;
  send(liteTopic: string, body: string): Promise<void>;
  take(maxCount?: number): Promise<{ body: string; receipt: string; queue: string }[]>;
}

async function start(attributes: [string, string][] = []): Promise<Lab> {
  const pops = await PopLab.start();
  const { topics, groups, offsets, store, time } = pops.domains;
  const type = new Map([['message.type', 'LITE'], ...attributes]);
  topics.put(topicConfig(PARENT, 1, 6, { attributes: type }));
  const bound = new Map([['attributes', new Map([['lite.bind.topic', PARENT]])]]);
  groups.put(subscriptionGroup(GROUP, { rest: bound }));
  const lite = new LiteService({
    ...{ store, topics, groups, offsets, orders: pops.orders, pop: pops.pop },
    ...{ clock: time, scheduler: time, logger: silentLogger },
    settings: () => DEFAULT_SETTINGS,
  });
  return {
    ...{ pops, lite },
    async send(liteTopic, body) {
      const queue = liteQueueName(PARENT, liteTopic);
      const properties: [string, string][] = [['INNER_MULTI_DISPATCH', queue]];
      await store.put({ topic: PARENT, queueId: 0, body: Buffer.from(body), properties });
    },
    async take(maxCount = 32) {
      const request = { group: GROUP, clientId: CLIENT, maxCount, invisibleTime: 10_000 };
      const popped = await lite.take({ ...request, attemptId: '' });
      return decodeRecords(Buffer.concat(popped.records)).map(({ body, properties }) => {
        const offset = properties.get('INNER_MULTI_QUEUE_OFFSET') ?? '';
        const receipt = `${offset} ${popped.popTime} 10000 999 0 broker-a 0 ${offset}`;
        const queue = properties.get('INNER_MULTI_DISPATCH') ?? '';
        return { body: body.toString(), receipt, queue };
      });
    },
  };
}

function subscribed(lab: Lab, ...liteTopics: string[]): void {
  const connection = { closed: false, invokeOneway: () => undefined };
  const client = lab.lite.subscriptions.client(CLIENT, GROUP, PARENT, connection);
  for (const name of liteTopics) {
    lab.lite.subscriptions.add(client, liteQueueName(PARENT, name));
  }
}

function bodies(taken: readonly { body: string }[]): string[] {
  return taken.map(({ body }) => body);
}

test('a client gets messages of its lite topics in order, each when the last is done', async () => {
  const lab = await start();
  for (const body of ['a', 'b', 'c']) await lab.send('l1', body);
  await lab.send('l2', 'other');
  await lab.send('foreign', 'x');
  subscribed(lab, 'l1', 'l2');
  const first = await lab.take(2);
  assert.deepEqual(bodies(first), ['a', 'b']);
  assert.deepEqual(bodies(await lab.take()), ['other'], 'l1 is closed while its messages are out');
  for (const { receipt, queue } of first) {
    const handle = parsePopHandle(receipt);
    const place = { group: GROUP, topic: queue, queueId: 0, offset: handle.queueOffset };
    await lab.pops.pop.acker.acknowledge({ ...place, handle });
  }
  assert.deepEqual(bodies(await lab.take()), ['c']);
  await lab.pops.time.advance(10_001);
  assert.deepEqual(bodies(await lab.take()).sort(), ['c', 'other'], 'what nobody acknowledged');
  await lab.pops.stop();
});

test('lite topics go when their time is over, unless it is endless', async () => {
  for (const minutes of ['30', '-1']) {
    const lab = await start([['lite.topic.expiration', minutes]]);
    await lab.send('l1', 'a');
    subscribed(lab, 'l1');
    await lab.lite.removeExpired();
    assert.deepEqual(lab.lite.queuesOf(PARENT), [liteQueueName(PARENT, 'l1')]);
    await lab.pops.time.advance(31 * 60_000);
    await lab.lite.removeExpired();
    assert.equal(lab.lite.queuesOf(PARENT).length, minutes === '30' ? 0 : 1);
    assert.equal(lab.lite.subscriptions.count, minutes === '30' ? 0 : 1);
    await lab.pops.stop();
  }
});
