import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flipBit } from '@skylarkmq/testkit';
import { rangesOf, type SavingPlan, saveQueues } from '../../src/consume-queue/queue-saving.ts';
import { applySaved, loadSnapshot } from '../../src/consume-queue/queue-snapshot.ts';
import { QueueTable } from '../../src/consume-queue/queue-table.ts';
import { HandlePool } from '../../src/file/handle-pool.ts';
import { memoryDisk } from '../small-store.ts';

function tableOn(disk = memoryDisk()): QueueTable {
  return new QueueTable(disk, new HandlePool(disk, 4), '/store/consumequeue', 2000);
}

test('names that could lead out of the directory are no topics', () => {
  const table = tableOn();
  for (const name of ['', '.', '..', 'a/b', 'a\\b', 'a\u0000', `${'t'.repeat(256)}`]) {
    assert.throws(() => table.get(name, 0), /is not a name/);
  }
  for (const queueId of [-1, 65_536, 1.5, Number.NaN]) {
    assert.throws(() => table.get('T', queueId), /out of range/);
  }
  assert.equal(table.get('%RETRY%g', 65_535).topic, '%RETRY%g');
});

test('queues on disk are found, other directories are not', () => {
  const disk = memoryDisk();
  for (const path of ['T/0', 'T/7', 'T/x', 'T/01', '%RETRY%g/0']) {
    disk.makeDirectory(`/store/consumequeue/${path}`);
  }
  const table = tableOn(disk);
  table.load();
  const found = [...table.all()].map((queue) => `${queue.topic}-${queue.queueId}`).sort();
  assert.deepEqual(found, ['%RETRY%g-0', 'T-0', 'T-7']);
});

test('quiet queues are written at a full flush, busy ones at every one', () => {
  const table = tableOn();
  const quiet = table.get('quiet', 0);
  const busy = table.get('busy', 0);
  quiet.append(0, 1, 0);
  for (let i = 0; i < 300; i += 1) busy.append(i, 1, 0);
  table.flush(false);
  assert.deepEqual([quiet.flushedOffset, busy.flushedOffset], [0, 300]);
  table.flush(true);
  assert.equal(quiet.flushedOffset, 1);
  // A queue that stays quiet gives its memory back.
  assert.ok(quiet.tail !== null);
  table.flush(true);
  table.flush(true);
  assert.equal(quiet.tail, null);
  assert.equal(table.hasDirty, false);
});

test('a flush in steps loses nothing that comes in between, or when it is broken off', () => {
  const table = tableOn();
  const queues = [...Array(20).keys()].map((n) => table.get(`T${n}`, 0));
  for (const queue of queues) queue.append(0, 1, 0);
  let steps = 0;
  for (const _ of table.flushSteps(true)) {
    steps += 1;
    for (const queue of queues) queue.append(steps, 1, 0);
    if (steps === 10) break;
  }
  assert.equal(table.hasDirty, true);
  table.flush(true);
  assert.ok(queues.every((queue) => queue.flushedOffset === 11));
});

test('a removed topic takes its files along', () => {
  const disk = memoryDisk();
  const table = tableOn(disk);
  const queue = table.get('T', 0);
  queue.append(0, 1, 0);
  table.flush(true);
  assert.equal(disk.exists('/store/consumequeue/T/0/00000000000000000000'), true);
  table.remove('T');
  assert.equal(disk.exists('/store/consumequeue/T'), false);
  assert.equal(table.find('T', 0), undefined);
  assert.deepEqual(queue.unsynced, []);
});

async function save(
  disk: ReturnType<typeof memoryDisk>,
  table: QueueTable,
  plan: Omit<SavingPlan, 'hasTime'>,
): Promise<{ synced: string[]; copied: number; next: number }> {
  const synced: string[] = [];
  const sync = async (path: string): Promise<void> => {
    synced.push(path);
  };
  const deps = { fileSystem: disk, directory: '/store', sync, pause: () => null };
  const { copied, next } = await saveQueues(deps, 77, rangesOf(table), {
    ...plan,
    hasTime: () => true,
  });
  return { synced, copied, next };
}

const SYNC_ALL = { from: 0, syncs: 1000, readsBack: false };
const COPY_ALL = { from: 0, syncs: 0, readsBack: true };

test('a snapshot of the ranges is loaded whole or not at all', async () => {
  const disk = memoryDisk();
  const table = tableOn(disk);
  for (let n = 0; n < 5; n += 1) {
    for (let i = 0; i <= n; i += 1) table.get(`主题${n}`, n).append(i * 10, 10, 0);
  }
  assert.equal((await save(disk, table, SYNC_ALL)).synced.length, 5);
  const saved = loadSnapshot(disk, '/store', 77) ?? [];
  assert.equal(saved.length, 5);
  const again = tableOn(disk);
  for (const one of saved) {
    assert.equal(one.units.length, 0);
    assert.equal(applySaved(again.get(one.topic, one.queueId), one, 50), true);
    assert.equal(applySaved(again.get(one.topic, one.queueId), one, 9), false);
  }
  disk.remove('/store/consumequeue/主题3/3');
  const lost = saved.find((one) => one.queueId === 3);
  assert.ok(lost);
  assert.equal(applySaved(tableOn(disk).get(lost.topic, 3), lost, 50), false);
  flipBit(disk, '/store/skylark.queues.77', 40);
  assert.equal(loadSnapshot(disk, '/store', 77), null);
  assert.equal(loadSnapshot(disk, '/store', 78), null);
});

test('units that no file has come back from the snapshot, exactly', async () => {
  const disk = memoryDisk();
  const table = tableOn(disk);
  const tagsCodes = [0, -1, -(2 ** 31), 1_700_000_000_000];
  for (let n = 0; n < 3000; n += 1) {
    for (let i = 0; i < 1 + (n % 20); i += 1) {
      table.get(`T${n >> 2}`, n & 3).append(n * 1000 + i * 10, 10, tagsCodes[i & 3] ?? 0);
    }
  }
  const { synced, copied } = await save(disk, table, COPY_ALL);
  assert.deepEqual([synced.length, copied], [0, 3000]);
  const again = tableOn(disk);
  for (const one of loadSnapshot(disk, '/store', 77) ?? []) {
    assert.equal(applySaved(again.get(one.topic, one.queueId), one, 3_000_000), true);
  }
  const unit = Buffer.alloc(20);
  const other = Buffer.alloc(20);
  for (const queue of table.all()) {
    const found = again.get(queue.topic, queue.queueId);
    assert.deepEqual([found.minOffset, found.maxOffset], [0, queue.maxOffset]);
    assert.equal(found.nextOffset, queue.maxOffset);
    for (let offset = 0; offset < queue.maxOffset; offset += 1) {
      assert.ok(queue.unitAt(offset, unit) && found.unitAt(offset, other));
      assert.deepEqual(other, unit);
    }
  }
});

test('queues are synced by turns, and whenever copying will not do', async () => {
  const disk = memoryDisk();
  const table = tableOn(disk);
  for (let n = 0; n < 10; n += 1) table.get(`T${n}`, 0).append(n, 1, 0);
  const turns: string[][] = [];
  for (let from = 0; turns.length < 4; ) {
    const { synced, next } = await save(disk, table, { from, syncs: 4, readsBack: false });
    turns.push(synced.map((path) => path.split('/')[3] ?? ''));
    from = next;
  }
  const expected = [['T0', 'T1', 'T2', 'T3'], ['T4', 'T5', 'T6', 'T7'], ['T8', 'T9'], []];
  assert.deepEqual(turns, expected);
  // Too many units; units in a file only; a unit before the others that was written again.
  for (let i = 0; i < 300; i += 1) table.get('T1', 0).append(i, 1, 0);
  table.get('T2', 0).append(7, 1, 0);
  table.flush(true);
  table.get('T2', 0).releaseTail();
  table.get('T3', 0).restore(0, 99, 1, 0);
  const { synced } = await save(disk, table, { ...COPY_ALL, readsBack: false });
  assert.deepEqual(
    synced.map((path) => path.split('/')[3]),
    ['T1', 'T1', 'T1', 'T1', 'T2', 'T3'],
  );
});

test('units that are in a file only are read back when nobody waits', async () => {
  const disk = memoryDisk();
  const table = tableOn(disk);
  const queue = table.get('T', 0);
  for (let i = 0; i < 250; i += 1) queue.append(i * 10, 10, i);
  table.flush(true);
  queue.releaseTail();
  queue.append(2500, 10, 250);
  assert.deepEqual(await save(disk, table, COPY_ALL), { synced: [], copied: 1, next: 0 });
  disk.remove('/store/consumequeue/T');
  const [saved] = loadSnapshot(disk, '/store', 77) ?? [];
  assert.ok(saved);
  const again = tableOn(disk).get('T', 0);
  assert.equal(applySaved(again, saved, 2510), true);
  const unit = Buffer.alloc(20);
  for (const offset of [0, 99, 100, 249, 250]) {
    assert.ok(again.unitAt(offset, unit));
    assert.equal(unit.readInt32BE(4), offset * 10);
  }
});
