import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestCode, SignedFields } from '@skylarkmq/wire';
import { ACCESS_RULES } from '../../src/request/access-rules.ts';
import { ADMIN_CODES } from '../../src/request/planes.ts';
import { CLUSTER, received, request } from '../fixture.ts';

/** Requests that servers send to clients. */
const TO_CLIENTS: ReadonlySet<number> = new Set([39, 40, 220, 221, 326, 200_073]);

function needs(code: number, fields: Record<string, string>, body?: string): readonly string[] {
  const ext = request(code, fields);
  const command = received(body === undefined ? ext : { ...ext, body: Buffer.from(body) });
  const signedFields = new SignedFields();
  signedFields.read(command);
  const rule = ACCESS_RULES.get(code);
  assert.ok(rule !== undefined, String(code));
  const accesses = rule({ fields: signedFields, command, clusterName: CLUSTER });
  return accesses.map(({ type, name, actions }) => `${type}:${name} ${actions.join('|')}`);
}

test('every request code has a rule', () => {
  const missing = Object.entries(RequestCode).filter(
    ([, code]) => !ACCESS_RULES.has(code) && !TO_CLIENTS.has(code),
  );
  assert.deepEqual(missing, []);
  for (const code of ADMIN_CODES) {
    assert.ok(ACCESS_RULES.has(code) || code === 1009 || code === 1010, String(code));
  }
});

test('clients need Pub to send and Sub to read, in retry topics the right of the group', () => {
  assert.deepEqual(needs(310, { b: 'T' }), ['Topic:T Pub']);
  assert.deepEqual(needs(10, { topic: '%RETRY%g' }), ['Group:g Sub']);
  assert.deepEqual(needs(11, { topic: 'T', consumerGroup: 'g' }), ['Topic:T Sub', 'Group:g Sub']);
  assert.deepEqual(needs(11, { topic: '%RETRY%g', consumerGroup: 'g' }), ['Group:g Sub']);
  assert.deepEqual(needs(105, { topic: 'T' }), ['Topic:T Pub|Sub|Get']);
  assert.deepEqual(needs(105, { topic: '%RETRY%g' }), ['Group:g Sub|Get']);
  assert.deepEqual(needs(15, { topic: 'T', consumerGroup: 'g' }), [
    'Topic:T Sub|Update',
    'Group:g Sub|Update',
  ]);
  assert.deepEqual(needs(35, {}), []);
  assert.deepEqual(needs(37, { topic: ' ' }), []);
});

test('what is in the body counts', () => {
  const heartbeat = `{"clientID":"c","producerDataSet":[{"groupName":"p"}],"consumerDataSet":[
    {"groupName":"g","subscriptionDataSet":[{"topic":"T"},{"topic":"%RETRY%g"}]}]}`;
  assert.deepEqual(needs(34, {}, heartbeat), ['Group:g Sub', 'Topic:T Sub']);
  const lock = '{"consumerGroup":"g","mqSet":[{"topic":"T","brokerName":"b","queueId":0}]}';
  assert.deepEqual(needs(41, {}, lock), ['Group:g Sub', 'Topic:T Sub']);
  assert.deepEqual(needs(200, {}, '{"groupName":"g"}'), ['Group:g Create|Update']);
  assert.deepEqual(needs(18, {}, '{"topicConfigList":[{"topicName":"T"}]}'), ['Topic:T Create']);
  assert.deepEqual(needs(200_151, {}, '{"acks":[{"c":"g","t":"T"}]}'), [
    'Group:g Sub',
    'Topic:T Sub',
  ]);
  assert.throws(() => needs(34, {}, '{not json'));
});

test('receipts of retries need the rights of the pop', () => {
  for (const code of [200_051, 200_053]) {
    for (const topic of ['T', '%RETRY%g_T', '%RETRY%g+T']) {
      const rights = needs(code, { topic, consumerGroup: 'g' });
      assert.deepEqual(rights, ['Group:g Sub', 'Topic:T Sub']);
    }
    const other = needs(code, { topic: '%RETRY%other_T', consumerGroup: 'g' });
    assert.deepEqual(other, ['Group:g Sub', 'Group:other_T Sub']);
  }
  // To pop from a retry topic by its name is to read another group's.
  const pop = needs(200_050, { topic: '%RETRY%g_T', consumerGroup: 'g' });
  assert.deepEqual(pop, ['Group:g Sub', 'Group:g_T Sub']);
});

test('tools need rights on what they name, or on the cluster', () => {
  assert.deepEqual(needs(25, {}), ['Cluster:DefaultCluster Update']);
  assert.deepEqual(needs(103, { clusterName: 'c' }), ['Cluster:c Update']);
  assert.deepEqual(needs(208, { consumerGroup: 'g', topicList: 'A;B' }), [
    'Group:g Get',
    'Topic:A Get',
    'Topic:B Get',
  ]);
  assert.deepEqual(needs(33, { offset: '1' }), ['Cluster:DefaultCluster Get']);
});
