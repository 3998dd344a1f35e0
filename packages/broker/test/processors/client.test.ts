/** Heartbeats make groups and retry topics, and say when subscriptions are wanted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonFile } from '@skylarkmq/base';
import { RequestCode, subscriptionGroup } from '@skylarkmq/wire';
import { startDomains } from '../domains.ts';
import { heartbeat } from '../heartbeats.ts';

const CONSUMERS = { G: ['T'] };

test('the first heartbeat makes group and retry topic, on disk and announced', async () => {
  const broker = await startDomains();
  const answer = await broker.client().ask(heartbeat('a', { consumers: CONSUMERS }));
  assert.equal(answer.code, 0);
  assert.deepEqual(Object.fromEntries(answer.ext), {
    IS_SUPPORT_HEART_BEAT_V2: 'true',
    IS_SUB_CHANGE: 'true',
  });
  assert.equal(broker.announced(), 1);
  assert.equal(broker.topics.get('%RETRY%G')?.writeQueueNums, 1);
  for (const [file, name] of [
    ['topics', '"%RETRY%G"'],
    ['subscriptionGroup', '"groupName","G"'],
  ]) {
    const text = JSON.stringify(
      entriesOf(new JsonFile(broker.disk, `/store/config/${file}.json`).load()),
    );
    assert.ok(text.includes(name ?? ''), `${file} has ${name}`);
  }
  await broker.client().ask(heartbeat('b', { consumers: CONSUMERS }));
  assert.equal(broker.announced(), 1);
  await broker.close();
});

test('a group that may not be made is skipped, the others are not', async () => {
  const broker = await startDomains();
  broker.change({ autoCreateSubscriptionGroup: false });
  broker.groups.put(subscriptionGroup('Known'));
  const consumers = { Unknown: ['T'], Known: ['T'] };
  assert.equal((await broker.client().ask(heartbeat('a', { consumers }))).code, 0);
  assert.deepEqual(broker.consumers.clientIds('Unknown'), []);
  assert.deepEqual(broker.consumers.clientIds('Known'), ['a']);
  await broker.close();
});

test('pull consumers are skipped when they are not wanted', async () => {
  const broker = await startDomains();
  broker.change({ rejectPullConsumerEnable: true });
  const active = heartbeat('a', { consumers: CONSUMERS });
  const text = active.body?.toString().replace('CONSUME_PASSIVELY', 'CONSUME_ACTIVELY') ?? '';
  await broker.client().ask({ ...active, body: Buffer.from(text) });
  assert.deepEqual(broker.consumers.clientIds('G'), []);
  await broker.close();
});

test('a light heartbeat keeps the subscriptions that its fingerprint stands for', async () => {
  const broker = await startDomains();
  const a = broker.client();
  const changed = async (fingerprint: number, withoutSub: boolean): Promise<string | undefined> => {
    const consumers = { G: withoutSub ? [] : ['T'] };
    const answer = await a.ask(heartbeat('a', { consumers, fingerprint, withoutSub }));
    return answer.ext.get('IS_SUB_CHANGE');
  };
  assert.equal(await changed(5, true), 'true');
  assert.equal(await changed(5, false), 'false');
  assert.equal(await changed(5, true), 'false');
  assert.equal(broker.consumers.subscription('G', 'T')?.topic, 'T');
  assert.equal(await changed(6, true), 'true');
  await broker.close();
});

test('bad heartbeats get an error and change nothing', async () => {
  const broker = await startDomains();
  const a = broker.client();
  const bad = [heartbeat('', {}), heartbeat('x'.repeat(2000), {}), { code: RequestCode.HeartBeat }];
  const bodies = ['{', '[]', '{"clientID":1}', '{"clientID":"a","consumerDataSet":[1]}'];
  bad.push(...bodies.map((body) => ({ code: RequestCode.HeartBeat, body: Buffer.from(body) })));
  for (const request of bad) {
    const answer = await a.ask(request);
    assert.equal(answer.code, 1);
    assert.notEqual(answer.remark, null);
  }
  assert.equal((await a.ask(heartbeat('a', { consumers: CONSUMERS }))).code, 0);
  await broker.close();
});

test('a subscription is checked before it is used', async () => {
  const broker = await startDomains();
  const check = async (type: string, subString = 'x'): Promise<[number, string | null]> => {
    const subscriptionData = { topic: 'T', subString, expressionType: type, subVersion: 1 };
    const body = Buffer.from(JSON.stringify({ clientId: 'a', group: 'G', subscriptionData }));
    const answer = await broker.client().ask({ code: RequestCode.CheckClientConfig, body });
    return [answer.code, answer.remark];
  };
  assert.deepEqual(await check('TAG'), [0, null]);
  const remark = 'The broker does not support consumer to filter message by SQL92';
  assert.deepEqual(await check('SQL92'), [0, null]);
  const [code, problem] = await check('SQL92', 'x > ');
  assert.equal(code, 23);
  assert.match(problem ?? '', /line 1, column 5: expected a property, .* but the expression ends/);
  assert.equal((await check('SQL95'))[0], 23);
  broker.change({ enablePropertyFilter: false });
  assert.deepEqual(await check('SQL92'), [1, remark]);
  await broker.close();
});

/** Nested maps as arrays, for looking into them as text. */
function entriesOf(value: unknown): unknown {
  return value instanceof Map ? [...value].map(([name, one]) => [name, entriesOf(one)]) : value;
}
