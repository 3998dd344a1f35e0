import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FileHandle, MemoryFileSystem } from '@skylarkmq/base';
import { FaultyFileSystem, flipBit, readAll, testFileSystem } from '../../src/index.ts';

testFileSystem('faulty file system without a fault', () => {
  const inner = new MemoryFileSystem();
  inner.makeDirectory('/root');
  return { fileSystem: new FaultyFileSystem(inner), root: '/root', dispose: () => {} };
});

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && 'code' in error && error.code === code;
}

function fixture(): { disk: FaultyFileSystem; handle: FileHandle } {
  const disk = new FaultyFileSystem(new MemoryFileSystem());
  disk.makeDirectory('/d');
  return { disk, handle: disk.open('/d/a', 'create') };
}

test('the n-th call fails once, or from then on', async () => {
  const { disk, handle } = fixture();
  disk.fail({ operation: 'syncData', nth: 2 });
  await handle.syncData();
  await assert.rejects(handle.syncData(), hasCode('EIO'));
  await handle.syncData();
  const disarm = disk.fail({ operation: 'write', lasting: true, code: 'EROFS', path: '/a' });
  assert.throws(() => handle.writeSync(Buffer.from('x'), 0, 1, 0), hasCode('EROFS'));
  assert.throws(() => handle.writeSync(Buffer.from('x'), 0, 1, 0), hasCode('EROFS'));
  disk.open('/d/b', 'create').writeSync(Buffer.from('x'), 0, 1, 0);
  disarm();
  handle.writeSync(Buffer.from('x'), 0, 1, 0);
});

test('a full disk cuts a write short, and has room again later', () => {
  const { disk, handle } = fixture();
  disk.setCapacity(8192);
  disk.setForeign(4096);
  const bytes = Buffer.alloc(6000, 1);
  assert.equal(disk.volume().availableBytes, 4096);
  assert.throws(() => handle.writeSync(bytes, 0, 6000, 0), hasCode('ENOSPC'));
  assert.equal(handle.size(), 4096);
  assert.equal(disk.volume().availableBytes, 0);
  disk.setForeign(0);
  handle.writeSync(bytes, 0, 6000, 0);
  assert.equal(handle.size(), 6000);
  disk.remove('/d/a');
  assert.equal(disk.volume().availableBytes, 8192);
});

test('a short and a phantom write', () => {
  const { disk, handle } = fixture();
  disk.fail({ operation: 'write', bytesWritten: 2 });
  assert.throws(() => handle.writeSync(Buffer.from('abc'), 0, 3, 0), hasCode('ENOSPC'));
  assert.equal(readAll(disk, '/d/a').toString(), 'ab');
  disk.fail({ operation: 'write', code: 'phantom' });
  handle.writeSync(Buffer.from('xyz'), 0, 3, 0);
  assert.equal(readAll(disk, '/d/a').toString(), 'ab');
});

test('syncs hang until they are released', async () => {
  const { disk, handle } = fixture();
  disk.holdSyncs();
  let done = false;
  const sync = handle.syncData().then(() => {
    done = true;
  });
  await Promise.resolve();
  assert.equal(disk.heldSyncs, 1);
  assert.equal(done, false);
  disk.releaseSyncs();
  await sync;
  assert.equal(disk.heldSyncs, 0);
});

test('a flipped bit changes one bit', () => {
  const { disk, handle } = fixture();
  handle.writeSync(Buffer.from([0, 0, 0]), 0, 3, 0);
  flipBit(disk, '/d/a', 1, 3);
  assert.deepEqual([...readAll(disk, '/d/a')], [0, 8, 0]);
});
