import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestCode } from '@skylarkmq/wire';
import { jsonBody, startAdminBroker } from '../../admin-broker.ts';

const UPDATE = RequestCode.UpdateAndCreateSubscriptiongroup;
const GET = RequestCode.GetSubscriptiongroupConfig;

test('a group is made with the defaults of what is left out, and survives a restart', async (t) => {
  const first = await startAdminBroker(t, { settings: { autoCreateSubscriptionGroup: false } });
  const body = JSON.stringify({ groupName: 'G', retryMaxTimes: 3, groupRetryPolicy: null });
  assert.equal((await first.ask(UPDATE, {}, body)).code, 0);
  const expected = {
    attributes: {},
    brokerId: 0,
    consumeBroadcastEnable: true,
    consumeEnable: true,
    consumeFromMinEnable: true,
    consumeMessageOrderly: false,
    consumeTimeoutMinute: 15,
    groupName: 'G',
    groupRetryPolicy: { type: 'CUSTOMIZED' },
    groupSysFlag: 0,
    notifyConsumerIdsChangedEnable: true,
    retryMaxTimes: 3,
    retryQueueNums: 1,
    whichBrokerWhenConsumeSlowly: 1,
  };
  assert.deepEqual(jsonBody(await first.ask(GET, { group: 'G' })), expected);
  const missing = await first.ask(GET, { group: 'None' });
  assert.deepEqual([missing.code, missing.remark], [26, 'No group in this broker. group: None']);
  await first.close();
  const second = await startAdminBroker(t, { fileSystem: first.fileSystem });
  assert.deepEqual(jsonBody(await second.ask(GET, { group: 'G' })), expected);
  assert.equal((await second.ask(GET, { group: 'Auto' })).code, 0, 'made by asking, as in Apache');
});

test('bad groups are refused; of a list all are made or none', async (t) => {
  const running = await startAdminBroker(t, {
    settings: { autoCreateSubscriptionGroup: false, groupsMax: 10 },
  });
  const cases: [unknown, number, RegExp][] = [
    [{ groupName: 'a b' }, 29, /^The specified group: a b, contains illegal characters/],
    [{ groupName: '' }, 29, /^The specified group is blank\.$/],
    [{ groupName: 'g'.repeat(121) }, 29, /longer than group max length: 120/],
    [{ groupName: 'G', attributes: { '+x': '1' } }, 1, /^unsupported key: x$/],
    [{}, 1, /groupName must be a string/],
  ];
  for (const [group, code, remark] of cases) {
    const answer = await running.ask(UPDATE, {}, JSON.stringify(group));
    assert.equal(answer.code, code);
    assert.match(answer.remark ?? '', remark);
  }
  assert.equal((await running.ask(UPDATE, {}, '{')).code, 1);
  const list = (names: readonly string[]): string =>
    JSON.stringify({ groupConfigList: names.map((groupName) => ({ groupName })) });
  const code = RequestCode.UpdateAndCreateSubscriptiongroupList;
  assert.equal((await running.ask(code, {}, list(['L1', 'L 2']))).code, 29);
  assert.equal((await running.ask(GET, { group: 'L1' })).code, 26);
  assert.equal((await running.ask(code, {}, list(['L1', 'L2']))).code, 0);
  const full = await running.ask(code, {}, list(['L3']));
  assert.equal(full.code, 1);
  assert.match(full.remark ?? '', /10 of at most 10 groups: delete groups that nobody uses/);
  assert.equal((await running.ask(code, {}, list(['L2']))).code, 0, 'a known group still changes');
});

test('groups are listed, by pages too, and removed with their offsets only if asked', async (t) => {
  const running = await startAdminBroker(t);
  await running.makeTopic('T');
  await running.ask(UPDATE, {}, JSON.stringify({ groupName: 'G' }));
  const all = await running.ask(RequestCode.GetAllSubscriptiongroupConfig);
  assert.equal(all.ext.get('totalGroupNum'), '9', 'eight of the system and one');
  const page = { groupSeq: 0, maxGroupNum: 2 };
  const first = await running.ask(RequestCode.GetAllSubscriptiongroupConfig, page);
  const names = [...(first.body?.toString() ?? '').matchAll(/"groupName":"([^"]+)"/g)];
  assert.deepEqual(
    names.map(([, name]) => name),
    ['CID_ONS-HTTP-PROXY', 'CID_ONSAPI_OWNER'],
  );
  const commit = { consumerGroup: 'G', topic: 'T', queueId: 0, commitOffset: 0 };
  const topicsOf = async (): Promise<string> =>
    (await running.ask(RequestCode.QueryTopicsByConsumer, { group: 'G' })).body?.toString() ?? '';
  await running.ask(RequestCode.UpdateConsumerOffset, commit);
  await running.ask(RequestCode.DeleteSubscriptiongroup, { groupName: 'G' });
  assert.match(await topicsOf(), /"topicList":\["T"\]/);
  await running.ask(RequestCode.DeleteSubscriptiongroup, { groupName: 'G', cleanOffset: true });
  assert.match(await topicsOf(), /"topicList":\[\]/);
});

test('reading a topic is forbidden to a group, and allowed again', async (t) => {
  const running = await startAdminBroker(t);
  const code = RequestCode.UpdateAndGetGroupForbidden;
  const pair = { group: 'G', topic: 'T' };
  for (const readable of [true, false, true]) {
    await running.ask(code, { ...pair, readable });
    const shown = await running.ask(code, pair);
    assert.deepEqual(jsonBody(shown), { ...pair, readable });
  }
});
