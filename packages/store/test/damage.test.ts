/**
 * Damage in the middle of the log: at most the damaged message is lost, and reported; nothing that
 * follows is touched. Damage in derived files: rebuilt.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, MemoryFileSystem } from '@skylarkmq/base';
import { decodeRecords } from '@skylarkmq/message';
import { copyTree, flipBit, imageOf, RecordingFileSystem, readAll } from '@skylarkmq/testkit';
import { LogStore } from '../src/index.ts';
import { crashOptions, DIRECTORY, runWorkload, type Sent, virtualTime } from './crash-workload.ts';

const MESSAGES = 60;

interface Filled {
  readonly killed: MemoryFileSystem;
  readonly stopped: MemoryFileSystem;
  readonly sent: readonly Sent[];
}

/** The same store, once after a kill and once after a clean stop. */
async function fill(messages = MESSAGES): Promise<Filled> {
  const disk = new MemoryFileSystem();
  disk.makeDirectory(DIRECTORY);
  const recorder = new RecordingFileSystem(disk, '/');
  const sent: Sent[] = [];
  const time = virtualTime();
  const store = await LogStore.open(crashOptions(recorder, 'sync', time));
  await runWorkload(store, recorder, time, createPrng(7), sent, messages);
  await time.advance(600);
  const killed = copyOf(disk);
  await store.close();
  return { killed, stopped: disk, sent };
}

function copyOf(disk: MemoryFileSystem): MemoryFileSystem {
  const copy = new MemoryFileSystem();
  copyTree(disk, DIRECTORY, copy, DIRECTORY);
  return copy;
}

function open(disk: MemoryFileSystem): Promise<LogStore> {
  return LogStore.open(crashOptions(disk, 'sync', virtualTime()));
}

/** The bodies that can be read; each must be one that was sent, at its own place. */
async function readable(store: LogStore, sent: readonly Sent[]): Promise<Set<number>> {
  const found = new Set<number>();
  for (const queue of store.queues()) {
    for (let offset = 0; offset < queue.maxOffset; ) {
      const result = await store.getMessages(queue, offset, 32, 65536, null);
      for (const message of decodeRecords(Buffer.concat([...result.slices]))) {
        const id = Number(message.body.toString().split(':')[0]);
        const one = sent[id];
        assert.equal(message.body.toString(), one?.body);
        assert.equal(message.queueOffset, one?.queueOffset);
        assert.equal(message.properties.get('UNIQ_KEY'), `unique${id}`);
        found.add(id);
      }
      assert.ok(result.nextBeginOffset > offset);
      offset = result.nextBeginOffset;
      result.release();
    }
  }
  return found;
}

function logPath(physicalOffset: number): { path: string; position: number } {
  const position = physicalOffset % 8192;
  const start = physicalOffset - position;
  return { path: `${DIRECTORY}/commitlog/${String(start).padStart(20, '0')}`, position };
}

/** Flips bits all over the log; returns how many messages were lost at worst. */
async function flipEverywhere(disk: MemoryFileSystem, sent: readonly Sent[]): Promise<number> {
  const end = (sent[sent.length - 1]?.physicalOffset ?? 0) + 100;
  let worst = 0;
  for (let at = 3; at < end; at += 97) {
    const damaged = copyOf(disk);
    const { path, position } = logPath(at);
    flipBit(damaged, path, position, at % 8);
    const store = await open(damaged);
    const found = await readable(store, sent);
    worst = Math.max(worst, sent.length - found.size);
    await store.close();
  }
  return worst;
}

test('a flipped bit costs at most one message, after a kill and after a stop', async () => {
  const { killed, stopped, sent } = await fill();
  assert.equal(await flipEverywhere(killed, sent), 1);
  assert.equal(await flipEverywhere(stopped, sent), 1);
});

test('the test sees a recovery that cuts the log off at the damage', async () => {
  const { killed, sent } = await fill();
  // Without the side file Skylark recovers as Apache does.
  killed.remove(`${DIRECTORY}/skylark.durable`);
  assert.ok((await flipEverywhere(killed, sent)) > 10);
});

test('damage in what recovery reads again is reported with its place', async () => {
  const { killed, sent } = await fill();
  for (const name of killed.list(DIRECTORY)) {
    if (name.startsWith('skylark.queues')) killed.remove(`${DIRECTORY}/${name}`);
  }
  const victim = sent[20]?.physicalOffset ?? 0;
  const { path, position } = logPath(victim + 110);
  flipBit(killed, path, position);
  const store = await open(killed);
  const [range] = store.recovery.damaged;
  assert.equal(store.recovery.damaged.length, 1);
  assert.equal(range?.start, victim);
  assert.equal(range.end, sent[21]?.physicalOffset);
  const found = await readable(store, sent);
  assert.equal(found.size, sent.length - 1);
  await store.close();
});

test('a file of the log that was cut to half or is gone costs only what was in it', async () => {
  const { killed, sent } = await fill();
  for (const size of [4096, -1]) {
    const damaged = copyOf(killed);
    const path = `${DIRECTORY}/commitlog/00000000000000008192`;
    if (size < 0) damaged.remove(path);
    else damaged.open(path, 'rw').truncate(size);
    const store = await open(damaged);
    const found = await readable(store, sent);
    for (const one of sent) {
      const inHole = one.physicalOffset >= 8192 && one.physicalOffset < 16384;
      const kept = !inHole || (size > 0 && one.physicalOffset + 800 < 8192 + size);
      assert.ok(found.has(one.id) || !kept, `message ${one.id} at ${one.physicalOffset}`);
    }
    await store.close();
  }
});

test('lost, cut or overwritten queue and index files are rebuilt', async () => {
  const { killed, stopped, sent } = await fill(MESSAGES * 2);
  for (const disk of [killed, stopped]) {
    for (const path of imageOf(disk, DIRECTORY).keys()) {
      if (!path.startsWith('consumequeue/') && !path.startsWith('index/')) continue;
      for (const harm of ['remove', 'empty'] as const) {
        const damaged = copyOf(disk);
        if (harm === 'remove') damaged.remove(`${DIRECTORY}/${path}`);
        else damaged.open(`${DIRECTORY}/${path}`, 'rw').truncate(0);
        const store = await open(damaged);
        const found = await readable(store, sent);
        assert.equal(found.size, sent.length, `${harm} ${path}`);
        for (const one of sent) {
          const key = `unique${one.id}`;
          const { records } = await store.queryMessages(one.topic, key, 2, 0, 9e15, 'uniq');
          assert.equal(records.length, 1, `${key} after ${harm} ${path}`);
        }
        await store.close();
        if (path.startsWith('consumequeue/') && disk === stopped) {
          const again = readAll(damaged, `${DIRECTORY}/${path}`);
          assert.ok(again.equals(readAll(disk, `${DIRECTORY}/${path}`)), `${harm} ${path}`);
        }
      }
    }
  }
});

test('a lost checkpoint, side file or snapshot loses nothing', async () => {
  const { killed, stopped, sent } = await fill();
  for (const disk of [killed, stopped]) {
    for (const path of imageOf(disk, DIRECTORY).keys()) {
      if (path.includes('/')) continue;
      const damaged = copyOf(disk);
      damaged.remove(`${DIRECTORY}/${path}`);
      const store = await open(damaged);
      assert.equal((await readable(store, sent)).size, sent.length, path);
      await store.close();
    }
  }
});
