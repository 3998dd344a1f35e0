/** One queue's units: docs/formats/consume-queue.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javaHashCode, type MemoryFileSystem } from '@skylarkmq/base';
import { FaultyFileSystem, readAll } from '@skylarkmq/testkit';
import type { ConsumeQueue } from '../../src/consume-queue/consume-queue.ts';
import { loadRange } from '../../src/consume-queue/queue-loading.ts';
import { QueueTable } from '../../src/consume-queue/queue-table.ts';
import { correctMinOffset, dropOldSegments } from '../../src/consume-queue/queue-trimming.ts';
import {
  FILLER_SIZE,
  unitExtAddress,
  unitPhysicalOffset,
  unitSize,
  unitTagsCode,
  writeUnit,
} from '../../src/consume-queue/unit.ts';
import { UnitBuffers } from '../../src/consume-queue/unit-buffers.ts';
import { HandlePool } from '../../src/file/handle-pool.ts';
import { LogStore } from '../../src/index.ts';
import { append, memoryDisk, requestFor, smallOptions } from '../small-store.ts';

function table(disk: MemoryFileSystem | FaultyFileSystem): QueueTable {
  return new QueueTable(disk, new HandlePool(disk, 16), '/store/consumequeue', 2000);
}

function filled(units: number): { disk: MemoryFileSystem; queue: ConsumeQueue; all: QueueTable } {
  const disk = memoryDisk();
  const all = table(disk);
  const queue = all.get('T', 0);
  queue.startAt(0);
  for (let i = 0; i < units; i += 1) queue.append(i * 1000, 1000, i - 5);
  return { disk, queue, all };
}

test('a unit has the bytes of docs/formats/consume-queue.md', async () => {
  const disk = memoryDisk();
  const store = await LogStore.open(smallOptions(disk));
  for (const tag of ['TagA', '标签', undefined]) {
    const properties: [string, string][] = tag === undefined ? [] : [['TAGS', tag]];
    await append(store, requestFor(store.queue('T', 1), 'body', properties));
  }
  await store.close();
  const bytes = readAll(disk, '/store/consumequeue/T/1/00000000000000000000');
  assert.equal(bytes.length, 6000);
  let physical = 0;
  for (const [i, tag] of ['TagA', '标签', undefined].entries()) {
    assert.equal(bytes.readBigInt64BE(i * 20), BigInt(physical));
    const size = bytes.readInt32BE(i * 20 + 8);
    const code = tag === undefined ? 0 : javaHashCode(tag);
    assert.equal(bytes.readBigInt64BE(i * 20 + 12), BigInt(code));
    physical += size;
  }
  assert.ok(bytes.subarray(60).every((byte) => byte === 0));
});

test('numbers of 53 bits and negative codes survive a unit', () => {
  const unit = Buffer.alloc(20);
  for (const value of [0, 1, 2 ** 31, 2 ** 32 + 5, 2 ** 53 - 1]) {
    for (const code of [0, -1, -(2 ** 31), 2 ** 31 - 1, 1_767_225_600_000]) {
      writeUnit(unit, 0, value, 77, code);
      assert.deepEqual(
        [unitPhysicalOffset(unit, 0), unitSize(unit, 0), unitTagsCode(unit, 0)],
        [value, 77, code],
      );
      assert.equal(unitExtAddress(unit, 0), -1);
    }
  }
  unit.writeBigInt64BE(-(2n ** 63n) + 40n, 12);
  assert.equal(unitExtAddress(unit, 0), 40);
});

test('units are written across files, and found again', () => {
  const { disk, queue } = filled(250);
  assert.equal(queue.flush(), 250);
  assert.equal(queue.flush(), 0);
  const names = disk.list('/store/consumequeue/T/0');
  assert.deepEqual(names.map(Number), [0, 2000, 4000]);
  const again = table(disk).get('T', 0);
  loadRange(again, Number.POSITIVE_INFINITY);
  assert.deepEqual([again.minOffset, again.maxOffset], [0, 250]);
  loadRange(again, 123_000);
  assert.equal(again.maxOffset, 123);
  const unit = Buffer.alloc(20);
  assert.equal(again.unitAt(122, unit), true);
  assert.equal(unitPhysicalOffset(unit, 0), 122_000);
  assert.equal(again.unitAt(123, unit), false);
});

test('restoring skips what is there, repairs what differs and fills gaps', () => {
  const { disk, queue } = filled(50);
  queue.flush();
  const path = '/store/consumequeue/T/0/00000000000000000000';
  const before = readAll(disk, path);
  assert.equal(queue.restore(10, 10_000, 1000, 5), 0);
  assert.ok(readAll(disk, path).equals(before));
  const broken = disk.open(path, 'rw');
  broken.writeSync(Buffer.alloc(20, 0xee), 0, 20, 200);
  const again = table(disk).get('T', 0);
  again.setRange(0, 50);
  assert.equal(again.restore(10, 10_000, 1000, 5), 0);
  assert.ok(readAll(disk, path).equals(before));
  assert.equal(queue.restore(53, 60_000, 1000, 0), 3);
  assert.equal(queue.maxOffset, 54);
  const unit = Buffer.alloc(20);
  queue.unitAt(51, unit);
  assert.equal(unitSize(unit, 0), FILLER_SIZE);
});

test('a queue that begins late is filled up before its first unit', () => {
  const disk = memoryDisk();
  const queue = table(disk).get('T', 0);
  queue.restore(130, 5000, 100, 1);
  queue.flush();
  assert.equal(queue.minOffset, 130);
  const bytes = readAll(disk, '/store/consumequeue/T/0/00000000000000002000');
  for (let i = 0; i < 30; i += 1) assert.equal(bytes.readInt32BE(i * 20 + 8), FILLER_SIZE);
  assert.equal(bytes.readInt32BE(30 * 20 + 8), 100);
});

test('when the log lost its beginning, the queue begins at what is left', () => {
  const { disk, queue } = filled(350);
  queue.flush();
  correctMinOffset(queue, 120_000);
  assert.equal(queue.minOffset, 120);
  dropOldSegments(queue, 120_000);
  assert.deepEqual(disk.list('/store/consumequeue/T/0').map(Number), [2000, 4000, 6000]);
  correctMinOffset(queue, 10_000_000);
  assert.equal(queue.minOffset, queue.maxOffset, 'an empty queue keeps its offsets');
  dropOldSegments(queue, 10_000_000);
  assert.deepEqual(disk.list('/store/consumequeue/T/0').map(Number), [6000]);
});

test('leftovers behind the end are blanked', () => {
  const { disk, queue } = filled(250);
  queue.flush();
  queue.setRange(0, 120);
  queue.blankRest();
  assert.deepEqual(disk.list('/store/consumequeue/T/0').map(Number), [0, 2000]);
  const bytes = readAll(disk, '/store/consumequeue/T/0/00000000000000002000');
  assert.ok(bytes.subarray(20 * 20).every((byte) => byte === 0));
  assert.equal(bytes.readInt32BE(19 * 20 + 8), 1000);
});

test('units keep their places while the disk is full', () => {
  const disk = new FaultyFileSystem(memoryDisk());
  const all = table(disk);
  const queue = all.get('T', 0);
  queue.append(0, 1000, 0);
  const disarm = disk.fail({ operation: 'write', code: 'ENOSPC', lasting: true });
  for (let i = 1; i < 10_000; i += 1) queue.append(i * 1000, 1000, 0);
  assert.match(String(all.writeError), /ENOSPC/);
  assert.throws(() => all.flush(true), /ENOSPC/);
  assert.equal(all.hasDirty, true);
  disarm();
  all.flush(true);
  assert.equal(queue.flushedOffset, 10_000);
  const unit = Buffer.alloc(20);
  for (const offset of [0, 1, 4095, 4096, 9999]) {
    assert.equal(queue.readSync(offset, 1, unit), 1);
    assert.equal(unitPhysicalOffset(unit, 0), offset * 1000);
  }
});

test('many busy queues do not hold more memory than allowed', () => {
  const disk = memoryDisk();
  const all = table(disk);
  const queues = [...Array(3000).keys()].map((n) => all.get(`T${n}`, 0));
  for (let i = 0; i < 1200; i += 1) for (const queue of queues) queue.append(i, 1, 0);
  const held = queues.reduce((sum, queue) => sum + (queue.tail?.length ?? 0), 0);
  assert.ok(held < 72 * 1024 * 1024, `${held} bytes`);
  all.flush(true);
  assert.ok(queues.every((queue) => queue.flushedOffset === 1200));
});

test('a buffer grows by fours, and comes back', () => {
  const buffers = new UnitBuffers();
  const small = buffers.larger(0);
  assert.equal(small.length, 16 * 20);
  assert.equal(buffers.larger(16).length, 64 * 20);
  assert.equal(buffers.larger(100_000).length, 4096 * 20);
  buffers.giveBack(small);
  assert.equal(buffers.larger(3), small);
});
