import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Connection } from '@skylarkmq/remoting';
import { RequestCode, ResponseCode } from '@skylarkmq/wire';
import type { ConsumerMember } from '../../src/consumer/consumer-member.ts';
import { leaseInstance } from '../../src/instance/instance-pool.ts';
import { type ClientOptions, resolveClientOptions } from '../../src/options/client-options.ts';
import { ScriptedServer, until } from '../fake/scripted-server.ts';

const server = new ScriptedServer();

before(() => server.start());
after(() => server.stop());
beforeEach(() => {
  server.codes.length = 0;
  server.addTopic('T', 2);
});

function lease(role: 'producer' | 'consumer', group: string, more: Partial<ClientOptions> = {}) {
  const options = resolveClientOptions({ namesrv: server.address, ...more });
  return leaseInstance(options, role, group);
}

function member(group: string): ConsumerMember {
  return {
    group,
    kind: 'push',
    broadcasting: false,
    consumeFrom: 'last',
    subscriptions: () => [],
    membersChanged: () => {},
    routeChanged: () => {},
    resetOffsets: () => Promise.resolve(),
    offsetsOf: () => [],
    runningInfo: () => ({ properties: new Map(), queues: [], topics: new Map() }),
    consumeDirectly: () => Promise.reject(new Error('not here')),
  };
}

test('equal options share an instance, a second member of a group gets its own', async () => {
  const one = lease('producer', 'P');
  const two = lease('consumer', 'P');
  const three = lease('consumer', 'P');
  const four = lease('consumer', 'P', { requestTimeoutMs: 77 });
  assert.equal(one.instance, two.instance);
  assert.notEqual(two.instance, three.instance);
  assert.notEqual(two.instance.clientId, three.instance.clientId);
  assert.notEqual(one.instance, four.instance);
  await one.release();
  await one.release();
  await two.instance.routes.find('T');
  for (const held of [two, three, four]) await held.release();
  await assert.rejects(two.instance.routes.lookUp('T'), { code: 'CLOSED' });
});

test('two of one name in one group are refused', async () => {
  const one = lease('consumer', 'G', { instanceName: 'me' });
  assert.match(one.instance.clientId, /@me$/);
  assert.throws(() => lease('consumer', 'G', { instanceName: 'me' }), {
    code: 'INVALID_ARGUMENT',
    message: /give this one another instanceName/,
  });
  await one.release();
});

test('groups are announced once, and again when they change', async () => {
  const { instance, release } = lease('consumer', 'G');
  await instance.routes.find('T');
  await instance.announce();
  assert.equal(server.count(RequestCode.HeartBeat), 0, 'nothing to announce');
  instance.addConsumer(member('G'));
  await instance.announce();
  await instance.announce();
  assert.equal(server.count(RequestCode.HeartBeat), 1);
  instance.addProducer('P');
  await instance.announce();
  assert.equal(server.count(RequestCode.HeartBeat), 2);
  await instance.removeConsumer('G');
  assert.equal(server.count(RequestCode.UnregisterClient), 1);
  await release();
});

test('a broker that lost the connection is told again within seconds', async () => {
  const { instance, release } = lease('consumer', 'G');
  await instance.routes.find('T');
  instance.addConsumer(member('G'));
  await instance.announce();
  await server.restart();
  await until('the second heartbeat', () => server.count(RequestCode.HeartBeat) >= 2);
  await release();
});

test('requests that get no answer never stop the connection from being read', async () => {
  const { instance, release } = lease('consumer', 'G');
  let broker: Connection | undefined;
  server.on(RequestCode.HeartBeat, (_request, connection) => {
    broker = connection;
    return { code: ResponseCode.Success };
  });
  let changes = 0;
  await instance.routes.find('T');
  instance.addConsumer({ ...member('G'), membersChanged: () => changes++ });
  await instance.announce();
  assert.ok(broker !== undefined);
  const ext = new Map([['consumerGroup', 'G']]);
  const body = Buffer.alloc(8 * 1024 * 1024);
  // Together more than a connection lets be under way at a time: 32 MiB.
  for (let number = 1; number <= 6; number++) {
    broker.invokeOneway({ code: RequestCode.NotifyConsumerIdsChanged, ext, body });
    await until(`notice ${number}`, () => changes === number);
  }
  const info = new Map([...ext, ['jstackEnable', 'false']]);
  const asked = { code: RequestCode.GetConsumerRunningInfo, ext: info };
  const answer = await broker.invoke(asked, { timeoutMs: 60_000 });
  assert.equal(answer.code, ResponseCode.Success);
  await release();
});
