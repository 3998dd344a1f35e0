/** What every FileSystem must do; run against the real one and the one in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileSystem } from '@skylarkmq/base';

/** A file system to test and a directory in it that may be filled. */
export interface FileSystemSubject {
  readonly fileSystem: FileSystem;
  /** An existing, empty directory. */
  readonly root: string;
  dispose(): void;
}

type Check = (fileSystem: FileSystem, root: string) => void | Promise<void>;

/** Registers the tests under `name`; each gets a subject of its own. */
export function testFileSystem(name: string, make: () => FileSystemSubject): void {
  for (const [what, check] of CHECKS) {
    test(`${name}: ${what}`, async () => {
      const subject = make();
      try {
        await check(subject.fileSystem, subject.root);
      } finally {
        subject.dispose();
      }
    });
  }
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && 'code' in error && error.code === code;
}

const CHECKS: readonly (readonly [string, Check])[] = [
  ['a file must exist unless it is to be created', mustExist],
  ['what was written is read back, synchronously and not', readsBack],
  ['a hole reads as zeros', holes],
  ['a read stops at the end of the file', endOfFile],
  ['truncation cuts and grows', truncation],
  ['two handles of one file see the same bytes', twoHandles],
  ['renaming moves a file over another one', renaming],
  ['a renamed or removed file stays readable through its handle', openAfterRemove],
  ['directories are made with their parents, listed sorted, renamed and removed', directories],
  ['syncing returns', syncing],
  ['the volume has room', volume],
];

function mustExist(fileSystem: FileSystem, root: string): void {
  const path = `${root}/a`;
  assert.throws(() => fileSystem.open(path, 'r'), hasCode('ENOENT'));
  assert.throws(() => fileSystem.open(path, 'rw'), hasCode('ENOENT'));
  assert.throws(() => fileSystem.open(`${root}/no/a`, 'create'), hasCode('ENOENT'));
  assert.equal(fileSystem.exists(path), false);
  assert.equal(fileSystem.stat(path), undefined);
  fileSystem.open(path, 'create').close();
  assert.equal(fileSystem.exists(path), true);
  assert.equal(fileSystem.stat(path)?.size, 0);
  assert.equal(fileSystem.stat(path)?.isDirectory, false);
  fileSystem.open(path, 'rw').close();
  assert.throws(() => fileSystem.open(path, 'create-new'), hasCode('EEXIST'));
  fileSystem.open(`${root}/b`, 'create-new').close();
  assert.equal(fileSystem.exists(`${root}/b`), true);
}

async function readsBack(fileSystem: FileSystem, root: string): Promise<void> {
  const handle = fileSystem.open(`${root}/a`, 'create');
  const source = Buffer.from('..hello world..');
  handle.writeSync(source, 2, 5, 0);
  await handle.write(source, 7, 6, 5);
  assert.equal(handle.size(), 11);
  const target = Buffer.alloc(13, '-');
  assert.equal(handle.readSync(target, 1, 11, 0), 11);
  assert.equal(target.toString(), '-hello world-');
  assert.equal(await handle.read(target, 0, 5, 6), 5);
  assert.equal(target.toString('utf8', 0, 5), 'world');
  handle.close();
}

async function holes(fileSystem: FileSystem, root: string): Promise<void> {
  const handle = fileSystem.open(`${root}/a`, 'create');
  const far = 200_000;
  handle.writeSync(Buffer.from('x'), 0, 1, far);
  assert.equal(handle.size(), far + 1);
  const target = Buffer.alloc(far + 1, 7);
  assert.equal(await handle.read(target, 0, far + 1, 0), far + 1);
  assert.ok(target.subarray(0, far).every((byte) => byte === 0));
  assert.equal(target[far], 'x'.charCodeAt(0));
  handle.close();
}

async function endOfFile(fileSystem: FileSystem, root: string): Promise<void> {
  const handle = fileSystem.open(`${root}/a`, 'create');
  handle.writeSync(Buffer.from('abc'), 0, 3, 0);
  const target = Buffer.alloc(10, '-');
  assert.equal(handle.readSync(target, 0, 10, 1), 2);
  assert.equal(await handle.read(target, 0, 10, 3), 0);
  assert.equal(handle.readSync(target, 0, 10, 1000), 0);
  assert.equal(target.toString(), 'bc--------');
  handle.close();
}

function truncation(fileSystem: FileSystem, root: string): void {
  const handle = fileSystem.open(`${root}/a`, 'create');
  const bytes = Buffer.alloc(100_000, 1);
  handle.writeSync(bytes, 0, bytes.length, 0);
  handle.truncate(70_001);
  assert.equal(handle.size(), 70_001);
  handle.truncate(90_000);
  const target = Buffer.alloc(90_000, 9);
  assert.equal(handle.readSync(target, 0, 90_000, 0), 90_000);
  assert.ok(target.subarray(0, 70_001).every((byte) => byte === 1));
  assert.ok(target.subarray(70_001).every((byte) => byte === 0));
  handle.truncate(0);
  assert.equal(handle.size(), 0);
  handle.close();
}

function twoHandles(fileSystem: FileSystem, root: string): void {
  const one = fileSystem.open(`${root}/a`, 'create');
  const other = fileSystem.open(`${root}/a`, 'r');
  one.writeSync(Buffer.from('seen'), 0, 4, 0);
  const target = Buffer.alloc(4);
  assert.equal(other.readSync(target, 0, 4, 0), 4);
  assert.equal(target.toString(), 'seen');
  one.close();
  other.close();
}

function renaming(fileSystem: FileSystem, root: string): void {
  const handle = fileSystem.open(`${root}/a`, 'create');
  handle.writeSync(Buffer.from('new'), 0, 3, 0);
  handle.close();
  fileSystem.open(`${root}/b`, 'create').close();
  fileSystem.rename(`${root}/a`, `${root}/b`);
  assert.deepEqual(fileSystem.list(root), ['b']);
  assert.equal(fileSystem.stat(`${root}/b`)?.size, 3);
  assert.throws(() => fileSystem.rename(`${root}/a`, `${root}/c`), hasCode('ENOENT'));
}

function openAfterRemove(fileSystem: FileSystem, root: string): void {
  const handle = fileSystem.open(`${root}/a`, 'create');
  handle.writeSync(Buffer.from('kept'), 0, 4, 0);
  fileSystem.rename(`${root}/a`, `${root}/b`);
  fileSystem.remove(`${root}/b`);
  assert.equal(fileSystem.exists(`${root}/b`), false);
  const target = Buffer.alloc(4);
  assert.equal(handle.readSync(target, 0, 4, 0), 4);
  assert.equal(target.toString(), 'kept');
  handle.close();
}

function directories(fileSystem: FileSystem, root: string): void {
  assert.deepEqual(fileSystem.list(`${root}/x`), []);
  fileSystem.makeDirectory(`${root}/x/y`);
  fileSystem.makeDirectory(`${root}/x/y`);
  for (const name of ['c', 'a', 'b']) fileSystem.open(`${root}/x/${name}`, 'create').close();
  assert.deepEqual(fileSystem.list(`${root}/x`), ['a', 'b', 'c', 'y']);
  assert.equal(fileSystem.stat(`${root}/x/y`)?.isDirectory, true);
  fileSystem.rename(`${root}/x`, `${root}/z`);
  assert.deepEqual(fileSystem.list(`${root}/z`), ['a', 'b', 'c', 'y']);
  assert.deepEqual(fileSystem.list(root), ['z']);
  fileSystem.remove(`${root}/z`);
  fileSystem.remove(`${root}/z`);
  assert.deepEqual(fileSystem.list(root), []);
}

async function syncing(fileSystem: FileSystem, root: string): Promise<void> {
  const handle = fileSystem.open(`${root}/a`, 'create');
  handle.writeSync(Buffer.from('x'), 0, 1, 0);
  handle.syncDataSync();
  await handle.syncData();
  fileSystem.syncDirectory(root);
  await fileSystem.syncDirectoryLater(root);
  handle.close();
  assert.throws(() => fileSystem.syncDirectory(`${root}/missing`), hasCode('ENOENT'));
  await assert.rejects(fileSystem.syncDirectoryLater(`${root}/missing`), hasCode('ENOENT'));
}

function volume(fileSystem: FileSystem, root: string): void {
  const { totalBytes, availableBytes } = fileSystem.volume(root);
  assert.ok(totalBytes > 0);
  assert.ok(availableBytes >= 0 && availableBytes <= totalBytes);
}
