import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@skylarkmq/base';
import { FaultyFileSystem, readAll } from '@skylarkmq/testkit';
import { LogStore, PutStatus } from '../../src/index.ts';
import { append, bodiesOf, memoryDisk, requestFor, smallOptions } from '../small-store.ts';

const LOG = '/store/commitlog/00000000000000000000';

test('zeros ahead of the log never cover a message', async () => {
  const disk = memoryDisk();
  const options = smallOptions(disk, { commitLogFileBytes: 4 * 1024 * 1024 });
  const store = await LogStore.open(options);
  const bodies = [...Array(2000).keys()].map((n) => `${n} ${'x'.repeat(1500)}`);
  for (let from = 0; from < bodies.length; from += 20) {
    const group = bodies.slice(from, from + 20);
    await Promise.all(group.map((body) => append(store, requestFor(store.queue('T', 0), body))));
  }
  assert.ok(
    readAll(disk, LOG)
      .subarray(store.maxPhysicalOffset)
      .every((byte) => byte === 0),
  );
  await store.close();
  const again = await LogStore.open(options);
  assert.deepEqual(await bodiesOf(again, 'T'), bodies);
  await again.close();
});

test('when the disk is full for it, messages go on, and later it does as well', async () => {
  const disk = new FaultyFileSystem(memoryDisk());
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (_: object, text: string) => warnings.push(text) };
  const commitLogFileBytes = 8 * 1024 * 1024;
  const store = await LogStore.open(smallOptions(disk, { commitLogFileBytes, logger }));
  await append(store, requestFor(store.queue('T', 0), 'first'));
  const used = (): number => 2 ** 40 - disk.volume().availableBytes;
  const appended = async (): Promise<void> => {
    const status = await append(store, requestFor(store.queue('T', 0), 'x'.repeat(2000)));
    assert.equal(status, PutStatus.Ok, store.statusReason);
  };
  while (used() < 1024 * 1024) await appended();
  disk.setForeign(2 ** 40 - used() - 300 * 1024);
  while (warnings.length === 0) await appended();
  assert.deepEqual(warnings, ['Writing ahead stopped']);
  disk.setForeign(0);
  for (let i = 0; i < 1000; i += 1) await appended();
  assert.ok(used() > store.maxPhysicalOffset + 256 * 1024, 'blocks ahead are there again');
  await store.close();
});
