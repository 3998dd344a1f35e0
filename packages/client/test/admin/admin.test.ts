import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { encodeClusterInfo, RequestCode, ResponseCode } from '@skylarkmq/wire';
import { Admin } from '../../src/admin/admin.ts';
import { ScriptedServer } from '../fake/scripted-server.ts';

const server = new ScriptedServer();
let created: ReadonlyMap<string, string>[] = [];

before(async () => {
  await server.start();
  server.on(RequestCode.GetBrokerClusterInfo, () => {
    const brokerAddrs = new Map([
      [0, server.address],
      [1, '127.0.0.1:1'],
    ]);
    const broker = { cluster: 'c', brokerName: 'b', brokerAddrs, enableActingMaster: false };
    const body = encodeClusterInfo({
      brokers: new Map([['b', broker]]),
      clusters: new Map([['c', ['b']]]),
    });
    return { code: ResponseCode.Success, body };
  });
  server.on(RequestCode.UpdateAndCreateTopic, (request) => {
    created.push(new Map(request.ext));
    return { code: ResponseCode.Success };
  });
});
after(() => server.stop());
beforeEach(() => {
  created = [];
  server.addTopic('T', 2);
});

test('a topic is made at the masters of the cluster', async () => {
  await using admin = new Admin({ namesrv: server.address, namespace: 'ns' });
  await admin.createTopic({
    topic: 'New',
    queues: 3,
    permission: 4,
    cluster: 'c',
    attributes: { 'message.type': 'FIFO' },
  });
  assert.equal(created.length, 1);
  assert.equal(created[0]?.get('topic'), 'ns%New');
  assert.equal(created[0]?.get('readQueueNums'), '3');
  assert.equal(created[0]?.get('perm'), '4');
  assert.equal(created[0]?.get('attributes'), '+message.type=FIFO');
  await assert.rejects(admin.createTopic({ topic: 'New', cluster: 'other' }), {
    code: 'NO_ROUTE',
    message: 'The name server knows no master in cluster other: is a broker registered at it?',
  });
  assert.equal((await admin.brokers()).length, 1);
});

test('bad arguments are refused before anything is asked', async () => {
  await using admin = new Admin({ namesrv: server.address });
  await assert.rejects(admin.createTopic({ topic: 'T', queues: 0 }), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(admin.queryByKey('T', 'k', { max: 0 }), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(admin.viewMessage('xyz'), { code: 'INVALID_ARGUMENT' });
  assert.equal(created.length, 0);
});

test('queues of a topic, and offsets at its master', async () => {
  server.on(RequestCode.GetMaxOffset, (request) => {
    const offset = `4${request.ext.get('queueId')}`;
    return { code: ResponseCode.Success, ext: new Map([['offset', offset]]) };
  });
  await using admin = new Admin({ namesrv: server.address });
  const queues = await admin.queues('T');
  assert.equal(queues.length, 2);
  assert.equal(await admin.maxOffset({ topic: 'T', brokerName: 'b', queueId: 1 }), 41);
  const elsewhere = { topic: 'T', brokerName: 'gone', queueId: 1 };
  await assert.rejects(admin.maxOffset(elsewhere), {
    code: 'CONNECT',
    message: 'No address is known for the master of broker gone',
  });
  await assert.rejects(admin.queues('Nowhere'), { code: 'NO_ROUTE', retryable: true });
});

test('a signal ends a call that is not answered', async () => {
  server.on(RequestCode.GetMinOffset, () => null);
  await using admin = new Admin({ namesrv: server.address });
  const queue = { topic: 'T', brokerName: 'b', queueId: 0 };
  const signal = AbortSignal.timeout(50);
  await assert.rejects(admin.minOffset(queue, { signal }), { code: 'ABORTED' });
  await assert.rejects(admin.brokers({ signal }), { code: 'ABORTED' });
});

test('a closed admin says so', async () => {
  const admin = new Admin({ namesrv: server.address });
  await admin.close();
  await assert.rejects(admin.brokers(), { code: 'CLOSED' });
  await admin.close();
});
