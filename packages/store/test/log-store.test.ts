import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFileSystem, realClock, realScheduler } from '@skylarkmq/base';
import { decodeRecords } from '@skylarkmq/message';
import { type GetResult, GetStatus, LogStore, PutStatus, type StoreOptions } from '../src/index.ts';
import { crashCopy } from './crash-copy.ts';
import { smallOptions } from './small-store.ts';

function options(fileSystem: MemoryFileSystem, more: Partial<StoreOptions> = {}): StoreOptions {
  return smallOptions(fileSystem, { clock: realClock, scheduler: realScheduler, ...more });
}

function bodies(result: GetResult): string[] {
  const texts = decodeRecords(Buffer.concat([...result.slices])).map((one) => one.body.toString());
  result.release();
  return texts;
}

test('many may ask at once that everything be made durable', async () => {
  const fileSystem = new MemoryFileSystem();
  const store = await LogStore.open(options(fileSystem));
  let failure = '';
  store.onFailure((reason) => {
    failure = reason;
  });
  for (let round = 0; round < 20; round += 1) {
    await store.put({ topic: 'T', queueId: 0, body: Buffer.from(`message ${round}`) });
    await Promise.all([store.flush(), store.flush(), store.flush()]);
  }
  assert.equal(failure, '');
  await store.close();
  const again = await LogStore.open(options(fileSystem));
  assert.equal(again.maxOffset('T', 0), 20);
  await again.close();
});

for (const flush of ['sync', 'async'] as const) {
  test(`${flush}: what is put can be read at once and after a restart`, async () => {
    const fileSystem = new MemoryFileSystem();
    const store = await LogStore.open(options(fileSystem, { flush }));
    const puts = [];
    for (let i = 0; i < 300; i += 1) {
      const body = Buffer.from(`message ${i} ${'x'.repeat(i)}`);
      const properties: [string, string][] = [
        ['KEYS', `key${i} all`],
        ['TAGS', i % 2 === 0 ? 'even' : 'odd'],
      ];
      puts.push(store.put({ topic: 'T', queueId: i % 3, body, properties }));
    }
    const results = await Promise.all(puts);
    assert.ok(results.every((one) => one.status === PutStatus.Ok));
    assert.equal(results[299]?.queueOffset, 99);
    await checkContent(store, true);
    await store.close();
    const again = await LogStore.open(options(fileSystem, { flush }));
    assert.equal(again.recovery.clean, true);
    assert.equal(again.recovery.recordsScanned, 0);
    await checkContent(again, false);
    await again.close();
  });

  test(`${flush}: a store that was not closed is recovered`, async () => {
    const fileSystem = new MemoryFileSystem();
    const store = await LogStore.open(options(fileSystem, { flush }));
    for (let i = 0; i < 300; i += 1) {
      const body = Buffer.from(`message ${i} ${'x'.repeat(i)}`);
      const properties: [string, string][] = [
        ['KEYS', `key${i} all`],
        ['TAGS', i % 2 === 0 ? 'even' : 'odd'],
      ];
      const { status } = await store.put({ topic: 'T', queueId: i % 3, body, properties });
      assert.equal(status, PutStatus.Ok);
    }
    // Another process: what the first holds in memory is gone.
    const left = crashCopy(fileSystem, '/store');
    await store.close();
    const again = await LogStore.open(options(left, { flush }));
    assert.equal(again.recovery.clean, false);
    assert.deepEqual(again.recovery.damaged, []);
    await checkContent(again, false);
    await again.close();
  });
}

async function checkContent(store: LogStore, fromMemory: boolean): Promise<void> {
  for (let queueId = 0; queueId < 3; queueId += 1) {
    const queue = store.queue('T', queueId);
    assert.equal(queue.maxOffset, 100);
    assert.equal(queue.nextOffset, 100);
    const texts: string[] = [];
    for (let offset = 0; offset < 100; ) {
      const result = await store.getMessages(queue, offset, 32, 65536, null);
      assert.equal(result.status, GetStatus.Found);
      assert.equal(result.fromMemory, fromMemory);
      offset = result.nextBeginOffset;
      texts.push(...bodies(result));
    }
    const expected = [...Array(100).keys()].map((n) => {
      const i = n * 3 + queueId;
      return `message ${i} ${'x'.repeat(i)}`;
    });
    assert.deepEqual(texts, expected);
    const end = await store.getMessages(queue, 100, 32, 65536, null);
    assert.equal(end.status, GetStatus.OffsetOverflowOne);
  }
  const found = await store.queryMessages('T', 'key17', 10, 0, Number.MAX_SAFE_INTEGER);
  assert.equal(found.records.length, 1);
  const all = await store.queryMessages('T', 'all', 64, 0, Number.MAX_SAFE_INTEGER);
  assert.equal(all.records.length, 64);
}
