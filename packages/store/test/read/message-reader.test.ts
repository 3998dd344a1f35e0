import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemoryFileSystem } from '@skylarkmq/base';
import { decodeRecords, tagsCode } from '@skylarkmq/message';
import { flipBit, readAll } from '@skylarkmq/testkit';
import { type GetResult, GetStatus, LogStore, type StoreOptions } from '../../src/index.ts';
import {
  append,
  bodiesOf,
  memoryDisk,
  requestFor,
  smallOptions,
  virtualTime,
} from '../small-store.ts';

async function filled(
  count: number,
  more: Partial<StoreOptions> = {},
): Promise<{ store: LogStore; disk: MemoryFileSystem; reopen: () => Promise<LogStore> }> {
  const disk = memoryDisk();
  const options = smallOptions(disk, more);
  const store = await LogStore.open(options);
  for (let i = 0; i < count; i += 1) {
    const tag: [string, string][] = [['TAGS', i % 3 === 0 ? 'third' : 'other']];
    await append(store, requestFor(store.queue('T', i % 2), `${i} ${'x'.repeat(100)}`, tag));
  }
  return { store, disk, reopen: () => LogStore.open(options) };
}

function idsOf(result: GetResult): number[] {
  const messages = decodeRecords(Buffer.concat([...result.slices]));
  result.release();
  return messages.map((one) => Number(one.body.toString().split(' ')[0]));
}

test('the tail answers at once, files answer later, with the same records', async () => {
  const { store, reopen } = await filled(100);
  const queue = store.queue('T', 0);
  const tail = store.getMessages(queue, 10, 5, 65_536, null);
  assert.ok(!(tail instanceof Promise));
  assert.equal(tail.fromMemory, true);
  assert.deepEqual(idsOf(tail), [20, 22, 24, 26, 28]);
  assert.equal(tail.nextBeginOffset, 15);
  await store.close();
  const again = await reopen();
  const files = await again.getMessages(again.queue('T', 0), 10, 5, 65_536, null);
  assert.equal(files.fromMemory, false);
  assert.deepEqual(idsOf(files), [20, 22, 24, 26, 28]);
  assert.equal(files.nextBeginOffset, 15);
  await again.close();
});

test('records in memory are served at once when their units are on disk only', async () => {
  const { store } = await filled(100);
  for (let round = 0; round < 3; round += 1) await store.flush();
  const queue = store.queue('T', 0);
  const all = store.getMessages(queue, 10, 5, 65_536, null);
  assert.ok(!(all instanceof Promise));
  assert.equal(all.fromMemory, true);
  assert.deepEqual(idsOf(all), [20, 22, 24, 26, 28]);
  const wanted = tagsCode('third');
  const some = store.getMessages(queue, 0, 3, 65_536, (code) => code === wanted);
  assert.ok(!(some instanceof Promise));
  assert.deepEqual(idsOf(some), [0, 6, 12]);
  assert.equal(some.nextBeginOffset, 7);
  await store.close();
});

test('a filter sees tags codes, and the next offset goes past what it refused', async () => {
  const { store, reopen } = await filled(60);
  const wanted = tagsCode('third');
  const filter = (code: number): boolean => code === wanted;
  const check = async (from: LogStore): Promise<void> => {
    const queue = from.queue('T', 0);
    const some = await from.getMessages(queue, 0, 3, 65_536, filter);
    assert.deepEqual(idsOf(some), [0, 6, 12]);
    assert.equal(some.nextBeginOffset, 7);
    const none = await from.getMessages(queue, 0, 32, 65_536, () => false);
    assert.equal(none.status, GetStatus.NoMatchedMessage);
    assert.equal(none.nextBeginOffset, 30);
  };
  await check(store);
  await store.close();
  const again = await reopen();
  await check(again);
  await again.close();
});

test('bytes are limited, but one message always comes', async () => {
  const { store, reopen } = await filled(40);
  const size = Number((await store.readRecord(0))?.length);
  const check = async (from: LogStore): Promise<void> => {
    const queue = from.queue('T', 0);
    assert.equal((await from.getMessages(queue, 0, 32, 1, null)).count, 1);
    assert.equal((await from.getMessages(queue, 0, 32, size * 3 + 5, null)).count, 3);
    assert.equal((await from.getMessages(queue, 0, 2, 65_536, null)).count, 2);
  };
  await check(store);
  await store.close();
  const again = await reopen();
  await check(again);
  await again.close();
});

test('offsets outside the queue are answered as Apache does', async () => {
  const { store } = await filled(10);
  const queue = store.queue('T', 0);
  const ask = async (offset: number): Promise<[string, number]> => {
    const result = await store.getMessages(queue, offset, 32, 65_536, null);
    return [result.status, result.nextBeginOffset];
  };
  assert.deepEqual(await ask(5), [GetStatus.OffsetOverflowOne, 5]);
  assert.deepEqual(await ask(6), [GetStatus.OffsetOverflowBadly, 5]);
  assert.deepEqual(await ask(-1), [GetStatus.OffsetTooSmall, 0]);
  const empty = await store.getMessages(store.queue('New', 0), 0, 32, 65_536, null);
  assert.equal(empty.status, GetStatus.NoMessageInQueue);
  assert.throws(
    () => store.getMessages({ ...queue, topic: 'T' }, 0, 1, 1, null),
    /not one of this store/,
  );
  await store.close();
});

test('slices stay as they are until they are released', async () => {
  const { store } = await filled(4, { tailCacheBytes: 65_536 });
  const result = await store.getMessages(store.queue('T', 0), 0, 2, 65_536, null);
  const before = Buffer.concat([...result.slices]);
  for (let i = 0; i < 500; i += 1) {
    await append(store, requestFor(store.queue('T', 1), `later ${'y'.repeat(1000)}`));
  }
  assert.ok(Buffer.concat([...result.slices]).equals(before));
  result.release();
  await store.close();
});

test('a damaged record is skipped, not served, and its neighbours are', async () => {
  const { store, disk, reopen } = await filled(20);
  const victim = requestFor(store.queue('T', 0), 'victim');
  await append(store, victim);
  await append(store, requestFor(store.queue('T', 0), 'after'));
  await store.close();
  flipBit(disk, '/store/commitlog/00000000000000000000', victim.physicalOffset + 95);
  const again = await reopen();
  const bodies = await bodiesOf(again, 'T');
  assert.equal(bodies.length, 11);
  assert.equal(bodies[10], 'after');
  assert.equal(await again.lookMessage(victim.physicalOffset), null);
  await again.close();
});

test('a message is looked up by position, and only where one begins', async () => {
  const { store, reopen } = await filled(3);
  const second = Number((await store.readRecord(0))?.length);
  const check = async (from: LogStore): Promise<void> => {
    assert.match(String((await from.lookMessage(second))?.body), /^1 x/);
    for (const offset of [-1, 1, second - 1, second + 1, 10_000, 1e12, 2 ** 60, Number.NaN]) {
      assert.equal(await from.lookMessage(offset), null, `at ${offset}`);
    }
  };
  await check(store);
  await store.close();
  const again = await reopen();
  await check(again);
  await again.close();
});

test('offsets are found by time, with the lower and the upper boundary', async () => {
  const time = virtualTime();
  const disk = memoryDisk();
  const options = smallOptions(disk, { clock: time, scheduler: time });
  const store = await LogStore.open(options);
  const began = time.nowMs();
  for (let i = 0; i < 40; i += 1) {
    if (i % 4 === 0) await time.advance(1000);
    await append(store, requestFor(store.queue('T', 0), `${i}`));
  }
  const check = async (from: LogStore): Promise<void> => {
    const cases = [
      [0, 0, 0],
      [1000, 0, 3],
      [1001, 4, 3],
      [5000, 16, 19],
      [10_000, 36, 39],
      [11_000, 40, 39],
    ] as const;
    for (const [after, lower, upper] of cases) {
      assert.equal(await from.offsetByTime('T', 0, began + after), lower, `lower ${after}`);
      assert.equal(await from.offsetByTime('T', 0, began + after, 'upper'), upper);
    }
    assert.equal(await from.messageStoreTime('T', 0, 17), began + 5000);
    assert.equal(await from.messageStoreTime('T', 0, 40), -1);
    assert.equal(await from.earliestStoreTime('T', 0), began + 1000);
    assert.equal(await from.earliestStoreTime('none', 0), -1);
    assert.equal(await from.offsetByTime('none', 0, began), 0);
  };
  await check(store);
  await store.close();
  const again = await LogStore.open(options);
  await check(again);
  await again.close();
});

test('damaged units are found in the log again, and nothing else is served', async () => {
  const time = virtualTime();
  const { store, disk } = await filled(40, { clock: time, scheduler: time });
  // The queue becomes quiet: its units are on disk only, its records still in memory.
  await time.advance(60_000);
  const path = '/store/consumequeue/T/0/00000000000000000000';
  for (const [unit, byte] of [
    [0, 7],
    [5, 10],
    [6, 0],
    [7, 8],
  ] as const) {
    flipBit(disk, path, unit * 20 + byte, 3);
  }
  const before = readAll(disk, path);
  const ids = (await bodiesOf(store, 'T')).map((body) => Number(body.split(' ')[0]));
  assert.deepEqual(
    ids,
    [...Array(20).keys()].map((n) => n * 2),
  );
  assert.equal(readAll(disk, path).equals(before), false, 'the file is repaired as well');
  await store.close();
  const again = await LogStore.open(smallOptions(disk));
  assert.equal(again.recovery.recordsScanned, 0);
  assert.equal((await bodiesOf(again, 'T')).length, 20);
  await again.close();
});

test('a sector of zeros in a queue costs no message, with a filter and without', async () => {
  for (const filter of [null, (): boolean => true]) {
    const { store, disk, reopen } = await filled(300);
    await store.close();
    const path = '/store/consumequeue/T/0/00000000000000000000';
    disk.open(path, 'rw').writeSync(Buffer.alloc(512), 0, 512, 1024);
    const again = await reopen();
    const ids: number[] = [];
    const queue = again.queue('T', 0);
    for (let offset = 0; offset < queue.maxOffset; ) {
      const result = await again.getMessages(queue, offset, 32, 65_536, filter);
      offset = result.nextBeginOffset;
      ids.push(...idsOf(result));
    }
    assert.deepEqual(
      ids,
      [...Array(150).keys()].map((n) => n * 2),
    );
    await again.close();
  }
});
