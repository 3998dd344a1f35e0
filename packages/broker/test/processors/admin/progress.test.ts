import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { deferred } from '@skylarkmq/base';
import { PopMessage, RequestCode } from '@skylarkmq/wire';
import { type AdminBroker, jsonBody, startAdminBroker } from '../../admin-broker.ts';
import { heartbeat } from '../../heartbeats.ts';

const GROUP = { consumerGroup: 'G' };

function key(queueId: number): string {
  return `{"brokerName":"broker-a","queueId":${queueId},"topic":"T"}`;
}

/** Topic T with three messages a second apart in queue 0, of which group G consumed one. */
async function consumedOne(t: TestContext): Promise<AdminBroker> {
  const running = await startAdminBroker(t);
  await running.makeTopic('T');
  for (const body of ['one', 'two', 'three']) {
    await running.send('T', body, { TAGS: body });
    await running.time.advance(1000);
  }
  await running.ask(RequestCode.GetSubscriptiongroupConfig, { group: 'G' });
  await commit(running, 'G', 1);
  return running;
}

async function commit(running: AdminBroker, consumerGroup: string, offset: number): Promise<void> {
  const fields = { consumerGroup, topic: 'T', queueId: 0, commitOffset: offset };
  await running.ask(RequestCode.GetSubscriptiongroupConfig, { group: consumerGroup });
  const answer = await running.ask(RequestCode.UpdateConsumerOffset, fields);
  assert.equal(answer.code, 0, answer.remark ?? '');
}

async function committed(running: AdminBroker, group: string, queueId = 0): Promise<string> {
  const fields = { consumerGroup: group, topic: 'T', queueId };
  const answer = await running.ask(RequestCode.QueryConsumerOffset, fields);
  return answer.ext.get('offset') ?? `code ${answer.code}`;
}

test('progress of a group in all its topics, in one, and of all groups', async (t) => {
  const running = await consumedOne(t);
  const firstStored = running.time.nowMs() - 3000;
  const progress = {
    [key(0)]: { brokerOffset: 3, consumerOffset: 1, pullOffset: 1, lastTimestamp: firstStored },
    [key(1)]: { brokerOffset: 0, consumerOffset: 0, pullOffset: 0, lastTimestamp: 0 },
  };
  const expected = { consumeTps: 0, offsetTable: progress };
  const code = RequestCode.GetConsumeStats;
  for (const more of [{}, { topic: 'T' }, { topicList: 'T;None;' }]) {
    assert.deepEqual(jsonBody(await running.ask(code, { ...GROUP, ...more })), expected);
  }
  const nothing = { consumeTps: 0, offsetTable: {} };
  assert.deepEqual(jsonBody(await running.ask(code, { consumerGroup: 'Nobody' })), nothing);
  const all = await running.ask(RequestCode.GetBrokerConsumeStats, { isOrder: false });
  const text = all.body?.toString() ?? '';
  assert.match(text, /"totalDiff":2,"totalInflightDiff":0/);
  assert.match(text, /\{"G":\[\{"consumeTps":0,"offsetTable":\{\{"brokerName"/);
  const ordered = await running.ask(RequestCode.GetBrokerConsumeStats, { isOrder: true });
  assert.match(ordered.body?.toString() ?? '', /\{"G":\[\]\}.*"totalDiff":0/);
});

test('messages that POP handed out are in flight until they are acknowledged', async (t) => {
  const running = await consumedOne(t);
  const inFlight = async (): Promise<string | undefined> => {
    const all = await running.ask(RequestCode.GetBrokerConsumeStats, { isOrder: false });
    return /"totalInflightDiff":(\d+)/.exec(all.body?.toString() ?? '')?.[1];
  };
  assert.equal(await inFlight(), '0');
  const popped = await running.ask(RequestCode.PopMessage, {
    ...{ ...GROUP, topic: 'T', queueId: 0, maxMsgNums: 32, initMode: 0 },
    ...{ invisibleTime: 5000, pollTime: 0, bornTime: running.time.nowMs() },
  });
  assert.equal(popped.code, 0, popped.remark ?? '');
  assert.equal(await inFlight(), '2');
  const { popTime, invisibleTime, reviveQid } = PopMessage.response.decode(popped.ext);
  const extraInfo = [1, popTime, invisibleTime, reviveQid, '0', 'broker-a', 0, 1].join(' ');
  const ack = { ...GROUP, topic: 'T', queueId: 0, offset: 1, extraInfo };
  assert.equal((await running.ask(RequestCode.AckMessage, ack)).code, 0);
  assert.equal(await inFlight(), '1');
});

test('a group that is online and does not subscribe to a topic is done with it', async (t) => {
  const running = await consumedOne(t);
  const consumer = running.client(() => ({ code: 0 }));
  const beat = heartbeat('c1', { consumers: { G: ['Other'] } });
  await consumer.invoke(running.address, beat, { timeoutMs: 60_000 });
  const stats = await running.ask(RequestCode.GetConsumeStats, GROUP);
  assert.deepEqual(jsonBody(stats), { consumeTps: 0, offsetTable: {} });
  const listed = await running.ask(RequestCode.GetConsumeStats, { ...GROUP, topicList: 'T' });
  assert.match(listed.body?.toString() ?? '', /"consumerOffset":1/);
});

test('store times of queues, and how old the next message of a group is', async (t) => {
  const running = await consumedOne(t);
  const code = RequestCode.QueryConsumeTimeSpan;
  const spans = await running.ask(code, { topic: 'T', group: 'G' });
  const text = spans.body?.toString() ?? '';
  const now = running.time.nowMs();
  const times = `"maxTimeStamp":${now - 1000},`;
  assert.ok(text.includes(times), text);
  assert.ok(text.includes(`"consumeTimeStamp":${now - 3000},`), text);
  assert.ok(text.includes('"delayTime":2000,'), text);
  assert.match(text, /"minTimeStampStr":"\d{4}-\d\d-\d\d#\d\d:\d\d:\d\d:\d{3}"/);
  assert.equal((await running.ask(code, { topic: 'None', group: 'G' })).code, 17);
});

test('who reads a topic, what a group reads, and all offsets', async (t) => {
  const running = await consumedOne(t);
  const consumer = running.client(() => ({ code: 0 }));
  const beat = heartbeat('c1', { consumers: { Online: ['T'] }, tag: 'one' });
  await consumer.invoke(running.address, beat, { timeoutMs: 60_000 });
  const who = await running.ask(RequestCode.QueryTopicConsumeByWho, { topic: 'T' });
  assert.deepEqual(jsonBody(who), { groupList: ['Online', 'G'] });
  const fields = { group: 'Online', topic: 'T' };
  const online = await running.ask(RequestCode.QuerySubscriptionByConsumer, fields);
  assert.match(online.body?.toString() ?? '', /"subscriptionData":\{.*"subString":"one"/);
  const offline = await running.ask(RequestCode.QuerySubscriptionByConsumer, {
    group: 'G',
    topic: 'T',
  });
  assert.deepEqual(jsonBody(offline), { group: 'G', topic: 'T' });
  const offsets = await running.ask(RequestCode.GetAllConsumerOffset);
  assert.match(offsets.body?.toString() ?? '', /"offsetTable":\{"T@G":\{0:1\}\}/);
  const delays = await running.ask(RequestCode.GetAllDelayOffset);
  assert.match(delays.body?.toString() ?? '', /"dataVersion":\{.*"offsetTable":\{/);
});

test('offsets are copied to another group, and compared with those of others', async (t) => {
  const running = await consumedOne(t);
  const copy = { srcGroup: 'G', destGroup: 'H', topic: '', offline: true };
  assert.equal((await running.ask(RequestCode.CloneGroupOffset, copy)).code, 0);
  assert.equal(await committed(running, 'H'), '1');
  await commit(running, 'H', 3);
  const code = RequestCode.QueryCorrectionOffset;
  const least = await running.ask(code, { topic: 'T', compareGroup: 'H' });
  assert.deepEqual(jsonBody(least), { correctionOffsets: { 0: 1 } });
  const behind = { topic: 'T', compareGroup: 'G', filterGroups: 'x,G' };
  const none = await running.ask(code, behind);
  assert.match(none.body?.toString() ?? '', /\{0:9223372036854775807\}/);
});

test('offsets are reset to a time, to the end, and one queue to an offset', async (t) => {
  const running = await consumedOne(t);
  const code = RequestCode.InvokeBrokerToResetOffset;
  const reset = { topic: 'T', group: 'G', isForce: true };
  const secondStored = running.time.nowMs() - 2000;
  const byTime = await running.ask(code, { ...reset, timestamp: secondStored });
  assert.deepEqual(jsonBody(byTime), { offsetTable: { [key(0)]: 1, [key(1)]: 0 } });
  const toEnd = await running.ask(code, { ...reset, timestamp: -1 });
  assert.deepEqual(jsonBody(toEnd), { offsetTable: { [key(0)]: 3, [key(1)]: 0 } });
  assert.equal(await committed(running, 'G'), '3');
  const one = await running.ask(code, { ...reset, timestamp: 0, queueId: 0, offset: 2 });
  assert.deepEqual(jsonBody(one), { offsetTable: { [key(0)]: 2 } });
  await commit(running, 'G', 1);
  assert.equal(await committed(running, 'G'), '2', 'commits do not count until the next pull');
  const cases: [Record<string, string | number>, number, RegExp][] = [
    [{ topic: 'None' }, 17, /^Topic None does not exist$/],
    [{ group: 'Nobody' }, 26, /^Group Nobody does not exist$/],
    [{ queueId: 0, offset: 9 }, 1, /^Target offset 9 not in consume queue range \[0-3\]$/],
    [{ queueId: 7 }, 1, /^Queue 7 does not exist: topic T has 2 queues$/],
  ];
  for (const [changes, wanted, remark] of cases) {
    const answer = await running.ask(code, { ...reset, timestamp: 0, ...changes });
    assert.equal(answer.code, wanted);
    assert.match(answer.remark ?? '', remark);
  }
});

test('with the older way of resetting, the consumers of the group are told', async (t) => {
  const running = await startAdminBroker(t, { settings: { useServerSideResetOffset: false } });
  await running.makeTopic('T');
  await running.send('T', 'one');
  const code = RequestCode.InvokeBrokerToResetOffset;
  const reset = { topic: 'T', group: 'G', isForce: true, timestamp: -1 };
  assert.equal((await running.ask(code, reset)).remark, 'THe consumer group <G> not exist');
  await commit(running, 'G', 0);
  const second = { consumerGroup: 'G', topic: 'T', queueId: 1, commitOffset: 0 };
  await running.ask(RequestCode.UpdateConsumerOffset, second);
  assert.equal((await running.ask(code, reset)).code, 206);
  const told = deferred<string>();
  const consumer = running.client((command) => {
    if (command.code === RequestCode.ResetConsumerClientOffset) {
      told.resolve(command.body?.toString() ?? '');
    }
    return { code: 0 };
  });
  const beat = heartbeat('c1', { consumers: { G: ['T'] } });
  await consumer.invoke(running.address, { ...beat, version: 513 }, { timeoutMs: 60_000 });
  assert.equal((await running.ask(code, reset)).code, 0);
  assert.equal(await told.promise, `{"offsetTable":{${key(0)}:1,${key(1)}:0}}`);
});

test('units of a ConsumeQueue are shown with what a group makes of them', async (t) => {
  const running = await consumedOne(t);
  const consumer = running.client(() => ({ code: 0 }));
  const beat = heartbeat('c1', { consumers: { Online: ['T'] } });
  await consumer.invoke(running.address, beat, { timeoutMs: 60_000 });
  const code = RequestCode.QueryConsumeQueue;
  const ask = { topic: 'T', queueId: 0, index: 1, count: 10, consumerGroup: 'Online' };
  const part = await running.ask(code, ask);
  const text = part.body?.toString() ?? '';
  assert.match(text, /^\{"maxQueueIndex":3,"minQueueIndex":0,"queueData":\[/);
  // Java's hash codes of "two" and "three".
  const units = [...text.matchAll(/"physicSize":(\d+),"tagsCode":(-?\d+),"eval":true/g)];
  assert.deepEqual(
    units.map(([, , tagsCode]) => tagsCode),
    ['115276', '110339486'],
  );
  const empty = await running.ask(code, { ...ask, queueId: 1 });
  assert.deepEqual([empty.code, empty.remark], [0, 'Index 1 of 1@T is not exist!']);
  const none = await running.ask(code, { ...ask, queueId: 5 });
  assert.deepEqual([none.code, none.remark], [1, '5@T is not exist!']);
});
