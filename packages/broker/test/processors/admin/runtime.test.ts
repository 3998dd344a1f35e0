import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeTextTable, RequestCode } from '@skylarkmq/wire';
import { startAdminBroker } from '../../admin-broker.ts';

/** What `clusterList` and dashboards parse; a missing one blanks their row. */
const NEEDED = [
  'brokerActive',
  'brokerVersionDesc',
  'bootTimestamp',
  'runtime',
  'putTps',
  'getTransferredTps',
  'getTotalTps',
  'sendThreadPoolQueueSize',
  'sendThreadPoolQueueHeadWaitTimeMills',
  'pullThreadPoolQueueSize',
  'pullThreadPoolQueueHeadWaitTimeMills',
  'ackThreadPoolQueueSize',
  'pageCacheLockTimeMills',
  'earliestMessageTimeStamp',
  'commitLogDiskRatio',
  'consumeQueueDiskRatio',
  'timerReadBehind',
  'timerOffsetBehind',
  'timerCongestNum',
  'timerEnqueueTps',
  'timerDequeueTps',
  'msgPutTotalTodayNow',
  'msgPutTotalTodayMorning',
  'msgPutTotalYesterdayMorning',
  'msgGetTotalTodayNow',
  'msgGetTotalTodayMorning',
  'msgGetTotalYesterdayMorning',
  'putMessageAverageSize',
  'dispatchBehindBytes',
  'commitLogMaxOffset',
  'startAcceptSendRequestTimeStamp',
];

const NO_TIMERS = '{"dataVersion":{"counter":0,"stateVersion":0,"timestamp":0},"timingCount":{}}';

test('runtime figures have all that tools read, and count', async (t) => {
  const running = await startAdminBroker(t);
  await running.makeTopic('T');
  const info = async (): Promise<Map<string, string>> =>
    decodeTextTable((await running.ask(RequestCode.GetBrokerRuntimeInfo)).body);
  const before = await info();
  for (const name of NEEDED) assert.ok(before.has(name), name);
  assert.equal(before.get('brokerVersionDesc'), 'V5_5_0');
  assert.equal(before.get('earliestMessageTimeStamp'), '-1');
  const stored = running.time.nowMs();
  await running.send('T', 'hello', { DELAY: '3' });
  await running.time.advance(3_661_000);
  const after = await info();
  assert.equal(after.get('earliestMessageTimeStamp'), String(stored));
  assert.equal(after.get('msgPutTotalTodayNow'), '2', 'the delayed message and its delivery');
  assert.equal(after.get('runtime'), '[ 0 days, 1 hours, 1 minutes, 1 seconds ]');
  assert.equal(after.get('scheduleMessageOffset_3'), '1,1');
  assert.match(after.get('commitLogDirCapacity') ?? '', /^Total : 1\.0 TiB, Free : /);
});

test('counters are shown over a minute, an hour and a day', async (t) => {
  const running = await startAdminBroker(t);
  await running.makeTopic('T');
  const code = RequestCode.ViewBrokerStatsData;
  const ask = { statsName: 'TOPIC_PUT_NUMS', statsKey: 'T' };
  const none = await running.ask(code, ask);
  assert.deepEqual([none.code, none.remark], [1, 'The stats <TOPIC_PUT_NUMS> <T> not exist']);
  for (let count = 0; count < 6; count++) await running.send('T', 'x');
  await running.time.advance(20_000);
  const shown = await running.ask(code, ask);
  const text = shown.body?.toString() ?? '';
  for (const window of ['statsDay', 'statsHour', 'statsMinute']) {
    assert.match(text, new RegExp(`"${window}":\\{"avgpt":1,"sum":6,"tps":0\\.\\d+\\}`));
  }
});

test('the configuration is shown, changed in force and in the file, and guarded', async (t) => {
  const running = await startAdminBroker(t, { configPath: '/conf/broker.conf' });
  const shown = async (): Promise<string> =>
    (await running.ask(RequestCode.GetBrokerConfig)).body?.toString() ?? '';
  assert.match(await shown(), new RegExp(`^listenPort=${running.broker.port}$`, 'm'));
  assert.match(await shown(), /^flushDiskType=ASYNC_FLUSH$/m);
  assert.match(await shown(), /^autoCreateTopicEnable=true$/m);
  assert.match(await shown(), /^storePathRootDir=\/store$/m);
  const update = (text: string) => running.ask(RequestCode.UpdateBrokerConfig, {}, text);
  assert.equal((await update('autoCreateTopicEnable=false\nmaxMessageSize=100\n')).code, 0);
  assert.match(await shown(), /^autoCreateTopicEnable=false$/m);
  await assert.rejects(running.send('Unknown', 'x'), /^Error: 17 /);
  await running.makeTopic('T');
  await assert.rejects(running.send('T', 'x'.repeat(101)), /^Error: 13 /);
  const version = (await running.ask(RequestCode.GetBrokerConfig)).ext.get('version') ?? '';
  assert.match(version, /^\{"counter":1,/);
  const cases: [string, number, RegExp][] = [
    ['brokerConfigPath=/etc/passwd', 16, /^Can not update config in black list\.$/],
    ['adminFromAnywhere=true', 16, /black list/],
    ['maxMessageSize=-1', 29, /maxMessageSize must be an integer from 1 to/],
    ['listenPort=1', 29, /cannot be changed while the broker runs/],
    ['autoCreateTopicEnabled=true', 29, /did you mean autoCreateTopicEnable\?/],
    ['a=\\u12', 1, /Line 1 has a malformed escape/],
  ];
  for (const [text, code, remark] of cases) {
    const answer = await update(`regionId=changed\n${text}`.replace('regionId=changed\na', 'a'));
    assert.equal(answer.code, code, text);
    assert.match(answer.remark ?? '', remark);
  }
  assert.match(await shown(), /^regionId=DefaultRegion$/m);
  const handle = running.fileSystem.open('/conf/broker.conf', 'r');
  const bytes = Buffer.alloc(handle.size());
  handle.readSync(bytes, 0, bytes.length, 0);
  assert.equal(bytes.toString(), 'autoCreateTopicEnable=false\nmaxMessageSize=100\n');
});

test('replication says truly that there is none, the timer what waits', async (t) => {
  const running = await startAdminBroker(t);
  await running.makeTopic('T');
  await running.send('T', 'hello');
  const status = (await running.ask(RequestCode.GetBrokerHaStatus)).body?.toString() ?? '';
  assert.match(status, /"haConnectionInfo":\[\],"inSyncSlaveNums":0,"master":true/);
  assert.match(status, /"masterCommitLogMaxOffset":[1-9]/);
  const timer = await running.ask(RequestCode.GetTimerMetrics);
  assert.equal(timer.body?.toString(), NO_TIMERS);
  await running.send('T', 'later', { TIMER_DELAY_MS: '60000' });
  await running.time.advance(2000);
  const waiting = (await running.ask(RequestCode.GetTimerMetrics)).body?.toString() ?? '';
  assert.match(waiting, /"T":{"count":1,"timeStamp":[1-9]/);
  const check = (await running.ask(RequestCode.GetTimerCheckPoint)).body;
  assert.equal(check?.length, 56);
  await running.time.advance(60_000);
  const none = (await running.ask(RequestCode.GetTimerMetrics)).body?.toString() ?? '';
  assert.match(none, /"timingCount":{}/);
});
