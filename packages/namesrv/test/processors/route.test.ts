import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  AddWritePermOfBroker,
  DeleteTopicInNamesrv,
  decodeClusterInfo,
  decodeTopicList,
  GetRouteInfoByTopic,
  GetTopicsByCluster,
  MqVersion,
  type Outgoing,
  PutKvConfig,
  RequestCode,
  topicConfig,
  WipeWritePermOfBroker,
} from '@skylarkmq/wire';
import { allTopics, type Running, registration, routeOf, startNameServer } from '../fixture.ts';

let running: Running;
beforeEach(async () => {
  running = await startNameServer();
});
afterEach(() => running.stop());

async function bodyOf(request: Outgoing): Promise<string> {
  const answer = await running.ask(request);
  assert.equal(answer.code, 0, answer.remark ?? '');
  return answer.body?.toString('utf8') ?? '';
}

function route(topic: string, more: Partial<Outgoing> = {}): Outgoing {
  return { code: GetRouteInfoByTopic.code, ext: new Map([['topic', topic]]), ...more };
}

const BRACES = '"brokerName":"broker-a","cluster":"DefaultCluster","enableActingMaster":false}]';
const QUEUES =
  '"queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":4,' +
  '"topicSysFlag":0,"writeQueueNums":4}]';

test('old clients get bare broker ids, newer ones and those who ask standard JSON', async () => {
  await running.ask(registration());
  const slave = { brokerId: 1, brokerAddr: '10.0.0.2:10911' };
  await running.ask(registration(slave));
  const bare = '{"brokerAddrs":{0:"10.0.0.1:10911",1:"10.0.0.2:10911"},';
  const quoted = '{"brokerAddrs":{"0":"10.0.0.1:10911","1":"10.0.0.2:10911"},';
  const rest = `${BRACES},"filterServerTable":{},${QUEUES}}`;
  const old = { version: MqVersion.V4_9_4 - 1 };
  assert.equal(await bodyOf(route('TopicA', old)), `{"brokerDatas":[${bare}${rest}`);
  const newer = { version: MqVersion.V4_9_4 };
  assert.equal(await bodyOf(route('TopicA', newer)), `{"brokerDatas":[${quoted}${rest}`);
  const ext = GetRouteInfoByTopic.request.encode({ topic: 'TopicA', acceptStandardJsonOnly: true });
  const asked = await bodyOf({ code: GetRouteInfoByTopic.code, ext, ...old });
  assert.equal(asked, `{"brokerDatas":[${quoted}${rest}`);
});

test('a missing route names the cause and the cure', async () => {
  const none = await running.ask(route('Nowhere'));
  assert.equal(none.code, 17);
  const official =
    'No topic route info in name server for the topic: Nowhere\n' +
    'See https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.';
  assert.ok(none.remark?.startsWith(official), none.remark ?? '');
  assert.match(none.remark ?? '', /no broker is registered .*; start a broker/);
  await running.ask(registration());
  const missing = await running.ask(route('Nowhere'));
  assert.match(
    missing.remark ?? '',
    /none of the registered brokers \(broker-a\).*create the topic/,
  );
});

test('a route query without a topic is an error, not a crash', async () => {
  const answer = await running.ask({ code: GetRouteInfoByTopic.code });
  assert.equal(answer.code, 1);
  assert.match(answer.remark ?? '', /topic/);
});

test('clusters and their brokers', async () => {
  await running.ask(registration());
  const other = { brokerName: 'broker-b', clusterName: 'Other', brokerAddr: '10.0.0.3:10911' };
  await running.ask(registration(other, ['TopicB', 'TopicC']));
  const text = await bodyOf({ code: RequestCode.GetBrokerClusterInfo });
  const first = `{"brokerAddrs":{0:"10.0.0.1:10911"},${BRACES.slice(0, -1)}`;
  assert.ok(text.startsWith(`{"brokerAddrTable":{"broker-a":${first}`), text);
  const info = decodeClusterInfo(Buffer.from(text));
  const clusters = { DefaultCluster: ['broker-a'], Other: ['broker-b'] };
  assert.deepEqual(Object.fromEntries(info.clusters), clusters);
  const topics = async (cluster: string): Promise<string[]> => {
    const ext = GetTopicsByCluster.request.encode({ cluster });
    return decodeTopicList(Buffer.from(await bodyOf({ code: GetTopicsByCluster.code, ext })));
  };
  assert.deepEqual(await topics('Other'), ['TopicB', 'TopicC']);
  assert.deepEqual(await topics('Unknown'), []);
  const system = await bodyOf({ code: RequestCode.GetSystemTopicListFromNs });
  const names = '["DefaultCluster","Other","broker-a","broker-b"]';
  assert.equal(system, `{"brokerAddr":"10.0.0.1:10911","topicList":${names}}`);
});

test('topics with unit flags are listed by flag', async () => {
  const dataVersion = { counter: 1, stateVersion: 0, timestamp: 1 };
  const topicConfigTable = Object.fromEntries(
    [0, 1, 2, 3].map((topicSysFlag) => {
      const config = topicConfig(`Flag${topicSysFlag}`, 1, 6, { topicSysFlag });
      return [config.topicName, { ...config, attributes: {} }];
    }),
  );
  const wrapper = { topicConfigSerializeWrapper: { dataVersion, topicConfigTable } };
  await running.ask({ ...registration(), body: Buffer.from(JSON.stringify(wrapper)) });
  const list = async (code: number): Promise<string[]> =>
    decodeTopicList(Buffer.from(await bodyOf({ code }))).sort();
  assert.deepEqual(await list(RequestCode.GetUnitTopicList), ['Flag1', 'Flag3']);
  assert.deepEqual(await list(RequestCode.GetHasUnitSubTopicList), ['Flag2', 'Flag3']);
  assert.deepEqual(await list(RequestCode.GetHasUnitSubUnunitTopicList), ['Flag2']);
});

test('write permission is wiped until it is restored or the broker changes', async () => {
  await running.ask(registration());
  const perm = async (): Promise<number | undefined> =>
    (await routeOf(running, 'TopicA'))?.queueDatas[0]?.perm;
  const ext = WipeWritePermOfBroker.request.encode({ brokerName: 'broker-a' });
  const wiped = await running.ask({ code: WipeWritePermOfBroker.code, ext });
  assert.equal(WipeWritePermOfBroker.response.decode(wiped.ext).wipeTopicCount, 2);
  assert.equal(await perm(), 4);
  await running.ask(registration());
  assert.equal(await perm(), 4, 'the same version changes nothing');
  const added = await running.ask({ code: AddWritePermOfBroker.code, ext });
  assert.equal(AddWritePermOfBroker.response.decode(added.ext).addTopicCount, 2);
  assert.equal(await perm(), 6);
  await running.ask({ code: WipeWritePermOfBroker.code, ext });
  await running.ask(registration({}, ['TopicA', 'TopicB'], 2));
  assert.equal(await perm(), 6);
});

test('a topic is deleted everywhere or in one cluster', async () => {
  await running.ask(registration());
  const other = { brokerName: 'broker-b', clusterName: 'Other', brokerAddr: '10.0.0.3:10911' };
  await running.ask(registration(other));
  const remove = (clusterName?: string) =>
    running.ask({
      code: DeleteTopicInNamesrv.code,
      ext: DeleteTopicInNamesrv.request.encode({ topic: 'TopicA', clusterName }),
    });
  await remove('Other');
  const left = await routeOf(running, 'TopicA');
  assert.deepEqual(
    left?.queueDatas.map((queue) => queue.brokerName),
    ['broker-a'],
  );
  await remove();
  assert.deepEqual(await allTopics(running), ['TopicB']);
});

test('lists and order configuration follow the settings', async () => {
  await running.ask(registration());
  const pair = { namespace: 'ORDER_TOPIC_CONFIG', key: 'TopicA', value: 'broker-a:2' };
  await running.ask({ code: PutKvConfig.code, ext: PutKvConfig.request.encode(pair) });
  assert.equal((await routeOf(running, 'TopicA'))?.orderTopicConf, undefined);
  const settings = 'orderMessageEnable=true\nenableAllTopicList=false\nenableTopicList=false\n';
  await running.ask({ code: RequestCode.UpdateNamesrvConfig, body: Buffer.from(settings) });
  assert.equal((await routeOf(running, 'TopicA'))?.orderTopicConf, 'broker-a:2');
  const ext = GetTopicsByCluster.request.encode({ cluster: 'DefaultCluster' });
  for (const code of [RequestCode.GetAllTopicListFromNameserver, GetTopicsByCluster.code]) {
    const answer = await running.ask({ code, ext });
    assert.deepEqual([answer.code, answer.remark], [1, 'disable']);
  }
});

test('those who ask for a zone get its brokers, and groups without a master', async () => {
  const inZone = (name: string, port: number, zone: string, brokerId: number): Outgoing => {
    const changes = { brokerName: name, brokerAddr: `10.0.0.1:${port}`, brokerId };
    const request = registration({ ...changes, enableActingMaster: true });
    return { ...request, ext: new Map([...(request.ext ?? []), ['__ZONE_NAME', zone]]) };
  };
  await running.ask(inZone('near', 1, 'East', 0));
  await running.ask(inZone('far', 2, 'west', 0));
  await running.ask(inZone('headless', 3, 'west', 1));
  const names = async (zone: string, mode: string): Promise<string[]> => {
    const zoned = [['__ZONE_MODE', mode] as const, ['__ZONE_NAME', zone] as const];
    const ext = new Map([['topic', 'TopicA'], ...zoned]);
    const found = await routeOf(running, 'TopicA', { ext });
    assert.deepEqual(
      found?.queueDatas.map((queue) => queue.brokerName),
      found?.brokerDatas.map((broker) => broker.brokerName),
    );
    return found?.brokerDatas.map((broker) => broker.brokerName) ?? [];
  };
  assert.deepEqual(await names('east', 'true'), ['near', 'headless']);
  assert.deepEqual(await names('east', 'false'), ['near', 'far', 'headless']);
  assert.deepEqual(await names('', 'true'), ['near', 'far', 'headless']);
});
