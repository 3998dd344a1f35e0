import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { crc32, silentLogger } from '@skylarkmq/base';
import { maskCrc } from '@skylarkmq/message';
import { RemotingServer } from '@skylarkmq/remoting';
import {
  type Command,
  decodeTextTable,
  encodeTopicRoute,
  GetBrokerMemberGroup,
  MqVersion,
  NotifyMinBrokerIdChange,
  PutKvConfig,
  QueryDataVersion,
  RegisterBroker,
  RegisterTopicInNamesrv,
  UnregisterBroker,
} from '@skylarkmq/wire';
import {
  allTopics,
  askWith,
  type Running,
  registration,
  routeOf,
  startNameServer,
} from '../fixture.ts';

let running: Running;
beforeEach(async () => {
  running = await startNameServer();
});
afterEach(() => running.stop());

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function count(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}

/** The compressed body as Java lays it out. */
function compressedBody(): Buffer {
  const plain = Buffer.concat([
    lengthPrefixed('{"counter":7,"stateVersion":0,"timestamp":1700000000000}'),
    count(2),
    lengthPrefixed('TopicA 4 4 6 SINGLE_TAG {"+message.type":"FIFO"}'),
    lengthPrefixed('TopicB 8 2 4 MULTI_TAG'),
    lengthPrefixed('["10.0.0.1:30000"]'),
    count(1),
    lengthPrefixed('{"bname":"broker-a","currIdMap":{0:0},"topic":"TopicA","totalQueues":1}'),
  ]);
  return deflateSync(plain, { level: 9 });
}

function answeredRemark(answer: Command): string {
  assert.notEqual(answer.code, 0);
  return answer.remark ?? '';
}

test('a broker registers, and its topics have a route', async () => {
  assert.equal((await running.ask(registration())).code, 0);
  const route = await routeOf(running, 'TopicA');
  assert.deepEqual(route?.brokerDatas, [
    {
      cluster: 'DefaultCluster',
      brokerName: 'broker-a',
      brokerAddrs: new Map([[0, '10.0.0.1:10911']]),
      enableActingMaster: false,
    },
  ]);
  const queues = { readQueueNums: 4, writeQueueNums: 4, perm: 6, topicSysFlag: 0 };
  assert.deepEqual(route?.queueDatas, [{ brokerName: 'broker-a', ...queues }]);
  assert.ok(running.server.knowsBroker('broker-a'));
  assert.ok(!running.server.knowsBroker('broker-b'));
});

test('a compressed registration is the same, with static topics and filter servers', async () => {
  const body = compressedBody();
  const changes = { compressed: true, bodyCrc32: maskCrc(crc32(body, 0, body.length)) };
  const request = registration(changes);
  assert.equal((await running.ask({ ...request, body, version: MqVersion.V5_0_0 })).code, 0);
  const route = await routeOf(running, 'TopicB');
  const queues = { readQueueNums: 8, writeQueueNums: 2, perm: 4, topicSysFlag: 0 };
  assert.deepEqual(route?.queueDatas, [{ brokerName: 'broker-a', ...queues }]);
  const answer = await running.ask({ code: 105, ext: new Map([['topic', 'TopicA']]), version: 1 });
  const text = answer.body?.toString('utf8') ?? '';
  assert.match(text, /"filterServerTable":\{"10\.0\.0\.1:10911":\["10\.0\.0\.1:30000"\]\}/);
  assert.match(text, /"topicQueueMappingByBroker":\{"broker-a":\{"bname":"broker-a"/);
  assert.match(text, /"currIdMap":\{0:0\}/);
});

test('registrations of brokers before 3.0.11 carry the topics alone', async () => {
  const wrapper = { dataVersion: { counter: 1, timestamp: 2 }, topicConfigTable: {} };
  const topicConfigTable = {
    Old: { topicName: 'Old', readQueueNums: 1, writeQueueNums: 1, perm: 6 },
    Older: { topicName: 'Older', readQueueNums: 1, writeQueueNums: 1, perm: 6 },
  };
  const body = Buffer.from(JSON.stringify({ ...wrapper, topicConfigTable }));
  assert.equal((await running.ask({ ...registration(), body, version: 30 })).code, 0);
  assert.deepEqual(await allTopics(running), ['Old', 'Older']);
});

test('damaged, senseless and oversized registrations are refused with a reason', async () => {
  const wrongCrc = await running.ask(registration({ bodyCrc32: 12345 }));
  assert.equal(answeredRemark(wrongCrc), 'crc32 not match');
  const body = Buffer.from([1, 2, 3]);
  const notDeflated = await running.ask({ ...registration({ compressed: true }), body });
  assert.match(answeredRemark(notDeflated), /compressed body is damaged/);
  const notJson = await running.ask({ ...registration(), body: Buffer.from('{"a":') });
  assert.match(answeredRemark(notJson), /./);
  const longName = await running.ask(registration({ brokerName: 'x'.repeat(600) }));
  assert.match(answeredRemark(longName), /1 to 512 characters/);
  const { ext } = registration();
  const missing = new Map(ext);
  missing.delete('brokerName');
  assert.match(
    answeredRemark(await running.ask({ ...registration(), ext: missing })),
    /brokerName/,
  );
  assert.deepEqual(await allTopics(running), []);
});

test('a first registration with one topic is an incremental one that came too early', async () => {
  const early = await running.ask(registration({}, ['Only']));
  assert.equal(answeredRemark(early), 'register broker failed');
  await running.ask(registration());
  assert.equal((await running.ask(registration({}, ['Only'], 2))).code, 0);
  assert.deepEqual(await allTopics(running), ['Only', 'TopicA', 'TopicB']);
});

test('topics are only added by default, and removed where that is switched on', async () => {
  await running.ask(registration());
  await running.ask(registration({}, ['TopicB', 'TopicC'], 2));
  assert.deepEqual(await allTopics(running), ['TopicA', 'TopicB', 'TopicC']);
  const body = Buffer.from('deleteTopicWithBrokerRegistration=true');
  await running.ask({ code: 318, body });
  await running.ask(registration({}, ['TopicC', 'TopicD'], 3));
  assert.deepEqual(await allTopics(running), ['TopicC', 'TopicD']);
});

test('a slave learns its master, and only a master brings topics', async () => {
  await running.ask(registration());
  const slave = { brokerId: 1, brokerAddr: '10.0.0.2:10911', haServerAddr: '10.0.0.2:10912' };
  const answer = await running.ask(registration(slave, ['FromSlave', 'Other']));
  const told = RegisterBroker.response.decode(answer.ext);
  assert.deepEqual(told, { masterAddr: '10.0.0.1:10911', haServerAddr: '10.0.0.1:10912' });
  assert.deepEqual(await allTopics(running), ['TopicA', 'TopicB']);
  const ext = GetBrokerMemberGroup.request.encode({
    clusterName: 'DefaultCluster',
    brokerName: 'broker-a',
  });
  const group = await running.ask({ code: GetBrokerMemberGroup.code, ext });
  const addresses = '{0:"10.0.0.1:10911",1:"10.0.0.2:10911"}';
  const members = `{"brokerAddrs":${addresses},"brokerName":"broker-a","cluster":"DefaultCluster"}`;
  assert.equal(group.body?.toString('utf8'), `{"brokerMemberGroup":${members}}`);
});

test('a broker that changes its id moves, an outdated one with its id is ignored', async () => {
  await running.ask(registration({}, ['TopicA', 'TopicB'], 1, 5));
  const usurper = registration({ brokerAddr: '10.0.0.9:10911' }, ['TopicA', 'TopicB'], 2, 4);
  assert.equal((await running.ask(usurper)).code, 0);
  const before = await routeOf(running, 'TopicA');
  assert.deepEqual(before?.brokerDatas[0]?.brokerAddrs, new Map([[0, '10.0.0.1:10911']]));
  await running.ask(registration({ brokerId: 3 }, ['TopicA', 'TopicB'], 2, 5));
  const after = await routeOf(running, 'TopicA');
  assert.deepEqual(after?.brokerDatas[0]?.brokerAddrs, new Map([[3, '10.0.0.1:10911']]));
});

test('an unregistered broker is gone with its topics', async () => {
  await running.ask(registration());
  const ext = UnregisterBroker.request.encode({
    clusterName: 'DefaultCluster',
    brokerName: 'broker-a',
    brokerAddr: '10.0.0.1:10911',
    brokerId: 0,
  });
  assert.equal((await running.ask({ code: UnregisterBroker.code, ext })).code, 0);
  assert.equal(await routeOf(running, 'TopicA'), undefined);
  assert.ok(!running.server.knowsBroker('broker-a'));
});

test('the data version tells whether a broker must register again', async () => {
  const ext = QueryDataVersion.request.encode({
    clusterName: 'DefaultCluster',
    brokerName: 'broker-a',
    brokerAddr: '10.0.0.1:10911',
    brokerId: 0,
  });
  const ask = async (version: object): Promise<boolean> => {
    const body = Buffer.from(JSON.stringify(version));
    const answer = await running.ask({ code: QueryDataVersion.code, ext, body });
    return QueryDataVersion.response.decode(answer.ext).changed;
  };
  const registered = { counter: 1, stateVersion: 0, timestamp: 1_700_000_000_000 };
  assert.equal(await ask(registered), true);
  await running.ask(registration());
  assert.equal(await ask(registered), false);
  assert.equal(await ask({ ...registered, counter: 2 }), true);
});

test('a topic is registered by itself when all its brokers are known', async () => {
  await running.ask(registration());
  const ask = async (topic: string, names: readonly string[]): Promise<void> => {
    const queues = { readQueueNums: 3, writeQueueNums: 3, perm: 6, topicSysFlag: 0 };
    const queueDatas = names.map((brokerName) => ({ brokerName, ...queues }));
    const route = { queueDatas, brokerDatas: [], filterServerTable: new Map() };
    const ext = RegisterTopicInNamesrv.request.encode({ topic });
    const body = encodeTopicRoute(route, false);
    const answer = await running.ask({ code: RegisterTopicInNamesrv.code, ext, body });
    assert.equal(answer.code, 0);
  };
  await ask('Known', ['broker-a']);
  await ask('Unknown', ['broker-a', 'broker-x']);
  assert.deepEqual(await allTopics(running), ['Known', 'TopicA', 'TopicB']);
});

test('a broker is handed the order configuration', async () => {
  const ext = PutKvConfig.request.encode({
    namespace: 'ORDER_TOPIC_CONFIG',
    key: 'TopicA',
    value: 'broker-a:4',
  });
  assert.equal((await running.ask(registration())).body, null);
  await running.ask({ code: PutKvConfig.code, ext });
  const answer = await running.ask(registration());
  assert.deepEqual(decodeTextTable(answer.body), new Map([['TopicA', 'broker-a:4']]));
});

test('a slave that may act as master takes over, and hears of the new smallest id', async () => {
  const settings = { notifyMinBrokerIdChanged: true, supportActingMaster: true };
  const acting = await startNameServer({ settings });
  const heard: ReadonlyMap<string, string>[] = [];
  const ports = { clock: acting.time, scheduler: acting.time, logger: silentLogger };
  const slaveServer = new RemotingServer({ port: 0, ...ports });
  slaveServer.register(NotifyMinBrokerIdChange.code, ({ ext }) => {
    heard.push(ext);
    return { code: 0 };
  });
  const slaveAddress = `127.0.0.1:${(await slaveServer.listen()).port}`;
  const master = acting.client();
  const slave = acting.client();
  const group = { enableActingMaster: true };
  const second = { ...group, brokerId: 1, brokerAddr: slaveAddress };
  await askWith(master, acting.address, registration(group));
  await askWith(slave, acting.address, registration(second));
  await master.close();
  while (heard.length === 0) await acting.time.advance(0);
  const expected = {
    minBrokerId: '1',
    minBrokerAddr: slaveAddress,
    offlineBrokerAddr: '10.0.0.1:10911',
  };
  assert.deepEqual(
    heard.map((ext) => Object.fromEntries(ext)),
    [expected],
  );
  const route = await routeOf(acting, 'TopicA');
  assert.deepEqual(route?.brokerDatas[0]?.brokerAddrs, new Map([[0, slaveAddress]]));
  assert.equal(route?.queueDatas[0]?.perm, 4);
  await slaveServer.close();
  await acting.stop();
});
