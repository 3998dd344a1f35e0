/** Topics: kept in Apache's form, announced to listeners, on disk before they are relied on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  JsonFile,
  MemoryFileSystem,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import { topicConfig } from '@skylarkmq/wire';
import { DEFAULT_SETTINGS } from '../../src/settings.ts';
import { addSystemTopics } from '../../src/topic/system-topics.ts';
import { TopicTable } from '../../src/topic/topic-table.ts';

const NAMES = { brokerName: 'broker-a', brokerClusterName: 'DefaultCluster' };

function start(disk = new MemoryFileSystem()) {
  const time = new VirtualTime(realScheduler);
  const file = new JsonFile(disk, '/config/topics.json');
  const table = new TopicTable({ file, clock: time, scheduler: time, logger: silentLogger });
  table.load();
  return { time, disk, file, table };
}

test('what is put is there after a restart, with the version', () => {
  const { disk, table } = start();
  const attributes = new Map([['message.type', 'NORMAL']]);
  assert.equal(table.put(topicConfig('A', 4, 6, { order: true, attributes })), true);
  table.put(topicConfig('B', 8, 4));
  table.delete('B');
  assert.equal(table.delete('B'), false);
  const version = table.dataVersion;
  assert.equal(version.counter, 3);
  table.close();
  const again = start(disk).table;
  assert.deepEqual(
    [...again.all().values()],
    [topicConfig('A', 4, 6, { order: true, attributes })],
  );
  assert.deepEqual(again.dataVersion, version);
});

test('an identical topic changes nothing, any other member does', () => {
  const { table } = start();
  const told: (string | undefined)[] = [];
  const remove = table.onChange((topic, config) => told.push(`${topic} ${config?.perm}`));
  table.put(topicConfig('A', 4, 6));
  assert.equal(table.put(topicConfig('A', 4, 6)), false);
  assert.equal(table.dataVersion.counter, 1);
  assert.equal(table.put(topicConfig('A', 4, 4)), true);
  assert.equal(table.put(topicConfig('A', 4, 4, { attributes: new Map([['a', 'b']]) })), true);
  table.delete('A');
  remove();
  table.put(topicConfig('C', 1, 6));
  assert.deepEqual(told, ['A 6', 'A 4', 'A 4', 'A undefined']);
});

test('a topic that is being made is not seen before it is on disk', async () => {
  const { file, table } = start();
  const made = table.create(topicConfig('New', 4, 6));
  assert.equal(table.get('New'), undefined);
  await made;
  assert.equal(table.get('New')?.writeQueueNums, 4);
  assert.match(JSON.stringify([...textsOf(file.load())]), /"New"/);
});

test('who puts a topic while it is being made decides how it is', async () => {
  const { disk, table } = start();
  const made = table.create(topicConfig('New', 4, 6));
  table.put(topicConfig('New', 7, 6));
  await made;
  assert.equal(table.get('New')?.writeQueueNums, 7);
  await table.create(topicConfig('New', 9, 6));
  table.close();
  assert.equal(start(disk).table.get('New')?.writeQueueNums, 7);
});

test('system topics are those of a first start of Apache, and what is on disk wins', () => {
  const { table } = start();
  table.put(topicConfig('TBW102', 3, 6));
  addSystemTopics(table, NAMES, DEFAULT_SETTINGS);
  const found = [...table.all().values()].map(
    (one) => `${one.topicName} ${one.writeQueueNums}/${one.perm}`,
  );
  assert.deepEqual(found.sort(), [
    'BenchmarkTest 1024/6',
    'DefaultCluster 16/7',
    'DefaultCluster_REPLY_TOPIC 1/6',
    'OFFSET_MOVED_EVENT 1/6',
    'RMQ_SYS_TRANS_HALF_TOPIC 1/6',
    'RMQ_SYS_TRANS_OP_HALF_TOPIC 1/6',
    'SCHEDULE_TOPIC_XXXX 18/6',
    'SELF_TEST_TOPIC 1/6',
    'TBW102 3/6',
    'broker-a 1/7',
    'rmq_sys_REVIVE_LOG_DefaultCluster 8/6',
    'rmq_sys_SYNC_BROKER_MEMBER_broker-a 1/1',
    'rmq_sys_wheel_timer 1/6',
  ]);
});

/** Names of the topics in a loaded file. */
function textsOf(value: unknown): Iterable<string> {
  const table = value instanceof Map ? value.get('topicConfigTable') : undefined;
  return table instanceof Map ? table.keys() : [];
}
