/** Reading with a filter that looks at the records themselves, from memory and from the files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRecords } from '@skylarkmq/message';
import { type GetResult, GetStatus, LogStore, type RecordFilter } from '../../src/index.ts';
import { append, memoryDisk, requestFor, smallOptions } from '../small-store.ts';

const MESSAGES = 120;

/** Every `step`th message, by its body. */
function every(step: number): RecordFilter {
  return (buffer, start, end) => {
    const [record] = decodeRecords(Buffer.from(buffer.subarray(start, end)));
    return Number(record?.body.toString().split(' ')[0]) % step === 0;
  };
}

function idsOf(result: GetResult): number[] {
  const messages = decodeRecords(Buffer.concat([...result.slices]));
  result.release();
  return messages.map((one) => Number(one.body.toString().split(' ')[0]));
}

async function inMemoryAndFromFiles(check: (store: LogStore) => Promise<void>): Promise<void> {
  const options = smallOptions(memoryDisk());
  const store = await LogStore.open(options);
  for (let i = 0; i < MESSAGES; i += 1) {
    await append(store, requestFor(store.queue('T', 0), `${i} ${'x'.repeat(100)}`));
  }
  await check(store);
  await store.close();
  const again = await LogStore.open(options);
  await check(again);
  await again.close();
}

test('only records that match are handed out, and the next offset is behind them', async () => {
  await inMemoryAndFromFiles(async (store) => {
    const queue = store.queue('T', 0);
    const some = await store.getMessages(queue, 1, 3, 65_536, null, every(7));
    assert.deepEqual(idsOf(some), [7, 14, 21]);
    assert.equal(some.nextBeginOffset, 22);
    const rest = await store.getMessages(queue, 22, 32, 65_536, null, every(50));
    assert.deepEqual(idsOf(rest), [50, 100]);
    assert.equal(rest.nextBeginOffset, MESSAGES);
  });
});

test('a limit of bytes counts only what matches', async () => {
  await inMemoryAndFromFiles(async (store) => {
    const queue = store.queue('T', 0);
    const size = Number((await store.readRecord(0))?.length);
    const some = await store.getMessages(queue, 0, 32, size * 2 + 20, null, every(40));
    assert.deepEqual(idsOf(some), [0, 40]);
    assert.ok(some.nextBeginOffset > 40 && some.nextBeginOffset <= 80);
  });
});

test('when nothing matches, the consumer goes on behind what was looked at', async () => {
  await inMemoryAndFromFiles(async (store) => {
    const queue = store.queue('T', 0);
    const none = await store.getMessages(queue, 5, 32, 65_536, null, () => false);
    assert.equal(none.status, GetStatus.NoMatchedMessage);
    assert.equal(none.nextBeginOffset, MESSAGES);
  });
});

test('the queue is asked first', async () => {
  await inMemoryAndFromFiles(async (store) => {
    let asked = 0;
    const records: RecordFilter = () => {
      asked += 1;
      return true;
    };
    const queue = store.queue('T', 0);
    const none = await store.getMessages(queue, 0, 32, 65_536, () => false, records);
    assert.equal(none.status, GetStatus.NoMatchedMessage);
    assert.equal(asked, 0);
  });
});

test('a message that was just stored can be asked about; one from before may match', async () => {
  const options = smallOptions(memoryDisk());
  const store = await LogStore.open(options);
  await append(store, requestFor(store.queue('T', 0), '0'));
  const second = store.maxPhysicalOffset;
  await append(store, requestFor(store.queue('T', 0), '1'));
  const bytes = store.maxPhysicalOffset - second;
  assert.equal(store.mayMatch(0, second, every(2)), true);
  assert.equal(store.mayMatch(second, bytes, every(2)), false);
  await store.close();
  const again = await LogStore.open(options);
  assert.equal(again.mayMatch(second, bytes, every(2)), true);
  await again.close();
});
