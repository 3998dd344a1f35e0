/** Who wrote last, and what recovery believes because of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemoryFileSystem } from '@skylarkmq/base';
import { copyTree, flipBit, readAll, writeAll } from '@skylarkmq/testkit';
import { LogStore } from '../../src/index.ts';
import {
  append,
  bodiesOf,
  memoryDisk,
  requestFor,
  smallOptions,
  virtualTime,
} from '../small-store.ts';

const COUNT = 50;

/** The same 50 messages as a kill left them and as a clean stop did; positions of the records. */
async function stores(): Promise<{
  killed: MemoryFileSystem;
  stopped: MemoryFileSystem;
  offsets: number[];
}> {
  const stopped = memoryDisk();
  const time = virtualTime();
  const options = smallOptions(stopped, { commitLogFileBytes: 8192, clock: time, scheduler: time });
  const store = await LogStore.open(options);
  const offsets: number[] = [];
  for (let i = 0; i < COUNT; i += 1) {
    const request = requestFor(store.queue('T', 0), `${i} ${'x'.repeat(300)}`);
    await append(store, request);
    offsets.push(request.physicalOffset);
  }
  await time.advance(1000);
  const killed = copyOf(stopped);
  await store.close();
  return { killed, stopped, offsets };
}

function copyOf(disk: MemoryFileSystem): MemoryFileSystem {
  const copy = memoryDisk();
  copyTree(disk, '/store', copy, '/store');
  return copy;
}

function open(disk: MemoryFileSystem): Promise<LogStore> {
  return LogStore.open(smallOptions(disk, { commitLogFileBytes: 8192 }));
}

function place(offset: number): readonly [string, number] {
  const start = offset - (offset % 8192);
  return [`/store/commitlog/${String(start).padStart(20, '0')}`, offset - start];
}

test("Skylark's own crash and own stop are known as such", async () => {
  const { killed, stopped } = await stores();
  assert.match(readAll(killed, '/store/abort').toString(), /^\d+\n$/);
  assert.equal(stopped.exists('/store/abort'), false);
  for (const [disk, clean] of [
    [killed, false],
    [stopped, true],
  ] as const) {
    const store = await open(disk);
    assert.equal(store.recovery.writtenBySkylark, true);
    assert.equal(store.recovery.clean, clean);
    assert.equal((await bodiesOf(store, 'T')).length, COUNT);
    await store.close();
  }
});

test('after a broker that knows no side file, nothing in it is believed', async () => {
  const { killed, stopped } = await stores();
  const crashedApache = copyOf(killed);
  writeAll(crashedApache, '/store/abort', Buffer.from('4711'));
  const stoppedApache = copyOf(killed);
  stoppedApache.remove('/store/abort');
  const otherCheckpoint = copyOf(stopped);
  const checkpoint = readAll(otherCheckpoint, '/store/checkpoint');
  checkpoint.writeBigInt64BE(12_345n, 32);
  writeAll(otherCheckpoint, '/store/checkpoint', checkpoint);
  for (const disk of [crashedApache, stoppedApache, otherCheckpoint]) {
    const store = await open(disk);
    assert.equal(store.recovery.writtenBySkylark, false);
    assert.equal((await bodiesOf(store, 'T')).length, COUNT);
    await store.close();
    const again = await open(disk);
    assert.equal(again.recovery.writtenBySkylark, true);
    await again.close();
  }
});

test('when another broker cut the log and wrote on, the queues follow the log', async () => {
  const { stopped, offsets } = await stores();
  // What Apache does at a flipped bit: the log ends there, and goes on with other messages.
  const cut = offsets[30] ?? 0;
  const foreign = copyOf(stopped);
  const store = await LogStore.open(
    smallOptions(foreign, { commitLogFileBytes: 8192, propertyCrc: false }),
  );
  const donor = requestFor(store.queue('T', 0), `30 ${'y'.repeat(100)}`);
  await store.close();
  const record = await recordFor(donor.body, cut, 30);
  const [path, at] = place(cut);
  const handle = foreign.open(path, 'rw');
  handle.writeSync(record, 0, record.length, at);
  handle.writeSync(Buffer.alloc(8), 0, 8, at + record.length);
  const checkpoint = readAll(foreign, '/store/checkpoint');
  checkpoint.writeBigInt64BE(BigInt(cut), 32);
  writeAll(foreign, '/store/checkpoint', checkpoint);
  const again = await open(foreign);
  assert.equal(again.recovery.writtenBySkylark, false);
  const bodies = await bodiesOf(again, 'T');
  assert.equal(bodies.length, 31);
  assert.match(bodies[30] ?? '', /^30 y/);
  assert.equal(again.recovery.logEnd, cut + record.length);
  assert.ok((again.recovery.damaged[0]?.recordsBehind ?? 0) > 0, 'and the rest is put aside');
  await again.close();
});

/** A record of queue T-0 as another broker would have written it at that place. */
async function recordFor(
  body: Buffer,
  physicalOffset: number,
  queueOffset: number,
): Promise<Buffer> {
  const disk = memoryDisk();
  const store = await LogStore.open(smallOptions(disk, { propertyCrc: false }));
  const request = requestFor(store.queue('T', 0), body);
  await append(store, request);
  const record = (await store.readRecord(0)) ?? Buffer.alloc(0);
  await store.close();
  record.writeBigInt64BE(BigInt(queueOffset), 20);
  record.writeBigInt64BE(BigInt(physicalOffset), 28);
  return record;
}

test('a torn tail is put aside, reported and blanked, and does not come back', async () => {
  const { killed, offsets } = await stores();
  const end = (offsets[COUNT - 1] ?? 0) + 500;
  const store = await open(killed);
  const logEnd = store.maxPhysicalOffset;
  await store.close();
  assert.ok(logEnd <= end);
  const torn = copyOf(killed);
  // Half a record behind what was durable: its write was cut.
  const half = (await recordFor(Buffer.alloc(200, 'z'), logEnd, COUNT)).subarray(0, 150);
  const [path, at] = place(logEnd);
  torn.open(path, 'rw').writeSync(half, 0, half.length, at);
  const again = await open(torn);
  const [range] = again.recovery.damaged;
  assert.deepEqual([range?.start, range?.recordsBehind], [logEnd, 0]);
  assert.ok(
    readAll(torn, range?.quarantine ?? '')
      .subarray(0, half.length)
      .equals(half),
  );
  assert.ok(
    readAll(torn, path)
      .subarray(at)
      .every((byte) => byte === 0),
  );
  assert.equal(again.maxPhysicalOffset, logEnd);
  await append(again, requestFor(again.queue('T', 0), 'next'));
  assert.equal((await bodiesOf(again, 'T')).length, COUNT + 1);
  await again.close();
});

test('rot in the very last record costs that record only', async () => {
  const { killed, stopped, offsets } = await stores();
  for (const disk of [killed, stopped]) {
    const [path, at] = place((offsets[COUNT - 1] ?? 0) + 100);
    flipBit(disk, path, at);
    const store = await open(disk);
    assert.equal(store.recovery.writtenBySkylark, true);
    assert.equal((await bodiesOf(store, 'T')).length, COUNT - 1);
    assert.equal(store.maxOffset('T', 0), COUNT, 'its offset is not given again');
    await append(store, requestFor(store.queue('T', 0), 'next'));
    assert.equal((await bodiesOf(store, 'T')).length, COUNT);
    await store.close();
  }
});

test('the files of a store keep the sizes that it was made with', async () => {
  const { stopped } = await stores();
  const other = LogStore.open(smallOptions(stopped, { commitLogFileBytes: 16_384 }));
  await assert.rejects(other, /has log files of 8192 .* configured are 16384 .*mappedFileSize/);
  const store = await open(stopped);
  await store.close();
});

test('the property CRC can be switched on and off between runs', async () => {
  const disk = memoryDisk();
  for (const [round, propertyCrc] of [true, false, true, false].entries()) {
    const store = await LogStore.open(smallOptions(disk, { propertyCrc }));
    assert.deepEqual(store.recovery.damaged, []);
    for (let i = 0; i < 10; i += 1) {
      await append(store, requestFor(store.queue('T', 0), `${round} ${i}`));
    }
    const left = copyOf(disk);
    const crashed = await LogStore.open(smallOptions(left, { propertyCrc: !propertyCrc }));
    assert.deepEqual(crashed.recovery.damaged, []);
    assert.equal((await bodiesOf(crashed, 'T')).length, (round + 1) * 10);
    await crashed.close();
    await store.close();
  }
});
