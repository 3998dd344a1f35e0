/** What becomes of acknowledgements when the disk is slow, full or broken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@skylarkmq/base';
import { FaultyFileSystem, RecordingFileSystem } from '@skylarkmq/testkit';
import { WritePace } from '../../src/commit-log/write-pace.ts';
import { LogStore, PutStatus } from '../../src/index.ts';
import {
  append,
  bodiesOf,
  memoryDisk,
  requestFor,
  smallOptions,
  until,
  virtualTime,
} from '../small-store.ts';

test('sync: everybody who waits shares one fdatasync', async () => {
  const recorder = new RecordingFileSystem(memoryDisk(), '/');
  const disk = new FaultyFileSystem(recorder);
  const store = await LogStore.open(smallOptions(disk));
  await append(store, requestFor(store.queue('T', 0), 'first'));
  const before = syncs(recorder);
  disk.holdSyncs();
  const first = append(store, requestFor(store.queue('T', 0), 'a'));
  await until(() => disk.heldSyncs === 1, 'the first sync hangs');
  const others = [...Array(50).keys()].map((n) =>
    append(store, requestFor(store.queue('T', 0), `b${n}`)),
  );
  await until(() => store.maxPhysicalOffset > store.durableOffset + 50 * 100, 'all are written');
  assert.equal(store.queue('T', 0).maxOffset, 1, 'consumers see nothing that is not durable');
  disk.releaseSyncs();
  assert.deepEqual(new Set(await Promise.all([first, ...others])), new Set([PutStatus.Ok]));
  assert.equal(syncs(recorder) - before, 2);
  assert.equal(store.queue('T', 0).maxOffset, 52);
  await store.close();
});

function syncs(recorder: RecordingFileSystem): number {
  const { operations } = recorder.trace;
  const logs = operations.flatMap((one) =>
    one.kind === 'create' && one.path.includes('/commitlog/') ? [one.file] : [],
  );
  return operations.filter((one) => one.kind === 'sync' && logs.includes(one.file)).length;
}

test('async: acknowledges after the write, syncs within the interval', async () => {
  const disk = new FaultyFileSystem(memoryDisk());
  const time = virtualTime();
  const store = await LogStore.open(
    smallOptions(disk, { flush: 'async', clock: time, scheduler: time }),
  );
  assert.equal(await append(store, requestFor(store.queue('T', 0), 'a')), PutStatus.Ok);
  assert.equal(store.durableOffset, 0);
  assert.deepEqual(await bodiesOf(store, 'T'), ['a']);
  await time.advance(500);
  assert.equal(store.durableOffset, store.maxPhysicalOffset);
  await store.close();
});

for (const flush of ['sync', 'async'] as const) {
  test(`${flush}: an error of fdatasync is final, and said within a second`, async () => {
    const disk = new FaultyFileSystem(memoryDisk());
    const time = virtualTime();
    const options = smallOptions(disk, { flush, clock: time, scheduler: time });
    const store = await LogStore.open(options);
    await append(store, requestFor(store.queue('T', 0), 'before'));
    await time.advance(1000);
    let failure = '';
    store.onFailure((reason) => {
      failure = reason;
    });
    disk.fail({ operation: 'syncData', path: '/commitlog/' });
    const doomed = append(store, requestFor(store.queue('T', 0), 'doomed'));
    await time.advance(1000);
    const expected = flush === 'sync' ? PutStatus.ServiceNotAvailable : PutStatus.Ok;
    assert.equal(await doomed, expected);
    assert.match(failure, /^fdatasync of .*commitlog.* failed: EIO/);
    assert.deepEqual(store.health, { writable: false, reason: failure });
    // The next fdatasync would succeed, as on Linux: it must not be believed.
    const { status } = await store.put({ topic: 'T', queueId: 0, body: Buffer.from('late') });
    assert.equal(status, PutStatus.ServiceNotAvailable);
    await time.advance(60_000);
    assert.equal(store.health.writable, false);
    const readable = await bodiesOf(store, 'T');
    assert.deepEqual(readable, flush === 'sync' ? ['before'] : ['before', 'doomed']);
    await store.close();
    const again = await LogStore.open(options);
    assert.equal(again.recovery.clean, false);
    assert.equal((await bodiesOf(again, 'T'))[0], 'before');
    await again.close();
  });
}

for (const path of ['/consumequeue/', '/index/', 'skylark.durable']) {
  test(`a failed fdatasync of ${path} ends the store as well`, async () => {
    const disk = new FaultyFileSystem(memoryDisk());
    const time = virtualTime();
    const store = await LogStore.open(smallOptions(disk, { clock: time, scheduler: time }));
    await append(store, requestFor(store.queue('T', 0), 'a', [['UNIQ_KEY', 'a']]));
    disk.fail({ operation: 'syncData', path });
    await store.flush();
    await time.advance(1000);
    assert.match(store.health.reason, /EIO/);
    const late = append(store, requestFor(store.queue('T', 0), 'late'));
    assert.equal(await late, PutStatus.ServiceNotAvailable);
    await store.close();
    const again = await LogStore.open(smallOptions(disk));
    assert.deepEqual(await bodiesOf(again, 'T'), ['a']);
    await again.close();
  });
}

for (const flush of ['sync', 'async'] as const) {
  test(`${flush}: a full disk refuses, and accepts again when there is room`, async () => {
    const disk = new FaultyFileSystem(memoryDisk());
    disk.setCapacity(256 * 1024);
    const time = virtualTime();
    const retention = { diskWarningRatio: 2 };
    const options = smallOptions(disk, { flush, clock: time, scheduler: time, retention });
    const store = await LogStore.open(options);
    const bodies: string[] = [];
    let refused = 0;
    for (let i = 0; i < 400; i += 1) {
      const body = `${i} ${'x'.repeat(1000)}`;
      const status = await append(store, requestFor(store.queue('T', 0), body));
      if (status === PutStatus.Ok) bodies.push(body);
      else {
        assert.equal(status, PutStatus.ServiceNotAvailable);
        assert.match(store.statusReason, /ENOSPC/);
        refused += 1;
      }
    }
    assert.ok(refused > 0 && bodies.length > 100, `${refused} refused, ${bodies.length} stored`);
    assert.deepEqual(await bodiesOf(store, 'T'), bodies);
    disk.setCapacity(4 * 1024 * 1024);
    await time.advance(10_000);
    assert.equal(store.health.writable, true);
    for (let i = 0; i < 100; i += 1) {
      const status = await append(store, requestFor(store.queue('T', 0), `after ${i}`));
      assert.equal(status, PutStatus.Ok, store.statusReason);
      bodies.push(`after ${i}`);
    }
    await store.close();
    const again = await LogStore.open(options);
    assert.deepEqual(again.recovery.damaged, []);
    assert.deepEqual(await bodiesOf(again, 'T'), bodies);
    await again.close();
  });
}

test('a write that is cut short is an error: nothing of it is acknowledged or found', async () => {
  const inner = memoryDisk();
  const disk = new FaultyFileSystem(inner);
  const time = virtualTime();
  const options = smallOptions(disk, { clock: time, scheduler: time });
  const store = await LogStore.open(options);
  await append(store, requestFor(store.queue('T', 0), 'kept'));
  disk.fail({ operation: 'write', path: '/commitlog/', code: 'ENOSPC', bytesWritten: 150 });
  const requests = [...Array(4).keys()].map((n) =>
    append(store, requestFor(store.queue('T', 0), `lost ${n} ${'x'.repeat(50)}`)),
  );
  const statuses = await Promise.all(requests);
  assert.deepEqual(new Set(statuses), new Set([PutStatus.ServiceNotAvailable]));
  await time.advance(1000);
  assert.equal(await append(store, requestFor(store.queue('T', 0), 'next')), PutStatus.Ok);
  assert.deepEqual(await bodiesOf(store, 'T'), ['kept', 'next']);
  assert.equal(store.queue('T', 0).maxOffset, 2);
  await store.close();
});

test('a disk that hangs: who waits too long hears it, and the message is there later', async () => {
  const disk = new FaultyFileSystem(memoryDisk());
  const time = virtualTime();
  const store = await LogStore.open(smallOptions(disk, { clock: time, scheduler: time }));
  disk.holdSyncs();
  let early: PutStatus | '' = '';
  const waits = append(store, requestFor(store.queue('T', 0), 'slow')).then((status) => {
    early = status;
  });
  await time.advance(4900);
  assert.equal(early, '');
  await time.advance(1000);
  await waits;
  assert.equal(early, PutStatus.FlushDiskTimeout);
  assert.equal(store.queue('T', 0).maxOffset, 0);
  disk.releaseSyncs();
  await until(() => store.queue('T', 0).maxOffset === 1, 'the message is durable');
  await store.close();
});

test('too much that waits for the disk is refused as busy', async () => {
  const disk = new FaultyFileSystem(memoryDisk());
  const store = await LogStore.open(smallOptions(disk, { pendingBytesMax: 4096 }));
  disk.holdSyncs();
  const waiting: Promise<PutStatus>[] = [];
  for (let i = 0; i < 10; i += 1) {
    waiting.push(append(store, requestFor(store.queue('T', 0), 'x'.repeat(1000))));
  }
  disk.releaseSyncs();
  const statuses = await Promise.all(waiting);
  assert.equal(statuses.filter((status) => status === PutStatus.Ok).length, 4);
  assert.equal(statuses[9], PutStatus.SystemBusy);
  await store.close();
});

test('a closed store refuses and says so', async () => {
  const store = await LogStore.open(smallOptions(memoryDisk()));
  await store.close();
  const status = await append(store, requestFor(store.queue('T', 0), 'late'));
  assert.equal(status, PutStatus.ServiceNotAvailable);
  assert.equal(store.statusReason, 'The store is closed');
});

test('slow writes move to the thread pool, quick ones come back', () => {
  const pace = new WritePace(silentLogger);
  pace.wroteSync(30);
  pace.wroteSync(1);
  pace.wroteSync(30);
  assert.equal(pace.isAsynchronous, false);
  pace.wroteSync(30);
  assert.equal(pace.isAsynchronous, true);
  for (let i = 0; i < 31; i += 1) pace.wroteAsync(1);
  pace.wroteAsync(10);
  for (let i = 0; i < 31; i += 1) pace.wroteAsync(1);
  assert.equal(pace.isAsynchronous, true);
  pace.wroteAsync(1);
  assert.equal(pace.isAsynchronous, false);
});
