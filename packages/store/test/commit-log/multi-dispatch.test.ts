/** Light queues: docs/formats/light-queues.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRecords } from '@skylarkmq/message';
import { LogStore, PutStatus, type StoreOptions } from '../../src/index.ts';
import { append, memoryDisk, requestFor, smallOptions } from '../small-store.ts';

type Pair = [string, string];

function naming(...queues: string[]): Pair[] {
  return [['INNER_MULTI_DISPATCH', queues.join(',')]];
}

/** Bodies and offsets as the light queue tells them, read by its own units. */
async function lightOf(store: LogStore, name: string): Promise<[string, string][]> {
  const queue = store.findQueue(name, 0);
  if (queue === undefined) return [];
  const seen: [string, string][] = [];
  for (let offset = 0; offset < queue.maxOffset; ) {
    const found = await store.getMessages(queue, offset, 32, 1 << 20, null);
    for (const { body, properties } of decodeRecords(Buffer.concat([...found.slices]))) {
      seen.push([body.toString(), properties.get('INNER_MULTI_QUEUE_OFFSET') ?? '']);
    }
    offset = found.nextBeginOffset;
    found.release();
  }
  return seen;
}

async function filled(store: LogStore): Promise<void> {
  const orders = store.queue('Orders', 0);
  await append(store, requestFor(orders, 'a', naming('%LMQ%1', '%LMQ%2')));
  await append(store, requestFor(orders, 'plain'));
  await append(store, requestFor(orders, 'b', naming('%LMQ%1', 'NoLight')));
  await append(store, requestFor(orders, 'c', naming('%LMQ%2', '%LMQ%1')));
  await append(store, requestFor(store.queue('%RETRY%g', 0), 'd', naming('%LMQ%1')));
}

const FIRST: [string, string][] = [
  ['a', '0,0'],
  ['b', '1,'],
  ['c', '1,2'],
];
const SECOND: [string, string][] = [
  ['a', '0,0'],
  ['c', '1,2'],
];

for (const isCrash of [false, true]) {
  const how = isCrash ? 'built again from the log' : 'loaded';
  test(`light queues have their messages, also when they are ${how}`, async () => {
    const disk = memoryDisk();
    const store = await LogStore.open(smallOptions(disk));
    await filled(store);
    assert.deepEqual(await lightOf(store, '%LMQ%1'), FIRST);
    assert.deepEqual(await lightOf(store, '%LMQ%2'), SECOND);
    await store.close();
    if (isCrash) {
      disk.remove('/store/consumequeue');
      disk.open('/store/abort', 'create').close();
    }
    const again = await LogStore.open(smallOptions(disk));
    assert.deepEqual(await lightOf(again, '%LMQ%1'), FIRST);
    assert.deepEqual(await lightOf(again, '%LMQ%2'), SECOND);
    await append(again, requestFor(again.queue('Orders', 0), 'e', naming('%LMQ%2')));
    assert.deepEqual((await lightOf(again, '%LMQ%2')).at(-1), ['e', '2']);
    await again.close();
  });
}

test('listeners hear of messages in light queues', async () => {
  const store = await LogStore.open(smallOptions(memoryDisk()));
  const heard: string[] = [];
  store.onArrival(({ topic }, maxOffset) => heard.push(`${topic} ${maxOffset}`));
  await append(store, requestFor(store.queue('T', 0), 'a', naming('%LMQ%1', '%LMQ%2')));
  assert.deepEqual(heard, ['T 1', '%LMQ%1 1', '%LMQ%2 1']);
  await store.close();
});

async function statusOf(names: string[], more: Partial<StoreOptions> = {}): Promise<string> {
  const store = await LogStore.open(smallOptions(memoryDisk(), more));
  const status = store.append(requestFor(store.queue('T', 0), 'a', naming(...names)));
  await store.close();
  return status;
}

test('names that are none and more queues than there may be are refused', async () => {
  assert.equal(await statusOf(['%LMQ%../../x']), PutStatus.MessageIllegal);
  assert.equal(
    await statusOf(Array.from({ length: 1025 }, (_, i) => `%LMQ%${i}`)),
    PutStatus.MessageIllegal,
  );
  const full = await statusOf(['%LMQ%1', '%LMQ%2'], { lightQueuesMax: () => 1 });
  assert.equal(full, PutStatus.LmqQuotaExceeded);
  assert.equal(await statusOf(['%LMQ%1', '%LMQ%1'], { lightQueuesMax: () => 1 }), PutStatus.Ok);
  assert.equal(await statusOf(['%LMQ%../x'], { multiDispatch: false }), PutStatus.Ok);
});
