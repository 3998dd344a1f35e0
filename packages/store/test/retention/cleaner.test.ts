import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFileSystem, type VirtualTime, type VolumeSpace } from '@skylarkmq/base';
import { GetStatus, LogStore, PutStatus, type RetentionOptions } from '../../src/index.ts';
import { append, bodiesOf, requestFor, smallOptions, virtualTime } from '../small-store.ts';

const HOUR_MS = 3_600_000;

/** A disk that is as full as the test says. */
class FillableDisk extends MemoryFileSystem {
  ratio = 0;

  override volume(): VolumeSpace {
    return { totalBytes: 1e6, availableBytes: 1e6 * (1 - this.ratio) };
  }
}

async function filled(retention: RetentionOptions = {}): Promise<{
  store: LogStore;
  disk: FillableDisk;
  time: VirtualTime;
  reopen: () => Promise<LogStore>;
}> {
  const time = virtualTime();
  await toHour(time, 5);
  const disk = new FillableDisk(() => time.nowMs());
  disk.makeDirectory('/store');
  const options = smallOptions(disk, {
    ...{ clock: time, scheduler: time, retention, commitLogFileBytes: 4096 },
    ...{ consumeQueueFileBytes: 200, indexEntries: 40 },
  });
  const store = await LogStore.open(options);
  for (let i = 0; i < 100; i += 1) {
    const properties: [string, string][] = [['KEYS', `key${i}`]];
    const request = requestFor(store.queue('T', 0), `${i} ${'x'.repeat(300)}`, properties);
    assert.equal(await append(store, request), PutStatus.Ok);
  }
  return { store, disk, time, reopen: () => LogStore.open(options) };
}

function logFiles(disk: MemoryFileSystem): number {
  return disk.list('/store/commitlog').length;
}

/** Advances to the next time that the local hour is `hour`. */
async function toHour(time: VirtualTime, hour: number): Promise<void> {
  while (new Date(time.nowMs()).getHours() !== hour) await time.advance(HOUR_MS);
}

test("files older than 72 hours go at 4 o'clock, ten a round, and not before", async () => {
  const { store, disk, time, reopen } = await filled();
  const files = logFiles(disk);
  assert.ok(files >= 11);
  await time.advance(71.5 * HOUR_MS);
  assert.equal(logFiles(disk), files, 'it was the hour three times, but they are not old enough');
  await time.advance(2 * HOUR_MS);
  assert.equal(logFiles(disk), files, 'they are old enough, but it is not the hour');
  await toHour(time, 4);
  await time.advance(10_000);
  await time.advance(30_000);
  assert.equal(logFiles(disk), 1, 'the last one stays');
  const queue = store.queue('T', 0);
  assert.ok(queue.minOffset > 80 && queue.minOffset < 100);
  assert.equal(store.minPhysicalOffset % 4096, 0);
  const early = await store.getMessages(queue, 0, 32, 65_536, null);
  assert.deepEqual(
    [early.status, early.nextBeginOffset],
    [GetStatus.OffsetTooSmall, queue.minOffset],
  );
  assert.equal((await bodiesOf(store, 'T')).length, 100 - queue.minOffset);
  assert.ok(disk.list('/store/consumequeue/T/0').length <= 3);
  const gone = await store.queryMessages('T', 'key3', 1, 0, Number.MAX_SAFE_INTEGER);
  assert.equal(gone.records.length, 0);
  const { minOffset } = queue;
  await store.close();
  const again = await reopen();
  assert.equal(again.minOffset('T', 0), minOffset);
  assert.equal(again.maxOffset('T', 0), 100);
  await again.close();
});

test('above 75 % of the disk old files go at any hour, above 85 % also young ones', async () => {
  const { store, disk, time } = await filled({ deleteWhen: '99' });
  await time.advance(80 * HOUR_MS);
  const files = logFiles(disk);
  disk.ratio = 0.7;
  await time.advance(20_000);
  assert.equal(logFiles(disk), files);
  disk.ratio = 0.8;
  await time.advance(10_000);
  assert.equal(logFiles(disk), Math.max(1, files - 10));
  await store.close();
  const young = await filled({ deleteWhen: '99' });
  young.disk.ratio = 0.8;
  await young.time.advance(10_000);
  assert.equal(logFiles(young.disk), files);
  young.disk.ratio = 0.86;
  await young.time.advance(10_000);
  assert.ok(logFiles(young.disk) < files);
  await young.store.close();
  const kept = await filled({ deleteWhen: '99', cleanForcibly: false });
  kept.disk.ratio = 0.86;
  await kept.time.advance(10_000);
  assert.equal(logFiles(kept.disk), files);
  await kept.store.close();
});

test('above 90 % of the disk sends are refused, until there is room again', async () => {
  const { store, disk, time } = await filled({ cleanForcibly: false, deleteWhen: '99' });
  disk.ratio = 0.95;
  await time.advance(10_000);
  const refused = await append(store, requestFor(store.queue('T', 0), 'refused'));
  assert.equal(refused, PutStatus.ServiceNotAvailable);
  assert.match(store.health.reason, /95.0 % full, the limit is 90.0 %/);
  assert.equal((await bodiesOf(store, 'T')).length, 100, 'consumers go on');
  disk.ratio = 0.5;
  await time.advance(10_000);
  assert.equal(store.health.writable, true);
  assert.equal(await append(store, requestFor(store.queue('T', 0), 'more')), PutStatus.Ok);
  await store.close();
});

test('on demand expired files go at once', async () => {
  const { store, disk, time } = await filled({ deleteWhen: '99' });
  assert.equal(await store.deleteExpiredFiles(), 0);
  await time.advance(73 * HOUR_MS);
  const files = logFiles(disk);
  assert.equal(await store.deleteExpiredFiles(), Math.min(10, files - 1));
  await store.close();
});
