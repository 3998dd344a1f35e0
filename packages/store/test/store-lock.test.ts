import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type FileHandle,
  type FileStat,
  MemoryFileSystem,
  type OpenMode,
  silentLogger,
} from '@skylarkmq/base';
import { readAll, writeAll } from '@skylarkmq/testkit';
import { LogStore } from '../src/index.ts';
import { lockStore } from '../src/store-lock.ts';
import { memoryDisk, smallOptions, virtualTime } from './small-store.ts';

const time = virtualTime();
const deps = { clock: time, scheduler: time, logger: silentLogger };

/** A memory disk with what Linux shows in /proc. */
class LinuxDisk extends MemoryFileSystem {
  /** Inode of the namespace of process ids; 0: there is none. */
  pidNamespace = 0;
  /** Whether no file can be written. */
  isBroken = false;

  constructor() {
    super(() => time.nowMs());
  }

  override open(path: string, mode: OpenMode): FileHandle {
    if (this.isBroken && mode !== 'r') throw new Error('EIO');
    return super.open(path, mode);
  }

  override stat(path: string): FileStat | undefined {
    const stat = super.stat(path);
    if (path === '/proc/self/ns/pid' && this.pidNamespace !== 0) {
      return { size: 0, modifiedMs: 0, isDirectory: false, inode: this.pidNamespace };
    }
    return stat === undefined || path !== '/store/lock' ? stat : { ...stat, inode: 4242 };
  }
}

function linux(locks: string, processes: Readonly<Record<number, string>> = {}): LinuxDisk {
  const disk = new LinuxDisk();
  disk.makeDirectory('/store');
  writeAll(disk, '/proc/locks', Buffer.from(locks));
  writeAll(disk, '/store/lock', Buffer.from('lock'));
  for (const [pid, start] of Object.entries(processes)) {
    const zeros = '0 '.repeat(18);
    writeAll(disk, `/proc/${pid}/stat`, Buffer.from(`${pid} (a b) c) S ${zeros}${start} 0`));
  }
  return disk;
}

test('the lock of an Apache broker is seen, and named', () => {
  const disk = linux(
    '1: FLOCK  ADVISORY  WRITE 77 08:01:4242 0 EOF\n' +
      '2: POSIX  ADVISORY  WRITE 12345 08:01:4242 0 0\n',
  );
  assert.throws(
    () => lockStore(disk, '/store', 10, deps),
    /The store \/store is in use by process 12345, probably an Apache broker \(\/store\/lock\)/,
  );
});

test('locks of other files and other kinds are none of our business', () => {
  const disk = linux(
    '1: POSIX  ADVISORY  READ  1 08:01:4242 0 0\n' +
      '2: POSIX  ADVISORY  WRITE 2 08:01:4242 100 200\n' +
      '3: POSIX  ADVISORY  WRITE 3 08:01:14242 0 0\n\nnonsense\n',
  );
  const lock = lockStore(disk, '/store', 10, deps);
  assert.equal(readAll(disk, '/store/lock').toString(), 'lock');
  lock.release();
});

test('a Skylark that lives keeps others out, one that is gone does not', () => {
  const disk = linux('', { 10: '500', 11: '600' });
  const lock = lockStore(disk, '/store', 10, deps);
  assert.equal(readAll(disk, '/store/skylark.lock').toString(), '10 500\n');
  lock.release();
  assert.equal(disk.exists('/store/skylark.lock'), false);
  writeAll(disk, '/store/skylark.lock', Buffer.from('11 600\n'));
  assert.throws(() => lockStore(disk, '/store', 10, deps), /in use by process 11/);
  // The pid was given to another process since.
  writeAll(disk, '/store/skylark.lock', Buffer.from('11 599\n'));
  lockStore(disk, '/store', 10, deps).release();
  writeAll(disk, '/store/skylark.lock', Buffer.from('12 1\n'));
  lockStore(disk, '/store', 10, deps).release();
  writeAll(disk, '/store/skylark.lock', Buffer.from('garbage'));
  lockStore(disk, '/store', 10, deps).release();
});

test('who has a store shows it to other containers by writing the lock again', async () => {
  const disk = linux('');
  disk.pidNamespace = 4001;
  const lock = lockStore(disk, '/store', 1, deps);
  const writtenMs = (): number => disk.stat('/store/skylark.lock')?.modifiedMs ?? 0;
  await time.advance(10 * 60_000);
  assert.ok(time.nowMs() - writtenMs() <= 5000);
  assert.equal(readAll(disk, '/store/skylark.lock').toString(), '1  4001\n');
  lock.release();
  await time.advance(10_000);
  assert.equal(disk.exists('/store/skylark.lock'), false);
});

test('the lock of a container that was killed is taken over after 30 s', async () => {
  const disk = linux('', { 7: '500' });
  writeAll(disk, '/store/skylark.lock', Buffer.from('7 500 4001\n'));
  disk.pidNamespace = 4002;
  assert.throws(() => lockStore(disk, '/store', 1, deps), /another container/);
  await time.advance(29_999);
  assert.throws(() => lockStore(disk, '/store', 1, deps), /showed itself 30 s ago/);
  await time.advance(1);
  lockStore(disk, '/store', 1, deps).release();
  // In its own container a restart waits for nothing.
  writeAll(disk, '/store/skylark.lock', Buffer.from('1 500 4002\n'));
  lockStore(disk, '/store', 1, deps).release();
});

test('a disk that fails for a while costs nobody the lock', async () => {
  const disk = linux('');
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (_: unknown, text: string) => errors.push(text) };
  const lock = lockStore(disk, '/store', 1, { ...deps, logger });
  disk.isBroken = true;
  await time.advance(20_000);
  assert.deepEqual(errors, ['The lock of the store cannot be kept fresh']);
  disk.isBroken = false;
  await time.advance(20_000);
  const { modifiedMs = 0 } = disk.stat('/store/skylark.lock') ?? {};
  assert.ok(time.nowMs() - modifiedMs <= 5000);
  lock.release();
});

test('who lost the lock says so and does not write it again', async () => {
  const disk = linux('');
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (_: unknown, text: string) => errors.push(text) };
  const lock = lockStore(disk, '/store', 1, { ...deps, logger });
  writeAll(disk, '/store/skylark.lock', Buffer.from('2 1\n'));
  await time.advance(60_000);
  assert.deepEqual(errors, ['The lock of the store is not ours any more: do two write to it?']);
  assert.equal(readAll(disk, '/store/skylark.lock').toString(), '2 1\n');
  lock.release();
});

test('one process does not open a store twice, but again after a close', async () => {
  const disk = memoryDisk();
  const store = await LogStore.open(smallOptions(disk));
  await assert.rejects(LogStore.open(smallOptions(disk)), /already open in this process/);
  await store.close();
  const wrong = LogStore.open(smallOptions(disk, { commitLogFileBytes: 12_288 }));
  await assert.rejects(wrong, /log files of/);
  const again = await LogStore.open(smallOptions(disk));
  await again.close();
});

/** Somebody else who acts at the worst moment: just before one call on the lock file. */
class RacedDisk extends MemoryFileSystem {
  #raced = false;

  #race(path: string): void {
    if (path !== '/store/skylark.lock' || this.#raced) return;
    this.#raced = true;
    writeAll(this, path, Buffer.from('11 500\n'));
  }

  override open(path: string, mode: OpenMode): FileHandle {
    if (mode === 'create-new') this.#race(path);
    return super.open(path, mode);
  }

  override rename(from: string, to: string): void {
    this.#race(from);
    super.rename(from, to);
  }
}

test('of two that start at the same moment one gets the store', () => {
  const disk = new RacedDisk();
  disk.makeDirectory('/store');
  assert.throws(() => lockStore(disk, '/store', 10, deps), /in use by process 11/);
  assert.equal(readAll(disk, '/store/skylark.lock').toString(), '11 500\n');
});

test('of two that take over a dead lock at the same moment one gets the store', () => {
  const disk = new RacedDisk();
  disk.makeDirectory('/store');
  const dead = disk.open('/store/skylark.lock', 'create');
  dead.writeSync(Buffer.from('12 1\n'), 0, 5, 0);
  dead.close();
  assert.throws(() => lockStore(disk, '/store', 10, deps), /in use by process 11/);
  assert.equal(readAll(disk, '/store/skylark.lock').toString(), '11 500\n');
});
