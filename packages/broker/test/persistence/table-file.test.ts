/** Tables reach the disk soon, once for all who wait, and again after a disk that refused. */
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
import { TableFile } from '../../src/persistence/table-file.ts';

const PATH = '/config/table.json';

function start() {
  const time = new VirtualTime(realScheduler);
  const disk = new FaultyFileSystem(new MemoryFileSystem(() => time.nowMs()));
  let writes = 0;
  let value = 0;
  const table = new TableFile({
    file: new JsonFile(disk, PATH),
    content: () => {
      writes += 1;
      return { value };
    },
    periodMs: () => 1000,
    scheduler: time,
    logger: silentLogger,
  });
  return {
    time,
    disk,
    table,
    writes: () => writes,
    set(to: number) {
      value = to;
      table.changed();
    },
    onDisk: () => new JsonFile(disk, PATH).load(),
  };
}

test('a change is on disk within the period, many changes in one write', async () => {
  const { time, set, writes, onDisk } = start();
  set(1);
  set(2);
  await time.advance(999);
  assert.equal(writes(), 0);
  await time.advance(1);
  assert.deepEqual(onDisk(), new Map([['value', 2]]));
  await time.advance(60_000);
  assert.equal(writes(), 1);
  assert.equal(time.pending, 0);
});

test('those who wait at once share one write, and later ones get their own', async () => {
  const { table, set, writes, onDisk } = start();
  set(1);
  const first = table.saved();
  set(2);
  await Promise.all([first, table.saved()]);
  assert.equal(writes(), 1);
  assert.deepEqual(onDisk(), new Map([['value', 2]]));
  set(3);
  await table.saved();
  await table.saved();
  assert.equal(writes(), 2);
});

test('a disk that refuses is told to whoever waits, and the change is not forgotten', async () => {
  const { time, disk, table, set, onDisk } = start();
  const free = disk.fail({ operation: 'write', lasting: true, code: 'ENOSPC', path: PATH });
  set(1);
  await assert.rejects(table.saved(), /ENOSPC/);
  await time.advance(5000);
  assert.equal(onDisk(), undefined);
  free();
  await time.advance(1000);
  assert.deepEqual(onDisk(), new Map([['value', 1]]));
});

test('closing writes what changed', () => {
  const { table, set, onDisk } = start();
  set(7);
  table.close();
  assert.deepEqual(onDisk(), new Map([['value', 7]]));
});

test('who waits, and who closes, does not rely on a write that is still under way', async () => {
  const { time, table, set, onDisk } = start();
  set(1);
  const periodic = table.saveLater();
  const waiting = table.saved();
  set(2);
  table.close();
  assert.deepEqual(onDisk(), new Map([['value', 2]]));
  await Promise.all([periodic, waiting]);
  await time.advance(60_000);
  assert.deepEqual(onDisk(), new Map([['value', 2]]));
});

test('a write under way that the disk refuses is told to whoever waits for it', async () => {
  const { time, disk, table, set, onDisk } = start();
  disk.fail({ operation: 'syncData', code: 'EIO', path: PATH });
  set(1);
  const periodic = table.saveLater();
  const waiting = table.saved();
  await assert.rejects(periodic, /EIO/);
  await assert.rejects(waiting, /EIO/);
  table.changed();
  await time.advance(1000);
  assert.deepEqual(onDisk(), new Map([['value', 1]]));
});
