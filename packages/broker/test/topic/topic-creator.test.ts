/** Topics on demand: after the default topic, once, on disk and announced before their use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  JsonFile,
  MemoryFileSystem,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import { FaultyFileSystem } from '@skylarkmq/testkit';
import { topicConfig } from '@skylarkmq/wire';
import { type BrokerSettings, DEFAULT_SETTINGS } from '../../src/settings.ts';
import { TopicCreator } from '../../src/topic/topic-creator.ts';
import { TopicTable } from '../../src/topic/topic-table.ts';

const PATH = '/config/topics.json';
const PRODUCER = '10.0.0.9:50000';

function start(changes: Partial<BrokerSettings> = {}) {
  const time = new VirtualTime(realScheduler);
  const disk = new FaultyFileSystem(new MemoryFileSystem());
  const ports = { clock: time, scheduler: time, logger: silentLogger };
  const topics = new TopicTable({ file: new JsonFile(disk, PATH), ...ports });
  topics.put(topicConfig('TBW102', 8, 7));
  const announcedWith: (number | undefined)[] = [];
  const creator = new TopicCreator({
    topics,
    settings: () => ({ ...DEFAULT_SETTINGS, ...changes }),
    announce: async () => {
      announcedWith.push(onDisk(disk));
    },
    logger: silentLogger,
  });
  return { disk, topics, creator, announcedWith };
}

/** How many topics the file has. */
function onDisk(disk: FaultyFileSystem): number | undefined {
  const root = new JsonFile(disk, PATH).load();
  const table = root instanceof Map ? root.get('topicConfigTable') : undefined;
  return table instanceof Map ? table.size : undefined;
}

test('queues are the smaller of what the client wants and the default topic has', async () => {
  const { creator } = start();
  const small = await creator.forSend('Small', 'TBW102', 4, PRODUCER);
  assert.deepEqual(small, topicConfig('Small', 4, 6));
  const large = await creator.forSend('Large', 'TBW102', 100, PRODUCER);
  assert.equal(large?.readQueueNums, 8);
  assert.equal((await creator.forSend('Small', 'TBW102', 100, PRODUCER))?.readQueueNums, 4);
});

test('a topic is made once, on disk before it is announced', async () => {
  const { creator, announcedWith } = start();
  const sends = Array.from({ length: 20 }, () => creator.forSend('A', 'TBW102', 4, PRODUCER));
  const other = creator.forSend('B', 'TBW102', 4, PRODUCER);
  const made = new Set(await Promise.all([...sends, other]));
  assert.equal(made.size, 2);
  assert.deepEqual(announcedWith, [3, 3]);
});

test('nothing is made after an unknown, a plain or a switched-off default topic', async () => {
  const { creator, topics } = start({ autoCreateTopicEnable: false });
  topics.put(topicConfig('Plain', 4, 6));
  topics.put(topicConfig('Template', 2, 7));
  for (const template of ['Nothing', 'Plain', 'TBW102']) {
    assert.equal(await creator.forSend('A', template, 4, PRODUCER), undefined);
  }
  assert.equal((await creator.forSend('A', 'Template', 4, PRODUCER))?.writeQueueNums, 2);
});

test('retry and dead letter topics', async () => {
  const { creator } = start();
  assert.deepEqual(await creator.forRetry('G', 3), topicConfig('%RETRY%G', 3, 6));
  assert.equal((await creator.forRetry('U', 1, true)).topicSysFlag, 2);
  assert.deepEqual(await creator.forDlq('G'), topicConfig('%DLQ%G', 1, 6));
});

test('the limit of topics is said', async () => {
  const { creator } = start({ topicsMax: 2 });
  await creator.forSend('A', 'TBW102', 4, PRODUCER);
  await assert.rejects(creator.forSend('B', 'TBW102', 4, PRODUCER), /all its 2 topics/);
  await assert.rejects(creator.forRetry('G', 1), { code: 'BUSY' });
});

test('a topic that the disk does not take does not exist, until it does', async () => {
  const { creator, disk, topics, announcedWith } = start();
  const free = disk.fail({ operation: 'write', lasting: true, code: 'ENOSPC', path: PATH });
  await assert.rejects(creator.forSend('A', 'TBW102', 4, PRODUCER), /ENOSPC/);
  assert.equal(topics.get('A'), undefined);
  assert.deepEqual(announcedWith, []);
  free();
  assert.equal((await creator.forSend('A', 'TBW102', 4, PRODUCER))?.topicName, 'A');
});
