import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandlePool } from '../../src/file/handle-pool.ts';
import { parseSegmentName, SegmentList, segmentName } from '../../src/file/segment-list.ts';
import { memoryDisk } from '../small-store.ts';

function listOn(disk = memoryDisk(), directories = ['/store/log']): SegmentList {
  const handles = new HandlePool(disk, 8);
  return new SegmentList({
    ...{ fileSystem: disk, handles, directories },
    fileBytes: 1000,
    syncNames: true,
  });
}

test('names are offsets of 20 digits, everything else is no file of the row', () => {
  assert.equal(segmentName(1_073_741_824), '00000000001073741824');
  assert.equal(parseSegmentName('00000000001073741824'), 1_073_741_824);
  for (const name of ['0', '0000000000107374182x', '99999999999999999999', 'lost+found']) {
    assert.equal(parseSegmentName(name), -1);
  }
});

test('an offset is found in its file, also behind a hole', () => {
  const list = listOn();
  for (const start of [0, 1000, 5000]) list.create(start);
  assert.equal(list.find(999)?.start, 0);
  assert.equal(list.find(1000)?.start, 1000);
  assert.equal(list.find(5999)?.start, 5000);
  for (const offset of [-1, 2000, 4999, 6000]) assert.equal(list.find(offset), undefined);
  assert.equal(list.findFrom(2000)?.start, 5000);
});

test('files of several directories form one row', () => {
  const disk = memoryDisk();
  const list = listOn(disk, ['/store/b', '/store/a']);
  for (const start of [0, 1000, 2000]) list.create(start);
  assert.deepEqual(disk.list('/store/a').map(Number), [0, 2000]);
  assert.deepEqual(disk.list('/store/b').map(Number), [1000]);
  const again = listOn(disk, ['/store/a', '/store/b']);
  again.load();
  assert.deepEqual(
    again.segments.map(({ start }) => start),
    [0, 1000, 2000],
  );
});

test('an empty last file goes, another length is an error or repaired', () => {
  const disk = memoryDisk();
  const list = listOn(disk);
  for (const start of [0, 1000, 2000]) list.create(start);
  disk.open(`/store/log/${segmentName(2000)}`, 'rw').truncate(0);
  list.load();
  assert.equal(list.last?.start, 1000);
  disk.open(`/store/log/${segmentName(0)}`, 'rw').truncate(400);
  assert.throws(() => list.load(), /is 400 bytes long, the configured size is 1000/);
  list.load(true);
  assert.equal(disk.stat(`/store/log/${segmentName(0)}`)?.size, 1000);
  assert.equal(list.repairedFrom, 0);
  disk.open(`/store/log/${segmentName(0)}`, 'rw').truncate(4000);
  assert.throws(() => list.load(true), /is 4000 bytes long/);
});

test('the pool closes what was not used for long, never what is pinned', () => {
  const disk = memoryDisk();
  const pool = new HandlePool(disk, 3);
  for (const name of ['a', 'b', 'c', 'd', 'e']) pool.create(`/store/${name}`);
  assert.equal(pool.openCount, 3);
  const pinned = pool.pin('/store/a');
  for (const name of ['b', 'c', 'd', 'e']) pool.use(`/store/${name}`);
  assert.equal(pinned.handle.size(), 0);
  pool.drop('/store/a');
  pinned.handle.writeSync(Buffer.from('x'), 0, 1, 0);
  pinned.unpin();
  pinned.unpin();
  assert.throws(() => pool.use('/store/none'), /ENOENT/);
  pool.closeAll();
  assert.equal(pool.openCount, 0);
});
