/** What a queue keeps of a message besides its place: docs/formats/consume-queue-ext.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FileSystem, MemoryFileSystem } from '@skylarkmq/base';
import { tagsCode } from '@skylarkmq/message';
import { LogStore, type QueueExtension } from '../../src/index.ts';
import { crashCopy } from '../crash-copy.ts';
import {
  append,
  bodiesOf,
  memoryDisk,
  requestFor,
  smallOptions,
  virtualTime,
} from '../small-store.ts';

/** Room for two of the longest units. */
const FILE_BYTES = 66_000;
const FOLDER = '/store/consumequeue_ext/T/0';
/** Of every message: its number, in a map that is as long as one for many groups. */
const MAP_BYTES = 200;

function bitMapOf(_topic: string, buffer: Buffer, start: number, end: number): Uint8Array {
  const map = new Uint8Array(MAP_BYTES);
  const number = /message (\d+)/.exec(buffer.toString('latin1', start, end))?.[1] ?? '';
  map[0] = Number(number) % 256;
  return map;
}

async function open(disk: FileSystem): Promise<LogStore> {
  const store = await LogStore.open({
    ...smallOptions(disk, { commitLogFileBytes: 1 << 20 }),
    consumeQueueExtFileBytes: FILE_BYTES,
  });
  store.extendQueues(bitMapOf);
  return store;
}

async function send(store: LogStore, from: number, to: number, topic = 'T'): Promise<void> {
  for (let number = from; number < to; number += 1) {
    const request = requestFor(store.queue(topic, 0), `message ${number}`, [
      ['TAGS', `t${number}`],
    ]);
    assert.equal(await append(store, request), 'OK');
  }
}

interface Seen {
  readonly tagsCode: number;
  readonly extension: QueueExtension | undefined;
}

/** What filters are asked with, by offset. */
async function seen(store: LogStore, topic = 'T'): Promise<Seen[]> {
  const all: Seen[] = [];
  const queue = store.queue(topic, 0);
  for (let offset = queue.minOffset; offset < queue.maxOffset; offset += 1) {
    let one: Seen | undefined;
    const result = await store.getMessages(queue, offset, 1, 1 << 20, (code, extension) => {
      one ??= { tagsCode: code, extension };
      return true;
    });
    result.release();
    if (one !== undefined) all.push(one);
  }
  return all;
}

function assertWhole(all: readonly Seen[], count: number): void {
  assert.equal(all.length, count);
  for (const [number, one] of all.entries()) {
    assert.equal(one.tagsCode, tagsCode(`t${number}`), `message ${number}`);
    assert.equal(one.extension?.bitMap.length, MAP_BYTES, `message ${number}`);
    assert.equal(one.extension?.bitMap[0], number % 256, `message ${number}`);
  }
}

test('filters get what was kept, also after restarts and from the next file', async () => {
  const disk = memoryDisk();
  let store = await open(disk);
  await send(store, 0, 200);
  assertWhole(await seen(store), 200);
  await store.close();
  store = await open(disk);
  await send(store, 200, 700);
  assertWhole(await seen(store), 700);
  await store.close();
  assert.equal(disk.list(FOLDER).length, 3);
  store = await open(disk);
  assertWhole(await seen(store), 700);
  await store.close();
  const file = disk.open(`${FOLDER}/${'0'.repeat(20)}`, 'r');
  const bytes = Buffer.alloc(FILE_BYTES);
  file.readSync(bytes, 0, FILE_BYTES, 0);
  file.close();
  const unitBytes = 20 + MAP_BYTES;
  assert.equal(bytes.readInt16BE(0), unitBytes);
  const units = Math.floor((FILE_BYTES - 4) / unitBytes);
  assert.equal(bytes.readInt16BE(units * unitBytes), -1, 'the end mark');
});

test('after a kill no message gets what another one has', async () => {
  let disk = memoryDisk();
  let store = await open(disk);
  await send(store, 0, 300);
  for (const killed of [300, 340, 380]) {
    const copy = crashCopy(disk, '/store');
    await store.close();
    disk = copy;
    store = await open(disk);
    await send(store, killed, killed + 40);
    const all = await seen(store);
    assert.equal(all.length, killed + 40);
    for (const [number, { tagsCode: code, extension }] of all.entries()) {
      assert.equal(code, tagsCode(`t${number}`), `message ${number}`);
      // What was not yet safe in the queue is built again with its tags code alone.
      if (extension !== undefined) assert.equal(extension.bitMap[0], number % 256);
    }
    assert.ok(all.slice(killed).every(({ extension }) => extension !== undefined));
  }
  await store.close();
});

test('a topic that goes takes its files along; system topics have none', async () => {
  const disk = memoryDisk();
  const store = await open(disk);
  await send(store, 0, 3);
  await send(store, 0, 3, 'SCHEDULE_TOPIC_XXXX');
  assert.deepEqual(disk.list('/store/consumequeue_ext'), ['T']);
  await store.deleteTopic('T');
  assert.deepEqual(disk.list('/store/consumequeue_ext'), []);
  await send(store, 0, 3);
  assert.deepEqual(await bodiesOf(store, 'T'), ['message 0', 'message 1', 'message 2']);
  assertWhole(await seen(store), 3);
  await store.close();
});

test('files that no unit points to any more go with the log', async () => {
  const time = virtualTime();
  const disk = new MemoryFileSystem(() => time.nowMs());
  disk.makeDirectory('/store');
  const store = await LogStore.open({
    ...smallOptions(disk, { clock: time, scheduler: time, retention: { hours: 1 } }),
    ...{ commitLogFileBytes: 16_384, consumeQueueFileBytes: 2000 },
    consumeQueueExtFileBytes: FILE_BYTES,
  });
  store.extendQueues(bitMapOf);
  const count = 1000;
  await send(store, 0, count);
  assert.equal(disk.list(FOLDER).length, 4);
  await time.advance(2 * 3_600_000);
  while ((await store.deleteExpiredFiles()) > 0);
  const { minOffset } = store.queue('T', 0);
  assert.ok(minOffset > 900, `${minOffset}`);
  assert.equal(disk.list(FOLDER).length, 1);
  const left = await seen(store);
  assert.equal(left.length, count - minOffset);
  for (const [index, { extension }] of left.entries()) {
    assert.equal(extension?.bitMap[0], (minOffset + index) % 256);
  }
  await store.close();
});
