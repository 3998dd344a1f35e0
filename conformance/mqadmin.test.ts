/**
 * The official mqadmin against `skylark start`. What is expected here is what the same commands
 * print of Apache's broker 5.5.0, but for the misspelt configuration key, which that one ignores.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { MqAdmin } from './mqadmin/mq-admin.ts';
import { type AllInOne, startSkylark } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

const CLUSTER = ['-c', 'DefaultCluster'] as const;
const SETTLE_MS = 120_000;

suite('the official mqadmin', { skip: skipWithout('java', 'mvn') }, () => {
  let skylark: AllInOne;
  let admin: MqAdmin;
  let uniqueId = '';
  let offsetId = '';

  before(async () => {
    skylark = await startSkylark();
    admin = new MqAdmin(skylark.namesrv);
    await makeTopicAndGroup();
    await exchangeMessages();
  });
  after(async () => {
    await admin?.close();
    await skylark?.stop();
  });

  async function expect(command: readonly string[], ...patterns: readonly RegExp[]): Promise<void> {
    const output = await admin.run(...command);
    for (const pattern of patterns) assert.match(output, pattern, command.join(' '));
  }

  const broker = (): readonly string[] => ['-b', skylark.broker];

  async function makeTopicAndGroup(): Promise<void> {
    await expect(
      ['updateTopic', ...CLUSTER, '-t', 'T', '-r', '4', '-w', '4'],
      new RegExp(`create topic to ${skylark.broker} success\\.`),
      /readQueueNums=4, writeQueueNums=4, perm=RW-/,
    );
    await Promise.all([
      expect(
        ['updateTopic', ...broker(), '-t', 'Fifo', '-a', '+message.type=FIFO'],
        /attributes=\{\+message\.type=FIFO\}/,
      ),
      expect(
        ['updateSubGroup', ...CLUSTER, '-g', 'G', '-r', '3'],
        new RegExp(`create subscription group to ${skylark.broker} success\\.`),
      ),
      expect(['updateTopic', ...broker(), '-t', 'a b'], /topic: a b, contains illegal characters/),
    ]);
  }

  async function exchangeMessages(): Promise<void> {
    const sent = await admin.run('@produce', 'P', 'T', '0', 'KEY1', 'hello one');
    [uniqueId = '', offsetId = ''] = sent.trim().split(' ');
    assert.match(offsetId, /^[0-9A-F]{32}$/, sent);
    await admin.run('@produce', 'P', 'T', '1', 'KEY2', 'hello two');
    assert.equal(await admin.run('@consume', 'G', 'T'), '');
    const deadline = performance.now() + SETTLE_MS;
    for (;;) {
      await admin.run('@commit');
      const progress = await admin.run('brokerConsumeStats', ...broker());
      const rows = progress.match(/^T +G +broker-a +[01] +1 +1 +0 /gm) ?? [];
      if (rows.length === 2) return;
      assert.ok(performance.now() < deadline, `never consumed: ${progress}`);
      await delay(200);
    }
  }

  test('clusters, topics and routes', async () => {
    await Promise.all([
      expect(['clusterList'], /^DefaultCluster +broker-a +0 +127\.0\.0\.1:\d+ +V5_5_0 .* true$/m),
      expect(['clusterList', '-m'], /^DefaultCluster +broker-a +0 +0 +\d+ +\d+$/m),
      expect(['topicList'], /^T$/m, /^Fifo$/m, /^%RETRY%G$/m, /^TBW102$/m),
      expect(['topicList', '-c'], /^DefaultCluster +T +G *$/m),
      expect(['topicClusterList', '-t', 'T'], /^DefaultCluster$/m),
      expect(
        ['topicRoute', '-t', 'T'],
        new RegExp(`0:"${skylark.broker}"`),
        /"readQueueNums":4,\s+"topicSysFlag":0,\s+"writeQueueNums":4/,
      ),
      expect(['topicRoute', '-t', 'None'], /CODE: 17 {2}DESC: No topic route info in name server/),
      expect(['topicStatus', '-t', 'T'], /^broker-a +0 +0 +1 +20\d\d-/m, /^broker-a +3 +0 +0 *$/m),
    ]);
  });

  test('groups, their members and their progress', async () => {
    await Promise.all([
      expect(['getConsumerConfig', '-g', 'G'], /^groupName += +G$/m, /^retryMaxTimes += +3$/m),
      expect(
        ['producerConnection', '-g', 'P', '-t', 'T'],
        /@runner-producer +127\.0\.0\.1:\d+ +JAVA/,
      ),
      expect(['producer', ...broker()], /producer group \(P\) instance : clientId=.*language=JAVA/),
      expect(
        ['consumerConnection', '-g', 'G'],
        /@runner-G +127\.0\.0\.1:\d+ +JAVA +V5_5_0/,
        /^T +\*$/m,
        /^MessageModel: CLUSTERING$/m,
      ),
      expect(
        ['consumerProgress', '-g', 'G'],
        /^T +broker-a +0 +1 +1 +0 +0 +20\d\d-/m,
        /^Consume Diff Total: 0$/m,
      ),
      expect(['consumerProgress'], /^G +1 +V5_5_0 +PUSH +CLUSTERING +\d+ +0$/m),
      expect(['consumerStatus', '-g', 'G'], /@runner-G +V5_5_0 /, /Rebalance OK|Subscription OK/i),
      expect(['statsAll', '-t', 'T'], /^T +G +0 +\d+\.\d\d +\d+\.\d\d +2 +2 *$/m),
    ]);
  });

  test('messages by key, id, unique key, offset and queue', async () => {
    await Promise.all([
      expect(['queryMsgByKey', '-t', 'T', '-k', 'KEY1'], new RegExp(`^${uniqueId} +0 +0 `, 'm')),
      expect(
        ['queryMsgById', '-t', 'T', '-i', offsetId],
        /^Keys: +\[KEY1\]$/m,
        new RegExp(`^Store Host: +${skylark.broker}$`, 'm'),
        /^MessageTrack \[consumerGroup=G, trackType=CONSUMED, exceptionDesc=null\]$/m,
      ),
      expect(['queryMsgByUniqueKey', '-t', 'T', '-i', uniqueId], /^Keys: +\[KEY1\]$/m),
      expect(['queryMsgByOffset', '-t', 'T', '-b', 'broker-a', '-i', '1', '-o', '0'], /\[KEY2\]/),
      expect(
        ['queryCq', '-t', 'T', '-q', '0', '-i', '0', '-c', '5', ...broker()],
        /tagsCode=3552231/,
      ),
      expect(['printMsg', '-t', 'T', '-d', 'true'], /BODY: hello one/, /BODY: hello two/),
    ]);
  });

  test('the broker: figures, configuration, cleaning', async () => {
    await Promise.all([
      expect(
        ['brokerStatus', ...broker()],
        /^brokerVersionDesc +: V5_5_0$/m,
        /^msgPutTotalTodayNow +: [1-9]/m,
        /^putTps +: \d/m,
      ),
      expect(
        ['getBrokerConfig', ...broker()],
        /^brokerName += +broker-a *$/m,
        /^flushDiskType += +SYNC_FLUSH *$/m,
        new RegExp(`^listenPort += +${skylark.broker.split(':')[1]} *$`, 'm'),
      ),
      expect(['haStatus', ...broker()], /#MasterCommitLogMaxOffset\s+[1-9]/),
      expect(['cleanExpiredCQ', ...broker()], /success/),
      expect(['cleanUnusedTopic', ...broker()], /success/),
      expect(['deleteExpiredCommitLog', ...broker()], /success/),
    ]);
    await Promise.all([
      expect(
        ['updateBrokerConfig', ...broker(), '-k', 'maxMsgsNumBatch', '-v', '65'],
        new RegExp(`update broker config success, ${skylark.broker}`),
      ),
      expect(
        ['updateBrokerConfig', ...broker(), '-k', 'brokerConfigPath', '-v', '/tmp/x'],
        /CODE: 16 {2}DESC: Can not update config in black list\./,
      ),
      expect(
        ['updateBrokerConfig', ...broker(), '-k', 'maxMsgNumBatch', '-v', '65'],
        /CODE: 29 .*did you mean maxMsgsNumBatch\?/,
      ),
    ]);
    await expect(['getBrokerConfig', ...broker()], /^maxMsgsNumBatch += +65 *$/m);
  });

  test('offsets are reset, groups and topics removed', async () => {
    const rows = [0, 1, 2, 3].map((queue) => new RegExp(`^broker-a +${queue} +0 *$`, 'm'));
    await expect(['resetOffsetByTime', '-g', 'G', '-t', 'T', '-s', '0'], ...rows);
    const progress = ['resetOffsetByTime', '-g', 'G', '-t', 'T', '-s', '-1'];
    await expect(progress, /^broker-a +0 +1 *$/m, /^broker-a +1 +1 *$/m, /^broker-a +2 +0 *$/m);
    await Promise.all([
      expect(['deleteSubGroup', ...broker(), '-g', 'G2'], /delete subscription group \[G2\] from/),
      expect(
        ['deleteTopic', ...CLUSTER, '-t', 'Fifo'],
        /delete topic \[Fifo\] from cluster \[DefaultCluster\] success\./,
        /delete topic \[Fifo\] from NameServer success\./,
      ),
    ]);
    await expect(['topicRoute', '-t', 'Fifo'], /CODE: 17 /);
  });
});
