/**
 * The same questions to Apache's name server and to ours: the answers must be the same, except for
 * the order that Java's hash tables give to lists, and for what we add to a remark.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type JsonValue,
  MemoryFileSystem,
  parseFastjson,
  realClock,
  realScheduler,
  silentLogger,
} from '@skylarkmq/base';
import { NameServer } from '@skylarkmq/namesrv';
import { RemotingClient, RemotingServer } from '@skylarkmq/remoting';
import {
  type Command,
  encodeRegisterBrokerBody,
  type Outgoing,
  RegisterBroker,
  type RegisterBrokerRequest,
  RequestCode,
  topicConfig,
} from '@skylarkmq/wire';
import { startApacheNamesrv } from './servers/apache.ts';
import type { Server } from './servers/server.ts';
import { skipWithout } from './servers/toolchain.ts';

const ports = { clock: realClock, scheduler: realScheduler, logger: silentLogger };
const CLUSTER = 'DefaultCluster';
const GROUP_FIELDS = { clusterName: CLUSTER, brokerName: 'broker-a', brokerId: '0' };
const IDENTITY = { ...GROUP_FIELDS, brokerAddr: '10.0.0.1:10911' };
const SETTLE_MS = 120_000;

const skip = skipWithout('java', 'mvn', 'go');
suite('the name server answers as Apache 5.5.0 does', { skip }, () => {
  let apache: Server;
  const ours = new NameServer({ port: 0, fileSystem: new MemoryFileSystem(), ...ports });
  let addresses: readonly [string, string] = ['', ''];
  const heard: string[] = [];
  const slaveServer = new RemotingServer({ port: 0, ...ports });
  const clients: RemotingClient[] = [];
  let client: RemotingClient;

  before(async () => {
    apache = await startApacheNamesrv();
    const { port } = await ours.start();
    addresses = [apache.address, `127.0.0.1:${port}`];
    client = newClient();
  });
  after(async () => {
    for (const one of clients) await one.close();
    await ours.close();
    await slaveServer.close();
    await apache?.kill();
  });

  /** A client with connections of its own. */
  function newClient(): RemotingClient {
    const one = new RemotingClient(ports);
    clients.push(one);
    return one;
  }

  async function ask(request: Outgoing, from = client): Promise<[unknown, unknown]> {
    const [theirs, own] = await Promise.all(
      addresses.map((address) => from.invoke(address, request, { timeoutMs: 60_000 })),
    );
    assert.ok(theirs && own);
    return [comparable(theirs), comparable(own)];
  }

  async function same(request: Outgoing, from = client): Promise<unknown> {
    const [theirs, own] = await ask(request, from);
    assert.deepEqual(own, theirs, `request ${request.code}`);
    return theirs;
  }

  /** For what a server does soon, not at once. */
  async function sameSoon(request: Outgoing, isDone: (answer: unknown) => boolean): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    for (;;) {
      const [theirs, own] = await ask(request);
      if (isDone(theirs) && isDone(own)) return assert.deepEqual(own, theirs);
      const states = `Apache ${JSON.stringify(theirs)}, ours ${JSON.stringify(own)}`;
      assert.ok(performance.now() < deadline, states);
      await delay(20);
    }
  }

  test('an empty name server', async () => {
    await same(route('TopicA'));
    await same({ code: RequestCode.GetBrokerClusterInfo });
    await same({ code: RequestCode.GetAllTopicListFromNameserver });
    await same({ code: RequestCode.GetSystemTopicListFromNs });
    await same(asked(RequestCode.GetBrokerMemberGroup, GROUP_FIELDS));
    await same(asked(RequestCode.QueryDataVersion, IDENTITY, '{"counter":1,"timestamp":1}'));
    await same(asked(RequestCode.BrokerHeartbeat, IDENTITY));
    await same(asked(RequestCode.WipeWritePermOfBroker, { brokerName: 'broker-x' }));
    await same(asked(RequestCode.GetTopicsByCluster, { cluster: 'Unknown' }));
    await same({ code: 99_999 });
  });

  test('registration, plain and repeated', async () => {
    await same(registration({}, ['Only']));
    await same(registration());
    await same(registration({ brokerAddr: '10.0.0.2:10911', brokerId: 1 }, ['TopicA', 'X']));
    const other = { clusterName: 'Other', brokerName: 'broker-b', brokerAddr: '10.0.0.3:10911' };
    await same(registration(other, ['TopicB', 'TopicC']));
    await same(registration({}, ['TopicD'], 2));
    await same({ code: RequestCode.GetBrokerClusterInfo });
    await same({ code: RequestCode.GetAllTopicListFromNameserver });
    await same({ code: RequestCode.GetSystemTopicListFromNs, version: 1 });
    await same(asked(RequestCode.GetTopicsByCluster, { cluster: 'Other' }));
    await same(asked(RequestCode.GetBrokerMemberGroup, GROUP_FIELDS));
  });

  test('routes in both dialects, byte for byte', async () => {
    for (const topic of ['TopicA', 'TopicC', 'TopicD', 'Nowhere']) {
      await same(route(topic));
      await same({ ...route(topic), version: 317 });
      await same(asked(RequestCode.GetRouteinfoByTopic, { topic, acceptStandardJsonOnly: 'true' }));
    }
    for (const version of [317, 401, 513]) {
      const texts = await Promise.all(
        addresses.map(async (address) => {
          const request = { ...route('TopicD'), version };
          const answer = await client.invoke(address, request, { timeoutMs: 60_000 });
          return answer.body?.toString('utf8');
        }),
      );
      assert.equal(texts[1], texts[0]);
    }
  });

  test('data versions', async () => {
    const version = '{"counter":2,"stateVersion":0,"timestamp":1700000000000}';
    await same(asked(RequestCode.QueryDataVersion, IDENTITY, version));
    await same(asked(RequestCode.QueryDataVersion, IDENTITY, '{"counter":9,"timestamp":1}'));
  });

  test('write permission', async () => {
    const broker = { brokerName: 'broker-a' };
    await same(asked(RequestCode.WipeWritePermOfBroker, broker));
    await same(route('TopicA'));
    await same(registration({}, ['TopicA', 'TopicD'], 2));
    await same(route('TopicA'));
    await same(asked(RequestCode.AddWritePermOfBroker, broker));
    await same(route('TopicA'));
    await same(asked(RequestCode.WipeWritePermOfBroker, broker));
    await same(registration({}, ['TopicA', 'TopicB', 'TopicD'], 3));
    await same(route('TopicA'));
    await same(route('TopicD'));
  });

  test('key-value configuration', async () => {
    const pair = { namespace: 'ORDER_TOPIC_CONFIG', key: 'TopicA', value: 'broker-a:4' };
    await same(asked(RequestCode.GetKvConfig, pair));
    await same(asked(RequestCode.GetKvlistByNamespace, pair));
    await same(asked(RequestCode.PutKvConfig, pair));
    await same(asked(RequestCode.PutKvConfig, { namespace: 'N', key: 'k', value: 'ü"\\' }));
    await same(asked(RequestCode.GetKvConfig, pair));
    await same(asked(RequestCode.GetKvConfig, { namespace: 'N', key: 'k' }));
    await same(asked(RequestCode.GetKvlistByNamespace, pair));
    await same(registration({}, ['TopicA', 'TopicB'], 4));
    await same(asked(RequestCode.DeleteKvConfig, { namespace: 'N', key: 'k' }));
    await same(asked(RequestCode.DeleteKvConfig, { namespace: 'none', key: 'k' }));
    await same(asked(RequestCode.GetKvlistByNamespace, { namespace: 'N' }));
  });

  test('settings at run time', async () => {
    await same({ code: RequestCode.UpdateNamesrvConfig, body: Buffer.from('kvConfigPath=/x') });
    const text = 'orderMessageEnable=true\nenableTopicList=false\nenableAllTopicList=false';
    await same({ code: RequestCode.UpdateNamesrvConfig, body: Buffer.from(text) });
    await same(route('TopicA'));
    await same({ code: RequestCode.GetAllTopicListFromNameserver });
    await same(asked(RequestCode.GetTopicsByCluster, { cluster: CLUSTER }));
    await same({ code: RequestCode.GetSystemTopicListFromNs });
    await same({ code: RequestCode.GetUnitTopicList });
    const back = 'orderMessageEnable=false\nenableTopicList=true\nenableAllTopicList=true';
    await same({ code: RequestCode.UpdateNamesrvConfig, body: Buffer.from(back) });
    for (const code of [311, 312, 313]) await same({ code });
    const [theirs, own] = await Promise.all(
      addresses.map((address) =>
        client.invoke(address, { code: RequestCode.GetNamesrvConfig }, { timeoutMs: 60_000 }),
      ),
    );
    const lines = new Set(theirs?.body?.toString('utf8').split('\n'));
    // Where it is, and a key of our own.
    const where = /^(listenPort|kvConfigPath|configStorePath|bindAddress|adminFromAnywhere)=/;
    const shown = own?.body?.toString('utf8').split('\n') ?? [];
    assert.ok(shown.length > 10);
    assert.deepEqual(
      shown.filter((line) => !lines.has(line) && !where.test(line)),
      [],
    );
  });

  test('topics by name', async () => {
    const queues = { readQueueNums: 3, writeQueueNums: 2, perm: 6, topicSysFlag: 0 };
    const body = (names: readonly string[]): string =>
      JSON.stringify({ queueDatas: names.map((brokerName) => ({ brokerName, ...queues })) });
    const code = RequestCode.RegisterTopicInNamesrv;
    await same(asked(code, { topic: 'TopicE' }, body(['broker-a', 'broker-b'])));
    await same(asked(code, { topic: 'TopicF' }, body(['broker-a', 'broker-x'])));
    await same(route('TopicE'));
    const remove = RequestCode.DeleteTopicInNamesrv;
    await same(asked(remove, { topic: 'TopicE', clusterName: 'Other' }));
    await same(route('TopicE'));
    await same(asked(remove, { topic: 'TopicE' }));
    await same(route('TopicE'));
    await same({ code: RequestCode.GetAllTopicListFromNameserver });
  });

  test('unregistration', async () => {
    const other = { ...IDENTITY, brokerName: 'broker-b', clusterName: 'Other' };
    const gone = { ...other, brokerAddr: '10.0.0.3:10911' };
    await same(asked(RequestCode.UnregisterBroker, gone));
    await sameSoon(route('TopicC'), (answer) => codeOf(answer) === 17);
    await same({ code: RequestCode.GetBrokerClusterInfo });
  });

  test('a master that goes: acting master and notification', async () => {
    const text = 'notifyMinBrokerIdChanged=true\nsupportActingMaster=true';
    await same({ code: RequestCode.UpdateNamesrvConfig, body: Buffer.from(text) });
    const group = { brokerName: 'broker-g', enableActingMaster: true };
    const first = { ...group, brokerAddr: '10.1.0.1:1' };
    const master = newClient();
    const slave = newClient();
    slaveServer.register(RequestCode.NotifyMinBrokerIdChange, (command) => {
      heard.push(JSON.stringify([...command.ext].sort()));
      return { code: 0 };
    });
    const slaveAddress = `127.0.0.1:${(await slaveServer.listen()).port}`;
    await same(registration(first, ['G', 'H']), master);
    const second = { ...group, brokerId: 1, brokerAddr: slaveAddress };
    await same(registration(second, ['G', 'H']), slave);
    await master.close();
    await sameSoon(route('G'), (answer) => /perm\W+4\b/.test(JSON.stringify(answer)));
    const deadline = performance.now() + SETTLE_MS;
    while (heard.length < 2 && performance.now() < deadline) await delay(20);
    assert.equal(heard.length, 2);
    assert.equal(heard[1], heard[0]);
    await same(registration(first, ['G', 'H'], 2));
    await same(route('G'));
  });
});

function asked(code: number, fields: Readonly<Record<string, string>>, body?: string): Outgoing {
  const ext = new Map(Object.entries(fields));
  return { code, ext, body: body === undefined ? null : Buffer.from(body) };
}

function route(topic: string): Outgoing {
  return asked(RequestCode.GetRouteinfoByTopic, { topic });
}

function registration(
  changes: Partial<RegisterBrokerRequest> = {},
  topics: readonly string[] = ['TopicA', 'TopicB'],
  counter = 1,
): Outgoing {
  const ext = RegisterBroker.request.encode({
    brokerName: 'broker-a',
    brokerAddr: '10.0.0.1:10911',
    clusterName: CLUSTER,
    haServerAddr: '10.0.0.1:10912',
    brokerId: 0,
    enableActingMaster: false,
    compressed: false,
    bodyCrc32: 0,
    ...changes,
  });
  const dataVersion = { counter, stateVersion: 0, timestamp: 1_700_000_000_000 };
  const configs = topics.map((name) => [name, topicConfig(name, 4, 6)] as const);
  const body = encodeRegisterBrokerBody({ dataVersion, topics: new Map(configs) });
  return { code: RegisterBroker.code, ext, body };
}

function comparable(answer: Command): unknown {
  const text = answer.body?.toString('utf8');
  // Ours goes on with the cause and the cure; with a success nobody reads it.
  const remark = answer.code === 0 ? '' : answer.remark?.split('\nCause: ')[0];
  return {
    code: answer.code,
    remark,
    ext: Object.fromEntries([...answer.ext].sort()),
    body: text === undefined ? null : plain(parseFastjson(text)),
  };
}

/** Maps as objects, lists in an order of their own. */
function plain(value: JsonValue): unknown {
  if (value instanceof Map) {
    // "brokerAddr" of a list is that of any broker.
    const pairs = [...value]
      .filter(([key]) => !(key === 'brokerAddr' && value.has('topicList')))
      .map(([key, one]): [string, unknown] => [key, plain(one)]);
    return Object.fromEntries(pairs.sort(([left], [right]) => (left < right ? -1 : 1)));
  }
  if (!Array.isArray(value)) return value;
  const texts = value.map((one) => JSON.stringify(plain(one)));
  return texts.sort();
}

function codeOf(answer: unknown): number | undefined {
  if (typeof answer !== 'object' || answer === null || !('code' in answer)) return undefined;
  return typeof answer.code === 'number' ? answer.code : undefined;
}
