/** Proves docs/formats/skylark-durable.md: two slots, of which a torn write leaves one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, MemoryFileSystem } from '@skylarkmq/base';
import { flipBit, readAll } from '@skylarkmq/testkit';
import { DurableFile, type DurableState } from '../../src/commit-log/durable-file.ts';

const PATH = '/d/skylark.durable';

function state(more: Partial<DurableState> = {}): DurableState {
  return {
    durableOffset: 1000,
    writeLimit: 5_000_000_000,
    lastRecordOffset: 800,
    lastRecordBytes: 200,
    lastRecordCrc: 0xfedcba98,
    dispatchedOffset: 600,
    clean: false,
    indexName: '20260101000000000',
    indexHeader: {
      beginTimestamp: 1_700_000_000_000,
      endTimestamp: 1_700_000_001_000,
      beginPhysicalOffset: 1,
      endPhysicalOffset: 2,
      slotCount: 3,
      indexCount: 4,
    },
    logFileBytes: 1 << 30,
    queueFileBytes: 6_000_000,
    crcFrom: -1,
    indexFiles: 2,
    minOffset: 0,
    checkpointCrc: 0x89abcdef,
    ...more,
  };
}

function disk(): MemoryFileSystem {
  const fileSystem = new MemoryFileSystem();
  fileSystem.makeDirectory('/d');
  return fileSystem;
}

test('what is saved is loaded; the newest counts', async () => {
  const fileSystem = disk();
  const { file, state: nothing } = DurableFile.open(fileSystem, '/d');
  assert.equal(nothing, null);
  await file.save(state());
  await file.save(state({ durableOffset: 2000, clean: true, indexName: '', indexHeader: null }));
  await file.close();
  const again = DurableFile.open(fileSystem, '/d');
  const expected = state({ durableOffset: 2000, clean: true, indexName: '', indexHeader: null });
  assert.deepEqual(again.state, expected);
  await again.file.close();
});

test('a damaged slot leaves the one before', async () => {
  for (const position of [0, 17, 120, 164]) {
    const fileSystem = disk();
    const { file } = DurableFile.open(fileSystem, '/d');
    await file.save(state({ durableOffset: 1 }));
    await file.save(state({ durableOffset: 2 }));
    await file.close();
    // The second save went to the first slot.
    flipBit(fileSystem, PATH, position);
    assert.deepEqual(DurableFile.open(fileSystem, '/d').state, state({ durableOffset: 1 }));
    flipBit(fileSystem, PATH, 512 + position);
    assert.equal(DurableFile.open(fileSystem, '/d').state, null);
  }
});

test('the slot has the bytes of docs/formats/skylark-durable.md', async () => {
  const fileSystem = disk();
  const { file } = DurableFile.open(fileSystem, '/d');
  file.saveSync(state());
  await file.close();
  const bytes = readAll(fileSystem, PATH);
  assert.equal(bytes.length, 1024);
  const slot = bytes.subarray(512);
  assert.equal(slot.readUInt32BE(0), crc32(slot, 4, 165));
  assert.equal(slot.toString('latin1', 4, 8), 'SKL1');
  const numbers = [8, 16, 24, 32].map((at) => Number(slot.readBigInt64BE(at)));
  assert.deepEqual(numbers, [1, 1000, 5_000_000_000, 800]);
  assert.equal(slot.readInt32BE(40), 200);
  assert.equal(slot.readUInt32BE(44), 0xfedcba98);
  assert.equal(slot.readBigInt64BE(48), 600n);
  assert.equal(slot.readBigInt64BE(56), 0n);
  assert.equal(slot.toString('latin1', 64, 81), '20260101000000000');
  assert.equal(slot.readBigInt64BE(81), 1_700_000_000_000n);
  assert.equal(slot.readInt32BE(117), 4);
  const rest = [121, 129, 137, 145, 153].map((at) => Number(slot.readBigInt64BE(at)));
  assert.deepEqual(rest, [1 << 30, 6_000_000, -1, 2, 0]);
  assert.equal(slot.readUInt32BE(161), 0x89abcdef);
  assert.ok(slot.subarray(165).every((byte) => byte === 0));
});

test('a save that is overtaken does not take the write limit back', async () => {
  const fileSystem = disk();
  const { file } = DurableFile.open(fileSystem, '/d');
  const late = file.save(state({ writeLimit: 100 }));
  file.saveSync(state({ writeLimit: 200 }));
  await late;
  await file.close();
  assert.equal(DurableFile.open(fileSystem, '/d').state?.writeLimit, 200);
});
