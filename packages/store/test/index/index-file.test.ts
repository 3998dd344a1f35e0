/** The key index on disk: docs/formats/index-file.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javaHashCode, type MemoryFileSystem, realClock, silentLogger } from '@skylarkmq/base';
import { FaultyFileSystem, readAll } from '@skylarkmq/testkit';
import { positive } from '../../src/commit-log/index-keys.ts';
import { HandlePool } from '../../src/file/handle-pool.ts';
import { IndexService } from '../../src/index/index-service.ts';
import { LogStore } from '../../src/index.ts';
import { append, memoryDisk, requestFor, smallOptions } from '../small-store.ts';

const SLOTS = 10;
const ENTRIES = 100;

function serviceOn(disk: MemoryFileSystem | FaultyFileSystem): IndexService {
  return new IndexService({
    ...{ fileSystem: disk, handles: new HandlePool(disk, 8), clock: realClock },
    ...{ logger: silentLogger, directory: '/store/index' },
    sizes: { slots: SLOTS, entries: ENTRIES },
  });
}

/** Adds `count` records with one key each; record n lies at n * 100, stored at second n. */
function fill(index: IndexService, count: number, hash = (n: number): number => n % 7): void {
  for (let n = 1; n <= count; n += 1) {
    index.beginRecord(n * 100, n * 1000);
    index.put(hash(n));
  }
}

test('a file has the bytes of docs/formats/index-file.md', async () => {
  const disk = memoryDisk();
  const store = await LogStore.open(smallOptions(disk, { indexSlots: 50, indexEntries: 20 }));
  const properties: [string, string][] = [
    ['UNIQ_KEY', 'U1'],
    ['KEYS', 'a  b'],
    ['TAGS', 'TagA'],
  ];
  const request = requestFor(store.queue('T', 0), 'body', properties);
  await append(store, request);
  await store.close();
  const [name = ''] = disk.list('/store/index');
  assert.match(name, /^20\d{15}$/);
  const bytes = readAll(disk, `/store/index/${name}`);
  assert.equal(bytes.length, 40 + 4 * 50 + 20 * 20);
  const time = BigInt(request.storeTimestamp);
  assert.deepEqual(
    [0, 8, 16, 24].map((at) => bytes.readBigInt64BE(at)),
    [time, time, 0n, 0n],
  );
  assert.equal(bytes.readInt32BE(36), 5, 'the number of the next entry');
  const hashes = ['T#U1', 'T#a', 'T#b', 'T#T#TagA'].map((key) => positive(javaHashCode(key)));
  const used = new Set(hashes.map((hash) => hash % 50));
  assert.equal(bytes.readInt32BE(32), used.size);
  const newest = new Map<number, number>();
  for (const [i, hash] of hashes.entries()) {
    const at = 40 + 4 * 50 + (i + 1) * 20;
    assert.equal(bytes.readInt32BE(at), hash);
    assert.equal(bytes.readBigInt64BE(at + 4), 0n);
    assert.equal(bytes.readInt32BE(at + 12), 0);
    assert.equal(bytes.readInt32BE(at + 16), newest.get(hash % 50) ?? 0);
    newest.set(hash % 50, i + 1);
  }
  for (const [slot, number] of newest) assert.equal(bytes.readInt32BE(40 + slot * 4), number);
});

test('a key is found newest first, within its time, across files and after a restart', () => {
  const disk = memoryDisk();
  const index = serviceOn(disk);
  fill(index, 250);
  const expected = [...Array(250).keys()].map((n) => (n + 1) * 100).reverse();
  const ofThree = expected.filter((offset) => (offset / 100) % 7 === 3);
  assert.equal(disk.list('/store/index').length, 3);
  assert.deepEqual(index.find(3, 0, Number.MAX_SAFE_INTEGER, 1000), ofThree);
  assert.deepEqual(index.find(3, 0, Number.MAX_SAFE_INTEGER, 4), ofThree.slice(0, 4));
  const inTime = ofThree.filter((offset) => offset >= 10_000 && offset <= 20_000);
  assert.deepEqual(index.find(3, 100_000, 200_000, 1000), inTime);
  assert.deepEqual(index.find(8, 0, Number.MAX_SAFE_INTEGER, 1000), []);
  index.writeAll();
  const again = serviceOn(disk);
  again.load(() => true);
  assert.deepEqual(again.find(3, 0, Number.MAX_SAFE_INTEGER, 1000), ofThree);
  assert.equal(again.lastPhysicalOffset, 25_000);
});

test('entries behind the mark of a crash are forgotten, the slots follow from the rest', () => {
  const disk = memoryDisk();
  const index = serviceOn(disk);
  fill(index, 120);
  index.flush();
  const mark = index.mark();
  fill(index, 150, (n) => (n > 120 ? 3 : -1));
  const again = serviceOn(disk);
  again.loadMarked(mark);
  const found = again.find(3, 0, Number.MAX_SAFE_INTEGER, 1000);
  assert.ok(found.length > 10 && found.every((offset) => offset <= 12_000));
  assert.equal(again.knownOffset, 12_000);
  const none = serviceOn(disk);
  none.loadMarked(null);
  assert.equal(none.knownOffset, -1);
  assert.deepEqual(disk.list('/store/index'), []);
});

test('files whose records all left the log go, the last one stays', () => {
  const disk = memoryDisk();
  const index = serviceOn(disk);
  fill(index, 350);
  assert.equal(index.deleteBefore(15_000), 1);
  assert.equal(index.deleteBefore(1_000_000), 2);
  assert.equal(disk.list('/store/index').length, 1);
});

test('entries stay in memory while the disk is full', () => {
  const disk = new FaultyFileSystem(memoryDisk());
  const handles = new HandlePool(disk, 8);
  const index = new IndexService({
    ...{ fileSystem: disk, handles, clock: realClock, logger: silentLogger },
    ...{ directory: '/store/index', sizes: { slots: 1000, entries: 20_000 } },
  });
  fill(index, 10);
  const disarm = disk.fail({ operation: 'write', code: 'ENOSPC', lasting: true });
  fill(index, 9000);
  assert.throws(() => index.flush(), /ENOSPC/);
  disarm();
  index.flush();
  assert.equal(index.find(5, 0, Number.MAX_SAFE_INTEGER, 10_000).length, 1287);
  assert.notEqual(index.mark(), null);
});

test('when no file can be made, keys are left out and the mark says so', () => {
  const disk = new FaultyFileSystem(memoryDisk());
  const index = serviceOn(disk);
  fill(index, 90);
  const disarm = disk.fail({ operation: 'open', code: 'EMFILE', lasting: true, path: '/index/' });
  fill(index, 20);
  assert.equal(index.mark(), null);
  disarm();
  index.flush();
  fill(index, 20);
  assert.equal(disk.list('/store/index').length, 2);
});
