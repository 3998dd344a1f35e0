import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultyFileSystem } from '@skylarkmq/testkit';
import { LogStore } from '../../src/index.ts';
import { append, memoryDisk, requestFor, smallOptions } from '../small-store.ts';

test('listeners hear of each message in order, when consumers can read it', async () => {
  const store = await LogStore.open(smallOptions(memoryDisk()));
  const heard: string[] = [];
  const remove = store.onArrival((queue, maxOffset, tagsCode, time, physicalOffset, bytes) => {
    assert.equal(queue.maxOffset, maxOffset);
    assert.ok(time > 0 && bytes > 91 && physicalOffset >= 0);
    heard.push(`${queue.topic}-${queue.queueId} ${maxOffset} ${tagsCode === 0 ? '' : 'tagged'}`);
  });
  const work = [
    append(store, requestFor(store.queue('A', 0), '1')),
    append(store, requestFor(store.queue('B', 2), '2', [['TAGS', 't']])),
    append(store, requestFor(store.queue('A', 0), '3')),
  ];
  assert.deepEqual(heard, []);
  await Promise.all(work);
  assert.deepEqual(heard, ['A-0 1 ', 'B-2 1 tagged', 'A-0 2 ']);
  remove();
  await append(store, requestFor(store.queue('A', 0), '4'));
  assert.equal(heard.length, 3);
  assert.equal(store.dispatchBehindBytes, 0);
  await store.close();
});

test('a listener that throws disturbs nobody', async () => {
  const store = await LogStore.open(smallOptions(memoryDisk()));
  let heard = 0;
  store.onArrival(() => {
    throw new Error('broken listener');
  });
  store.onArrival(() => {
    heard += 1;
  });
  await append(store, requestFor(store.queue('T', 0), '1'));
  await append(store, requestFor(store.queue('T', 0), '2'));
  assert.equal(heard, 2);
  assert.equal(store.queue('T', 0).maxOffset, 2);
  await store.close();
});

test('prepared and rolled back messages have no place in a queue', async () => {
  const store = await LogStore.open(smallOptions(memoryDisk()));
  for (const sysFlag of [0x4, 0xc, 0x8, 0]) {
    const request = requestFor(store.queue('T', 0), `${sysFlag}`, [['UNIQ_KEY', `k${sysFlag}`]]);
    request.sysFlag = sysFlag;
    await append(store, request);
  }
  assert.equal(store.queue('T', 0).maxOffset, 2);
  const counts = [];
  for (const sysFlag of [0x4, 0xc, 0x8, 0]) {
    const found = await store.queryMessages('T', `k${sysFlag}`, 1, 0, Number.MAX_SAFE_INTEGER);
    counts.push(found.records.length);
  }
  assert.deepEqual(counts, [1, 0, 1, 1], 'rolled back ones are not indexed either');
  await store.close();
});

test('the schedule topic gets the time of delivery instead of a tag', async () => {
  const store = await LogStore.open(smallOptions(memoryDisk()));
  const cases = [
    ['1', 1000],
    ['3', 10_000],
    ['18', 7_200_000],
    ['99', 7_200_000],
  ] as const;
  for (const [level, delay] of cases) {
    const properties: [string, string][] = [
      ['DELAY', level],
      ['TAGS', 'x'],
    ];
    const request = requestFor(store.queue('SCHEDULE_TOPIC_XXXX', 2), 'body', properties);
    await append(store, request);
    assert.equal(request.tagsCode - request.storeTimestamp, delay);
  }
  await store.close();
});

test('messages are visible although no index file can be made', async () => {
  const disk = new FaultyFileSystem(memoryDisk());
  disk.fail({ operation: 'open', path: '/index/', code: 'EMFILE', lasting: true });
  const store = await LogStore.open(smallOptions(disk));
  await append(store, requestFor(store.queue('T', 0), 'body', [['KEYS', 'k']]));
  assert.equal(store.queue('T', 0).maxOffset, 1);
  const none = await store.queryMessages('T', 'k', 1, 0, Number.MAX_SAFE_INTEGER);
  assert.equal(none.records.length, 0);
  await store.close();
});
