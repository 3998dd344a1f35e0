import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestCode } from '@skylarkmq/wire';
import { type Fields, jsonBody, startAdminBroker, topicFields } from '../../admin-broker.ts';

const CREATE = RequestCode.UpdateAndCreateTopic;

test('a topic is made, changed with its attributes, shown, and survives a restart', async (t) => {
  const first = await startAdminBroker(t);
  const attributes = '+message.type=FIFO,+reserve.time=1000';
  assert.equal((await first.ask(CREATE, topicFields('T', { attributes, order: true }))).code, 0);
  const changes = { readQueueNums: 4, attributes: '-reserve.time' };
  assert.equal((await first.ask(CREATE, topicFields('T', changes))).code, 0);
  const expected = {
    attributes: { 'message.type': 'FIFO' },
    order: false,
    perm: 6,
    readQueueNums: 4,
    topicFilterType: 'SINGLE_TAG',
    topicName: 'T',
    topicSysFlag: 0,
    writeQueueNums: 2,
  };
  const shown = await first.ask(RequestCode.GetTopicConfig, { topic: 'T' });
  assert.deepEqual(jsonBody(shown), expected);
  await first.close();
  const second = await startAdminBroker(t, { fileSystem: first.fileSystem });
  const again = await second.ask(RequestCode.GetTopicConfig, { topic: 'T' });
  assert.deepEqual(jsonBody(again), expected);
  const missing = await second.ask(RequestCode.GetTopicConfig, { topic: 'None' });
  assert.deepEqual([missing.code, missing.remark], [17, 'No topic in this broker. topic: None']);
});

test('what is wrong with a topic is answered with the official code and words', async (t) => {
  const running = await startAdminBroker(t, { settings: { topicsMax: 14 } });
  await running.ask(CREATE, topicFields('T', { attributes: '+message.type=FIFO' }));
  const cases: [Fields, number, RegExp][] = [
    [topicFields('a b'), 29, /^The specified topic: a b, contains illegal characters/],
    [topicFields(' '), 29, /^The specified topic is blank\.$/],
    [topicFields('x'.repeat(128)), 29, /is longer than topic max length: 127$/],
    [topicFields('TBW102'), 29, /^The topic\[TBW102\] is conflict with system topic\.$/],
    [topicFields('broker-a'), 29, /is conflict with system topic/],
    [topicFields('T', { perm: 9 }), 29, /cannot have permission 9/],
    [topicFields('T', { readQueueNums: -1 }), 29, /cannot have -1 queues/],
    [topicFields('T', { writeQueueNums: 70_000 }), 29, /cannot have 70000 queues/],
    [topicFields('T', { attributes: '+message.type=MIXED' }), 29, /MIXED message type is not/],
    [topicFields('T', { attributes: '+foo=1' }), 1, /^unsupported key: foo$/],
    [topicFields('T', { attributes: '+message.type=X' }), 1, /^value is not in set: \[UNSPEC/],
    [topicFields('T', { attributes: '+queue.type=SimpleCQ' }), 1, /unchangeable attribute/],
    [topicFields('T', { attributes: '-reserve.time' }), 1, /delete a nonexistent key/],
    [topicFields('U', { attributes: '-message.type' }), 1, /only add attribute is supported/],
    [topicFields('U', { attributes: '+queue.type=BatchCQ' }), 1, /not available in this version/],
    [topicFields('U', { attributes: 'x=1' }), 1, /format is wrong/],
    [topicFields('Full'), 1, /of at most 14 topics: delete topics that nobody uses/],
    [{ topic: 'T' }, 1, /custom field <readQueueNums> is null/],
  ];
  for (const [fields, code, remark] of cases) {
    const answer = await running.ask(CREATE, fields);
    assert.equal(answer.code, code, JSON.stringify(fields));
    assert.match(answer.remark ?? '', remark);
  }
  const kept = await running.ask(RequestCode.GetTopicConfig, { topic: 'T' });
  assert.match(kept.body?.toString() ?? '', /"attributes":\{"message.type":"FIFO"\}.*"perm":6/);
});

test('a list of topics is made as a whole or not at all', async (t) => {
  const running = await startAdminBroker(t);
  const list = (names: readonly string[]): string =>
    JSON.stringify({
      topicConfigList: names.map((topicName) => ({
        topicName,
        readQueueNums: 1,
        writeQueueNums: 1,
        perm: 6,
        attributes: { '+message.type': 'DELAY' },
      })),
    });
  const code = RequestCode.UpdateAndCreateTopicList;
  assert.equal((await running.ask(code, {}, list(['A', 'b c']))).code, 29);
  assert.equal((await running.ask(RequestCode.GetTopicConfig, { topic: 'A' })).code, 17);
  assert.equal((await running.ask(code, {}, list(['A', 'B']))).code, 0);
  for (const topic of ['A', 'B']) {
    const shown = await running.ask(RequestCode.GetTopicConfig, { topic });
    assert.match(shown.body?.toString() ?? '', /"message.type":"DELAY"/);
  }
});

test('all topics are listed at once or by pages, which begin anew after a change', async (t) => {
  const running = await startAdminBroker(t);
  for (const topic of ['P1', 'P2', 'P3']) await running.makeTopic(topic);
  const code = RequestCode.GetAllTopicConfig;
  const namesOf = async (fields: Fields): Promise<string[]> => {
    const text = (await running.ask(code, fields)).body?.toString() ?? '';
    return [...text.matchAll(/"topicName":"([^"]+)"/g)].map(([, name = '']) => name);
  };
  const all = (await namesOf({})).sort();
  const whole = await running.ask(code);
  assert.equal(whole.ext.get('totalTopicNum'), String(all.length));
  const dataVersion = /"dataVersion":(\{[^}]*\})/.exec(whole.body?.toString() ?? '')?.[1] ?? '';
  const page = { topicSeq: 3, maxTopicNum: 2, dataVersion };
  assert.deepEqual(await namesOf(page), all.slice(3, 5));
  const first = { ...page, topicSeq: 0, dataVersion: '' };
  assert.deepEqual(await namesOf(first), all.slice(0, 2));
  await running.makeTopic('P4');
  const grown = [...all, 'P4'].sort();
  assert.deepEqual(await namesOf(page), grown.slice(0, 2));
  assert.deepEqual(await namesOf({ topicSeq: 1000, maxTopicNum: 2 }), []);
});

test('the ends of queues are shown; a deleted topic is gone with all that it had', async (t) => {
  const running = await startAdminBroker(t);
  await running.makeTopic('T');
  await running.send('T', 'one');
  await running.time.advance(1000);
  await running.send('T', 'two');
  const stats = await running.ask(RequestCode.GetTopicStatsInfo, { topic: 'T' });
  const now = running.time.nowMs();
  const key = (queueId: number): string =>
    `{"brokerName":"broker-a","queueId":${queueId},"topic":"T"}`;
  const { offsetTable } = stats.body === null ? { offsetTable: {} } : Object(jsonBody(stats));
  assert.deepEqual(offsetTable, {
    [key(0)]: { lastUpdateTimestamp: now, maxOffset: 2, minOffset: 0 },
    [key(1)]: { lastUpdateTimestamp: 0, maxOffset: 0, minOffset: 0 },
  });
  const commit = { consumerGroup: 'G', topic: 'T', queueId: 0, commitOffset: 1 };
  await running.ask(RequestCode.GetSubscriptiongroupConfig, { group: 'G' });
  assert.equal((await running.ask(RequestCode.UpdateConsumerOffset, commit)).code, 0);
  assert.equal((await running.ask(RequestCode.DeleteTopicInBroker, { topic: 'T' })).code, 0);
  const gone = await running.ask(RequestCode.GetTopicStatsInfo, { topic: 'T' });
  assert.deepEqual([gone.code, gone.remark], [17, 'topic[T] not exist']);
  const topics = await running.ask(RequestCode.QueryTopicsByConsumer, { group: 'G' });
  const brokerAddr = running.broker.address;
  assert.deepEqual(jsonBody(topics), { brokerAddr, topicList: [] });
  await running.makeTopic('T');
  const fresh = await running.ask(RequestCode.GetMaxOffset, { topic: 'T', queueId: 0 });
  assert.equal(fresh.ext.get('offset'), '0');
  for (const topic of ['', 'SCHEDULE_TOPIC_XXXX']) {
    assert.equal((await running.ask(RequestCode.DeleteTopicInBroker, { topic })).code, 29);
  }
});

test('cleaning is answered; system topics are listed', async (t) => {
  const running = await startAdminBroker(t);
  const codes = [
    RequestCode.CleanUnusedTopic,
    RequestCode.CleanExpiredConsumequeue,
    RequestCode.DeleteExpiredCommitlog,
  ];
  for (const code of codes) assert.equal((await running.ask(code)).code, 0, String(code));
  const list = await running.ask(RequestCode.GetSystemTopicListFromBroker);
  const text = list.body?.toString() ?? '';
  for (const topic of ['TBW102', 'SCHEDULE_TOPIC_XXXX', 'DefaultCluster', 'broker-a']) {
    assert.ok(text.includes(`"${topic}"`), topic);
  }
});
