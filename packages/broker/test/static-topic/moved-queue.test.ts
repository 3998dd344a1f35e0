/** Two brokers and a name server: a logical queue that moves from one broker to the other. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  MemoryFileSystem,
  realScheduler,
  silentLogger,
  stringifyJson,
  VirtualTime,
} from '@skylarkmq/base';
import { NameServer } from '@skylarkmq/namesrv';
import {
  type Command,
  decodeStaticTopicBody,
  GetMaxOffset,
  GetMinOffset,
  GetTopicConfig,
  PullMessage,
  QueryConsumerOffset,
  SearchOffsetByTimestamp,
  SendMessage,
  type StaticTopic,
  staticTopicJson,
  UpdateAndCreateTopic,
  UpdateConsumerOffset,
} from '@skylarkmq/wire';
import {
  type AdminBroker,
  type Fields,
  jsonBody,
  startAdminBroker,
  topicFields,
} from '../admin-broker.ts';
import { part, staticTopic } from './mappings.ts';

const HERE = part({});
const THERE = part({ gen: 1, queueId: 1, brokerName: 'broker-b' });
const GROUP = { consumerGroup: 'G', topic: 'Static', queueId: 0 };

async function twoBrokers(t: TestContext): Promise<[AdminBroker, AdminBroker]> {
  const time = new VirtualTime(realScheduler);
  const ports = { clock: time, scheduler: time, logger: silentLogger };
  const namesrv = new NameServer({ port: 0, fileSystem: new MemoryFileSystem(), ...ports });
  const { port } = await namesrv.start();
  const namesrvAddresses = [`127.0.0.1:${port}`];
  const a = await startAdminBroker(t, { brokerName: 'broker-a', namesrvAddresses });
  const b = await startAdminBroker(t, { brokerName: 'broker-b', namesrvAddresses });
  // Hooks run in the order in which they were made: brokers leave first.
  t.after(() => namesrv.close());
  return [a, b];
}

async function tell(
  broker: AdminBroker,
  mapping: StaticTopic,
  more: Fields = {},
): Promise<Command> {
  const body = stringifyJson(staticTopicJson(mapping), { javaKeys: true });
  return await broker.ask(513, topicFields('Static', more), body);
}

async function send(broker: AdminBroker, body: string, queueId = 0): Promise<Command> {
  const fields = { producerGroup: 'PG', topic: 'Static', defaultTopic: 'TBW102', queueId };
  const numbers = { defaultTopicQueueNums: 2, sysFlag: 0, bornTimestamp: 1, flag: 0 };
  const rest = { properties: '', reconsumeTimes: 0, unitMode: false, batch: false };
  return await broker.ask(SendMessage.code, { ...fields, ...numbers, ...rest }, body);
}

async function pull(broker: AdminBroker, queueOffset: number, more: Fields = {}): Promise<Command> {
  const numbers = { queueOffset, maxMsgNums: 32, sysFlag: 4, commitOffset: 0, subVersion: 1 };
  const rest = { suspendTimeoutMillis: 0, subscription: '*', expressionType: 'TAG' };
  return await broker.ask(PullMessage.code, { ...GROUP, ...numbers, ...rest, ...more });
}

function header(answer: Command): (number | undefined)[] {
  const { nextBeginOffset, minOffset, maxOffset, offsetDelta } = PullMessage.response.decode(
    answer.ext,
  );
  return [answer.code, nextBeginOffset, minOffset, maxOffset, offsetDelta];
}

const offsetOf = (answer: Command): number => Number(answer.ext.get('offset'));
const ok = (answer: Command): void => assert.equal(answer.code, 0, answer.remark ?? '');

/** Queue 0 was at broker-a with messages 0, 1, 2 and goes on at broker-b, queue 1, from 10000. */
async function moved(t: TestContext): Promise<[AdminBroker, AdminBroker]> {
  const [a, b] = await twoBrokers(t);
  for (const broker of [a, b]) await broker.ask(200, {}, groupBody('G'));
  ok(await tell(a, staticTopic(new Map([[0, [HERE]]]))));
  ok(await tell(b, staticTopic(new Map(), { brokerName: 'broker-b' })));
  for (const body of ['m0', 'm1', 'm2']) ok(await send(a, body));
  const open = new Map([[0, [HERE, { ...THERE, logicOffset: -1 }]]]);
  ok(await tell(b, staticTopic(open, { brokerName: 'broker-b', epoch: 2 })));
  assert.equal((await send(b, 'too early')).code, 501);
  ok(await tell(a, staticTopic(open, { epoch: 2 })));
  const decided = new Map([[0, [HERE, { ...THERE, logicOffset: 10_000 }]]]);
  ok(await tell(b, staticTopic(decided, { brokerName: 'broker-b', epoch: 2 })));
  return [a, b];
}

function groupBody(groupName: string): string {
  return JSON.stringify({ groupName, consumeEnable: true, consumeBroadcastEnable: true });
}

test('messages of both parts come in order from the broker that leads', async (t) => {
  const [a, b] = await moved(t);
  const refused = await send(a, 'no more');
  assert.equal(refused.code, 501);
  assert.match(refused.remark ?? '', /does not exit in request process.*look at the route again/);
  assert.equal((await pull(a, 0)).code, 501);
  const sent = await send(b, 'm3');
  ok(sent);
  const { queueId, queueOffset } = SendMessage.response.decode(sent.ext);
  assert.deepEqual([queueId, queueOffset], [0, 10_000]);
  const old = await pull(b, 0);
  assert.deepEqual(header(old), [0, 3, 0, 10_000, 0]);
  assert.match(old.body?.toString('latin1') ?? '', /m0.*m1.*m2/s);
  assert.deepEqual(header(await pull(b, 3)), [20, 10_000, 10_000, 10_000, 10_000]);
  const fresh = await pull(b, 10_000);
  assert.deepEqual(header(fresh), [0, 10_001, 10_000, 10_001, 10_000]);
  assert.match(fresh.body?.toString('latin1') ?? '', /m3/);
  assert.deepEqual(header(await pull(b, 10_001)), [19, 10_001, 10_000, 10_001, 10_000]);
  assert.deepEqual(header(await pull(a, 0, { lo: false })).slice(0, 2), [0, 3]);
});

test('ends and times of the logical queue', async (t) => {
  const [a, b] = await moved(t);
  const queue = { topic: 'Static', queueId: 0 };
  assert.equal(offsetOf(await b.ask(GetMaxOffset.code, queue)), 10_000);
  ok(await send(b, 'm3'));
  assert.equal(offsetOf(await b.ask(GetMaxOffset.code, queue)), 10_001);
  assert.equal(offsetOf(await b.ask(GetMinOffset.code, queue)), 0);
  assert.equal((await a.ask(GetMaxOffset.code, queue)).code, 501);
  assert.equal(offsetOf(await a.ask(GetMaxOffset.code, { ...queue, lo: false })), 3);
  const early = { ...queue, timestamp: 0 };
  assert.equal(offsetOf(await b.ask(SearchOffsetByTimestamp.code, early)), 0);
  const late = { ...queue, timestamp: 9_000_000_000_000 };
  assert.equal(offsetOf(await b.ask(SearchOffsetByTimestamp.code, late)), 10_001);
});

test('a group goes on where it was, in whichever part', async (t) => {
  const [a, b] = await moved(t);
  assert.equal((await b.ask(QueryConsumerOffset.code, GROUP)).code, 22);
  ok(await b.ask(UpdateConsumerOffset.code, { ...GROUP, commitOffset: 2 }));
  assert.equal(offsetOf(await a.ask(QueryConsumerOffset.code, { ...GROUP, lo: false })), 2);
  assert.equal(offsetOf(await b.ask(QueryConsumerOffset.code, GROUP)), 2);
  ok(await b.ask(UpdateConsumerOffset.code, { ...GROUP, commitOffset: 10_000 }));
  assert.equal(offsetOf(await b.ask(QueryConsumerOffset.code, GROUP)), 10_000);
});

test('bad mappings are refused, and what is known stays', async (t) => {
  const [a] = await moved(t);
  const older = await tell(a, staticTopic(new Map([[0, [HERE]]])));
  assert.equal(older.code, 1);
  assert.match(older.remark ?? '', /Can't accept data with small epoch 1 < 2/);
  const other = await tell(a, staticTopic(new Map(), { topic: 'Other', epoch: 3 }));
  assert.match(other.remark ?? '', /mapping is for topic Other, not Static/);
  assert.match((await a.ask(513, topicFields('Static'), '{}')).remark ?? '', /no mapping/);
  const config = await a.ask(GetTopicConfig.code, { topic: 'Static' });
  const detail = jsonBody(config);
  assert.ok(detail !== null && typeof detail === 'object' && 'mappingDetail' in detail);
  const physical = await a.ask(GetTopicConfig.code, { topic: 'Static', lo: false });
  assert.doesNotMatch(physical.body?.toString() ?? '', /mappingDetail/);
  ok(await a.ask(215, { topic: 'Static' }));
  ok(await a.ask(UpdateAndCreateTopic.code, topicFields('Static')));
  ok(await send(a, 'ordinary now'));
});

test('a mapping outlives its broker', async (t) => {
  const [a] = await moved(t);
  const { fileSystem } = a;
  await a.close();
  const again = await startAdminBroker(t, { brokerName: 'broker-a', fileSystem });
  assert.equal((await send(again, 'not here')).code, 501);
  const answer = await again.ask(GetTopicConfig.code, { topic: 'Static' });
  assert.match(
    answer.body?.toString() ?? '',
    /"epoch":2,"hostedQueues":\{0:\[\{"bname":"broker-a"/,
  );
  assert.throws(() => decodeStaticTopicBody(Buffer.from('[]')), /static topic/);
});
