/** Proves docs/formats/config-json.md: what a reader finds after each kind of damage. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CrashDisk, RecordingFileSystem, readAll, writeAll } from '@skylarkmq/testkit';
import {
  createPrng,
  type FileSystem,
  JsonFile,
  type Logger,
  MemoryFileSystem,
} from '../../src/index.ts';

const PATH = '/store/config/topics.json';

function counterIn(fileSystem: FileSystem): unknown {
  const value = new JsonFile(fileSystem, PATH).load();
  return value instanceof Map ? value.get('counter') : value;
}

test('saves pretty text and keeps the previous content as .bak', () => {
  const fileSystem = new MemoryFileSystem();
  const file = new JsonFile(fileSystem, PATH);
  assert.equal(file.load(), undefined);
  file.save({ counter: 1, table: new Map([[0, 'a']]) });
  file.save({ counter: 2 });
  assert.equal(readAll(fileSystem, PATH).toString(), '{\n\t"counter":2\n}');
  const previous = '{\n\t"counter":1,\n\t"table":{\n\t\t0:"a"\n\t}\n}';
  assert.equal(readAll(fileSystem, `${PATH}.bak`).toString(), previous);
  assert.equal(counterIn(fileSystem), 2);
});

test('a missing, empty or broken file is replaced by its backup, with a warning if broken', () => {
  const fileSystem = new MemoryFileSystem();
  const warnings: string[] = [];
  const ignore = (): void => {};
  const warn: Logger['warn'] = (_fields, message) => warnings.push(message);
  const logger: Logger = { debug: ignore, info: ignore, error: ignore, warn };
  const file = new JsonFile(fileSystem, PATH, logger);
  file.save('{"counter":1}');
  file.save('{"counter":2}');
  for (const broken of ['', '{"counter":', '\0\0\0\0']) {
    writeAll(fileSystem, PATH, Buffer.from(broken));
    assert.deepEqual(file.load(), new Map([['counter', 1]]));
  }
  assert.equal(warnings.length, 2);
  fileSystem.remove(PATH);
  assert.deepEqual(file.load(), new Map([['counter', 1]]));
  writeAll(fileSystem, `${PATH}.bak`, Buffer.from('['));
  assert.throws(() => file.load(), /Neither .*topics.json nor its .bak can be read/);
});

test('of a save now and a slow one that began before, the newer content stays', async () => {
  const fileSystem = new MemoryFileSystem();
  const file = new JsonFile(fileSystem, PATH);
  const slow = file.saveLater({ counter: 1 });
  file.save({ counter: 2 });
  await slow;
  assert.equal(counterIn(fileSystem), 2);
  assert.deepEqual(fileSystem.list('/store/config'), ['topics.json']);
  await file.saveLater({ counter: 3 });
  assert.equal(counterIn(fileSystem), 3);
  assert.deepEqual(fileSystem.list('/store/config'), ['topics.json', 'topics.json.bak']);
});

const SAVES = {
  save: async (file: JsonFile, counter: number): Promise<void> => file.save({ counter }),
  saveLater: (file: JsonFile, counter: number): Promise<void> => file.saveLater({ counter }),
  'save during saveLater': async (file: JsonFile, counter: number): Promise<void> => {
    const slow = file.saveLater({ counter });
    file.save({ counter });
    await slow;
  },
};

for (const [name, save] of Object.entries(SAVES)) {
  test(`a power cut at any point of ${name} leaves the old or the new content`, async () => {
    const inner = new MemoryFileSystem();
    new JsonFile(inner, PATH).save({ counter: 0 });
    const disk = new RecordingFileSystem(inner, '/');
    const file = new JsonFile(disk, PATH);
    const returned: number[] = [0];
    for (let counter = 1; counter <= 3; counter++) {
      await save(file, counter);
      returned.push(disk.length);
    }
    checkCuts(disk, returned);
  });
}

function checkCuts(disk: RecordingFileSystem, returned: readonly number[]): void {
  let states = 0;
  for (let cutAt = 0; cutAt <= disk.length; cutAt++) {
    const saved = returned.findLastIndex((length) => length <= cutAt);
    const crash = new CrashDisk(disk.trace, cutAt);
    for (const choice of crash.choices(createPrng(cutAt))) {
      const counter = counterIn(crash.build(choice));
      const where = `cut at ${cutAt}, ${choice.name}: found ${counter}`;
      assert.ok(counter === saved || counter === saved + 1, where);
      states++;
    }
  }
  assert.ok(states > 50);
}
