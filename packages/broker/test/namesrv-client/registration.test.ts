/** Registration at real name servers: first, on changes, after outages, and on leaving. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { MemoryFileSystem, realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import { NameServer } from '@skylarkmq/namesrv';
import { RemotingClient } from '@skylarkmq/remoting';
import {
  decodeTopicRoute,
  GetRouteInfoByTopic,
  PutKvConfig,
  type QueueData,
  topicConfig,
} from '@skylarkmq/wire';
import type { BrokerIdentity } from '../../src/identity.ts';
import { Registration } from '../../src/namesrv-client/registration.ts';
import { type BrokerSettings, DEFAULT_SETTINGS } from '../../src/settings.ts';
import { StaticTopics } from '../../src/static-topic/static-topics.ts';
import { addSystemTopics } from '../../src/topic/system-topics.ts';
import { TopicTable } from '../../src/topic/topic-table.ts';
import { IDENTITY } from '../domains.ts';

const NOTHING = Buffer.alloc(0);
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function nameServer(time: VirtualTime, port = 0): Promise<{ port: number; stop(): unknown }> {
  const ports = { clock: time, scheduler: time, logger: silentLogger };
  const server = new NameServer({ port, fileSystem: new MemoryFileSystem(), ...ports });
  const started = await server.start();
  const stop = (): Promise<void> => server.close();
  closing.push(stop);
  return { port: started.port, stop };
}

interface Setup {
  readonly time: VirtualTime;
  readonly topics: TopicTable;
  readonly registration: Registration;
  readonly addresses: string[];
  change(settings: Partial<BrokerSettings>): void;
  /** The queues of a topic at a name server, undefined when it has none. */
  route(topic: string, address?: string): Promise<QueueData | undefined>;
  ask: RemotingClient['invoke'];
}

/** A registration at as many name servers as given, not yet started. */
async function setup(
  servers: number,
  advertiseAuto = false,
  identity: BrokerIdentity = IDENTITY,
): Promise<Setup> {
  const time = new VirtualTime(realScheduler);
  const addresses: string[] = [];
  for (let index = 0; index < servers; index++) {
    addresses.push(`127.0.0.1:${(await nameServer(time)).port}`);
  }
  const ports = { clock: time, scheduler: time, logger: silentLogger };
  const topics = new TopicTable({ file: null, ...ports });
  addSystemTopics(topics, IDENTITY, DEFAULT_SETTINGS);
  const client = new RemotingClient(ports);
  let settings = DEFAULT_SETTINGS;
  const registration = new Registration({
    ...{ client, topics, identity, advertiseAuto, ...ports },
    staticTopics: new StaticTopics({ file: null, ...ports }),
    addresses: () => addresses,
    settings: () => settings,
  });
  closing.push(
    () => client.close(),
    () => registration.stop(),
  );
  /** Over a connection of its own: name servers come and go here. */
  const ask: RemotingClient['invoke'] = async (address, request, options) => {
    const asking = new RemotingClient(ports);
    try {
      return await asking.invoke(address, request, options);
    } finally {
      await asking.close();
    }
  };
  return {
    ...{ time, topics, registration, addresses, ask },
    change(changes) {
      settings = { ...settings, ...changes };
    },
    async route(topic, address = addresses[0] ?? '') {
      const ext = GetRouteInfoByTopic.request.encode({ topic });
      const request = { code: GetRouteInfoByTopic.code, ext };
      const answer = await ask(address, request, { timeoutMs: 60_000 });
      return answer.code === 0 ? decodeTopicRoute(answer.body ?? NOTHING).queueDatas[0] : undefined;
    },
  };
}

test('all topics are at every name server when start resolves', async () => {
  const { registration, route, addresses } = await setup(2);
  await registration.start();
  for (const address of addresses) {
    assert.equal((await route('TBW102', address))?.writeQueueNums, 8);
    assert.equal((await route('SCHEDULE_TOPIC_XXXX', address))?.readQueueNums, 18);
  }
});

test('a changed topic is there when announce resolves, also among ten thousand', async () => {
  const { registration, topics, route } = await setup(1);
  for (let index = 0; index < 25_000; index++) topics.put(topicConfig(`Old${index}`, 1, 6));
  await registration.start();
  assert.equal((await route('Old0'))?.perm, 6);
  assert.equal((await route('Old24999'))?.perm, 6);
  topics.put(topicConfig('New', 3, 6));
  await registration.announce();
  assert.equal((await route('New'))?.writeQueueNums, 3);
  topics.put(topicConfig('New', 3, 4));
  topics.put(topicConfig('Old24999', 1, 4));
  await Promise.all([registration.announce(), registration.announce()]);
  assert.equal((await route('New'))?.perm, 4);
  assert.equal((await route('Old24999'))?.perm, 4);
});

test('a name server that is down delays nobody and gets everything when it is back', async () => {
  const { registration, topics, route, addresses, time } = await setup(1);
  const second = await nameServer(time);
  const address = `127.0.0.1:${second.port}`;
  await second.stop();
  addresses.push(address);
  await registration.start();
  assert.equal((await route('TBW102'))?.writeQueueNums, 8);
  topics.put(topicConfig('New', 3, 6));
  await registration.announce();
  assert.equal((await route('New'))?.writeQueueNums, 3);
  await nameServer(time, second.port);
  await advanceUntil(time, 30_000, async () => (await route('TBW102', address)) !== undefined);
  assert.equal((await route('New', address))?.writeQueueNums, 3);
});

test('a name server that restarted knows the broker again within seconds', async () => {
  const { registration, route, addresses, time } = await setup(0);
  const first = await nameServer(time);
  const address = `127.0.0.1:${first.port}`;
  addresses.push(address);
  await registration.start();
  assert.equal((await route('TBW102', address))?.writeQueueNums, 8);
  await first.stop();
  await nameServer(time, first.port);
  assert.equal(await route('TBW102', address), undefined);
  await advanceUntil(time, 3000, async () => (await route('TBW102', address)) !== undefined);
});

test('what the broker as a whole does not allow is taken from every topic', async () => {
  const { registration, route, change } = await setup(1);
  change({ brokerPermission: 4 });
  await registration.start();
  assert.equal((await route('BenchmarkTest'))?.perm, 4);
  change({ brokerPermission: 6 });
  await registration.announce();
  assert.equal((await route('BenchmarkTest'))?.perm, 6);
});

test('topics that the name server lists as ordered become ordered', async () => {
  const { registration, topics, addresses, ask } = await setup(1);
  topics.put(topicConfig('Sorted', 4, 6));
  topics.put(topicConfig('NotAnyMore', 4, 6, { order: true }));
  const pair = { namespace: 'ORDER_TOPIC_CONFIG', key: 'Sorted', value: 'broker-a:4' };
  const ext = PutKvConfig.request.encode(pair);
  await ask(addresses[0] ?? '', { code: PutKvConfig.code, ext }, { timeoutMs: 60_000 });
  await registration.start();
  assert.equal(topics.get('Sorted')?.order, true);
  assert.equal(topics.get('NotAnyMore')?.order, false);
});

test('after unregister no route leads here', async () => {
  const { registration, route, time } = await setup(1);
  await registration.start();
  await registration.unregister();
  registration.stop();
  await advanceUntil(time, 5000, async () => (await route('TBW102')) === undefined);
});

test('with advertise auto clients are told the host by which they came', async () => {
  for (const [advertiseAuto, told] of [
    [true, '127.0.0.1:26911'],
    [false, '10.9.9.9:26911'],
  ] as const) {
    const identity = { ...IDENTITY, address: '10.9.9.9:26911' };
    const { registration, addresses, ask } = await setup(1, advertiseAuto, identity);
    await registration.start();
    const ext = GetRouteInfoByTopic.request.encode({ topic: 'TBW102' });
    const request = { code: GetRouteInfoByTopic.code, ext };
    const answer = await ask(addresses[0] ?? '', request, { timeoutMs: 60_000 });
    const [broker] = decodeTopicRoute(answer.body ?? NOTHING).brokerDatas;
    assert.equal(broker?.brokerAddrs.get(0), told);
  }
});

/** Moves time on in small steps until something holds; fails after `limitMs`. */
async function advanceUntil(
  time: VirtualTime,
  limitMs: number,
  holds: () => Promise<boolean>,
): Promise<void> {
  for (let passedMs = 0; passedMs <= limitMs; passedMs += 500) {
    if (await holds()) return;
    await time.advance(500);
  }
  assert.fail(`does not hold after ${limitMs} ms`);
}
