import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred } from '@skylarkmq/base';
import type { Handler } from '@skylarkmq/remoting';
import { type Command, RequestCode } from '@skylarkmq/wire';
import { type AdminBroker, jsonBody, startAdminBroker } from '../../admin-broker.ts';
import { heartbeat } from '../../heartbeats.ts';

const INFO = { consumerGroup: 'G', clientId: 'c1', jstackEnable: false };

/** A client that produces for P and consumes T for G, and answers as given. */
async function join(running: AdminBroker, answer: Handler = () => ({ code: 0 })): Promise<void> {
  await running.makeTopic('T');
  const client = running.client(answer);
  const beat = heartbeat('c1', { producers: ['P'], consumers: { G: ['T'] } });
  const request = { ...beat, version: 513, language: 0 };
  await client.invoke(running.address, request, { timeoutMs: 60_000 });
}

test('clients that are online are shown by group, others are not', async (t) => {
  const running = await startAdminBroker(t);
  const code = RequestCode.GetConsumerConnectionList;
  const offline = await running.ask(code, { consumerGroup: 'G' });
  assert.deepEqual([offline.code, offline.remark], [206, 'the consumer group[G] not online']);
  const unknown = await running.ask(RequestCode.GetProducerConnectionList, { producerGroup: 'P' });
  assert.deepEqual([unknown.code, unknown.remark], [1, 'the producer group[P] not exist']);
  await join(running);
  const client =
    '"clientAddr":"127\\.0\\.0\\.1:\\d+","clientId":"c1","language":"JAVA","version":513';
  const consumers = await running.ask(code, { consumerGroup: 'G' });
  const text = consumers.body?.toString() ?? '';
  assert.match(text, new RegExp(`^\\{"connectionSet":\\[\\{${client}\\}\\],"consumeFromWhere"`));
  assert.match(text, /"consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING"/);
  assert.match(text, /"subscriptionTable":\{.*"T":\{"classFilterMode"/);
  const producers = await running.ask(RequestCode.GetProducerConnectionList, {
    producerGroup: 'P',
  });
  assert.match(producers.body?.toString() ?? '', new RegExp(`\\[\\{${client}\\}\\]`));
  const all = await running.ask(RequestCode.GetAllProducerInfo);
  const lastUpdateTimestamp = running.time.nowMs();
  const shown = all.body?.toString() ?? '';
  assert.ok(shown.startsWith('{"data":{"P":[{"clientId":"c1","language":"JAVA",'), shown);
  assert.ok(shown.includes(`"lastUpdateTimestamp":${lastUpdateTimestamp}`), shown);
});

test('what members of a group disagree about stands in the answer while they do', async (t) => {
  const running = await startAdminBroker(t);
  await running.makeTopic('T');
  const [c1, c2] = [running.client(() => ({ code: 0 })), running.client(() => ({ code: 0 }))];
  const beat = async (clientId: string, tag: string, subVersion: number): Promise<void> => {
    const client = clientId === 'c1' ? c1 : c2;
    const parts = { consumers: { G: ['T'] }, tag, subVersion };
    await client.invoke(running.address, heartbeat(clientId, parts), { timeoutMs: 60_000 });
  };
  const field = async (): Promise<string | undefined> => {
    const code = RequestCode.GetConsumerConnectionList;
    const answer = await running.ask(code, { consumerGroup: 'G' });
    assert.equal(answer.code, 0);
    assert.match(answer.body?.toString() ?? '', /^\{"connectionSet":\[/);
    return answer.ext.get('inconsistentSubscription');
  };
  await beat('c1', 'A', 1);
  assert.equal(await field(), undefined);
  await beat('c2', 'B', 2);
  assert.match((await field()) ?? '', /^topic T: .*A.*B/);
  await beat('c1', 'B', 3);
  assert.equal(await field(), undefined);
});

test('a question to a consumer is passed on, and its answer back', async (t) => {
  const running = await startAdminBroker(t);
  const none = await running.ask(RequestCode.GetConsumerRunningInfo, INFO);
  assert.deepEqual([none.code, none.remark], [1, 'The Consumer <G> <c1> not online']);
  await join(running, (command) => {
    const asked = command.ext.get('consumerGroup') ?? '';
    return { code: 0, remark: 'told', body: Buffer.from(`{"group":"${asked}"}`) };
  });
  const answer = await running.ask(RequestCode.GetConsumerRunningInfo, INFO);
  assert.deepEqual([answer.code, answer.remark, jsonBody(answer)], [0, 'told', { group: 'G' }]);
});

test('a stored message is given to one consumer', async (t) => {
  const running = await startAdminBroker(t);
  const given: Command[] = [];
  await join(running, (command) => {
    if (command.code === RequestCode.ConsumeMessageDirectly) given.push(command);
    return { code: 0, body: Buffer.from('{"consumeResult":"CR_SUCCESS"}') };
  });
  const msgId = await running.send('T', 'hello');
  const code = RequestCode.ConsumeMessageDirectly;
  const answer = await running.ask(code, { ...INFO, msgId, topic: 'T' });
  assert.deepEqual(jsonBody(answer), { consumeResult: 'CR_SUCCESS' });
  const [relayed] = given;
  assert.ok(relayed !== undefined);
  assert.ok(relayed.body?.includes('hello'));
  const added = ['brokerName', 'topicSysFlag', 'groupSysFlag'];
  assert.deepEqual(
    added.map((name) => relayed.ext.get(name)),
    ['broker-a', '0', '0'],
  );
  const missing = `${msgId.slice(0, 16)}00000000000FFFFF`;
  const cases: [string, number, RegExp][] = [
    [missing, 1, /does not exist at this broker/],
    ['zz', 29, /^zz is not an offset message id$/],
  ];
  for (const [id, wanted, remark] of cases) {
    const refused = await running.ask(code, { ...INFO, msgId: id });
    assert.equal(refused.code, wanted);
    assert.match(refused.remark ?? '', remark);
  }
});

test('a consumer that does not answer is a time-out, an old one is not asked', async (t) => {
  const running = await startAdminBroker(t);
  const asked = deferred<void>();
  const client = running.client(() => ({ code: 0 }));
  await running.makeTopic('T');
  const beat = heartbeat('c1', { consumers: { G: ['T'] } });
  await client.invoke(running.address, { ...beat, version: 61 }, { timeoutMs: 60_000 });
  const old = await running.ask(RequestCode.GetConsumerRunningInfo, INFO);
  assert.match(old.remark ?? '', /Version <61> too low to finish/);
  const silent = running.client(() => {
    asked.resolve();
    return new Promise(() => {});
  });
  const other = heartbeat('c2', { consumers: { G: ['T'] } });
  await silent.invoke(running.address, { ...other, version: 513 }, { timeoutMs: 60_000 });
  const info = { ...INFO, clientId: 'c2' };
  const answer = running.ask(RequestCode.GetConsumerRunningInfo, info);
  await asked.promise;
  await running.time.advance(11_000);
  const timedOut = await answer;
  assert.equal(timedOut.code, 207);
  assert.match(timedOut.remark ?? '', /^consumer <G> <c2> Timeout: /);
});

test('the offsets that consumers are at are collected', async (t) => {
  const running = await startAdminBroker(t);
  const code = RequestCode.InvokeBrokerToGetConsumerStatus;
  const ask = { topic: 'T', group: 'G' };
  const none = await running.ask(code, ask);
  assert.deepEqual(
    [none.code, none.remark],
    [1, 'No Any Consumer online in the consumer group: [G]'],
  );
  const queue = '{"brokerName":"broker-a","queueId":0,"topic":"T"}';
  await join(running, () => ({
    code: 0,
    body: Buffer.from(`{"consumerTable":{},"messageQueueTable":{${queue}:7}}`),
  }));
  const answer = await running.ask(code, ask);
  assert.deepEqual(jsonBody(answer), {
    consumerTable: { c1: { [queue]: 7 } },
    messageQueueTable: {},
  });
  const nobody = await running.ask(code, { ...ask, clientAddr: 'c9' });
  assert.deepEqual(jsonBody(nobody), { consumerTable: {}, messageQueueTable: {} });
});
