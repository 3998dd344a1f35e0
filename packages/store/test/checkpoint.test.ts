/** Apache's checkpoint: docs/formats/checkpoint.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAll, writeAll } from '@skylarkmq/testkit';
import {
  checkpointCrc,
  checkpointTime,
  readCheckpoint,
  writeCheckpoint,
} from '../src/checkpoint.ts';
import { LogStore } from '../src/index.ts';
import { append, memoryDisk, requestFor, smallOptions } from './small-store.ts';

const PATH = '/store/checkpoint';
const FIELDS = {
  physicMsgTimestamp: 1_700_000_000_001,
  logicsMsgTimestamp: 1_700_000_000_000,
  indexMsgTimestamp: 3,
  masterFlushedOffset: 4,
  confirmPhyOffset: 5,
  logicsPhysicalOffset: 6,
};

test('the file has the bytes of docs/formats/checkpoint.md', () => {
  const disk = memoryDisk();
  writeCheckpoint(disk, PATH, FIELDS);
  const bytes = readAll(disk, PATH);
  assert.equal(bytes.length, 4096);
  const numbers = [0, 8, 16, 24, 32, 40].map((at) => Number(bytes.readBigInt64BE(at)));
  assert.deepEqual(numbers, Object.values(FIELDS));
  assert.ok(bytes.subarray(48).every((byte) => byte === 0));
  assert.deepEqual(readCheckpoint(disk, PATH), FIELDS);
  assert.equal(checkpointTime(FIELDS), 1_700_000_000_000 - 3000);
});

test('a missing or short file reads as zeros', () => {
  const disk = memoryDisk();
  assert.equal(checkpointTime(readCheckpoint(disk, PATH)), 0);
  writeAll(disk, PATH, Buffer.alloc(10));
  assert.equal(checkpointTime(readCheckpoint(disk, PATH)), 0);
  assert.equal(checkpointCrc(disk, PATH), checkpointCrc(disk, '/store/none'));
});

test('a clean stop leaves the time and the place of the last message', async () => {
  const disk = memoryDisk();
  const store = await LogStore.open(smallOptions(disk));
  const request = requestFor(store.queue('T', 0), 'body');
  await append(store, request);
  await append(store, request);
  await store.close();
  const fields = readCheckpoint(disk, PATH);
  assert.equal(fields.physicMsgTimestamp, request.storeTimestamp);
  assert.equal(fields.logicsMsgTimestamp, request.storeTimestamp);
  assert.equal(fields.logicsPhysicalOffset, request.physicalOffset);
});
