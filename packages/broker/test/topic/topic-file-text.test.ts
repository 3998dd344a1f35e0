/** The text of topics.json is what the general writer would write, however it came about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPrng,
  JsonFile,
  MemoryFileSystem,
  randomSeed,
  realScheduler,
  silentLogger,
  stringifyJson,
  VirtualTime,
} from '@skylarkmq/base';
import { type DataVersion, type TopicConfig, topicConfig, topicTableJson } from '@skylarkmq/wire';
import { TopicFileText } from '../../src/topic/topic-file-text.ts';
import { TopicTable } from '../../src/topic/topic-table.ts';

const VERSION = { counter: 8, stateVersion: 1, timestamp: 1_795_354_041_982 };
const PATH = '/config/topics.json';

function general(dataVersion: DataVersion, topics: Iterable<TopicConfig>): string {
  const named = new Map([...topics].map((one) => [one.topicName, one]));
  return stringifyJson(topicTableJson({ dataVersion, topics: named }), { pretty: true });
}

test('none, one, several, and one that is being made', () => {
  const attributes = new Map([['message.type', 'FIFO\n"x"']]);
  const a = topicConfig('A', 4, 6);
  const b = topicConfig('%RETRY%B', 1, 6, { order: true, attributes });
  assert.equal(new TopicFileText().of(VERSION, []), general(VERSION, []));
  const text = new TopicFileText();
  assert.equal(text.of(VERSION, [a]), general(VERSION, [a]));
  assert.equal(text.of(VERSION, [a], [b]), general(VERSION, [a, b]));
  text.added(b);
  assert.equal(text.of(VERSION, [a, b]), general(VERSION, [a, b]));
});

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`random changes of a table always write its topics (SEED=${seed})`, async () => {
  const prng = createPrng(seed);
  const time = new VirtualTime(realScheduler);
  const disk = new MemoryFileSystem();
  const file = new JsonFile(disk, PATH);
  const table = new TopicTable({ file, clock: time, scheduler: time, logger: silentLogger });
  // There is no file before the first change.
  table.put(topicConfig('T0', 1, 6));
  for (let step = 0; step < 300; step++) {
    const name = `T${prng.below(20)}`;
    const what = prng.below(4);
    if (what === 0) table.delete(name);
    else if (what === 1) await table.create(topicConfig(name, 4, 6));
    else table.put(topicConfig(name, 1 + prng.below(3), 6));
    table.save();
    const wanted = general(table.dataVersion, table.all().values());
    assert.equal(textOf(disk), wanted, `seed ${seed}, step ${step}`);
  }
});

function textOf(disk: MemoryFileSystem): string {
  const bytes = Buffer.alloc(disk.stat(PATH)?.size ?? 0);
  const handle = disk.open(PATH, 'r');
  handle.readSync(bytes, 0, bytes.length, 0);
  handle.close();
  return bytes.toString();
}
