import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, MemoryFileSystem } from '@skylarkmq/base';
import { CrashDisk, imageOf, RecordingFileSystem } from '../../src/index.ts';

function recorded(): RecordingFileSystem {
  const inner = new MemoryFileSystem();
  inner.makeDirectory('/d');
  return new RecordingFileSystem(inner, '/');
}

/** Every content of `/d` that a cut at the end of the recording may leave. */
function outcomes(disk: RecordingFileSystem, cutAt: number = disk.length): Set<string> {
  const crash = new CrashDisk(disk.trace, cutAt);
  const found = new Set<string>();
  for (const choice of crash.choices(createPrng(1), 8)) {
    const image = imageOf(crash.build(choice), '/d');
    found.add([...image].map(([path, bytes]) => `${path}=${bytes.toString('latin1')}`).join(' '));
  }
  return found;
}

test('what was synced is there in every outcome, what was not may be missing', async () => {
  const disk = recorded();
  const handle = disk.open('/d/a', 'create');
  handle.writeSync(Buffer.from('one'), 0, 3, 0);
  await handle.syncData();
  handle.writeSync(Buffer.from('two'), 0, 3, 3);
  handle.writeSync(Buffer.from('three'), 0, 5, 6);
  const expected = ['a=one', 'a=onetwo', 'a=onetwothree', 'a=one\0\0\0three'];
  assert.deepEqual([...outcomes(disk)].sort(), expected.sort());
});

test('a sync covers only what was written before it was asked for', async () => {
  const disk = recorded();
  const handle = disk.open('/d/a', 'create');
  handle.writeSync(Buffer.from('A'), 0, 1, 0);
  const sync = handle.syncData();
  handle.writeSync(Buffer.from('B'), 0, 1, 1);
  const beforeReturn = disk.length;
  await sync;
  assert.ok(
    outcomes(disk, beforeReturn).has(''),
    'the file may be missing until the sync returned',
  );
  assert.deepEqual([...outcomes(disk)].sort(), ['a=A', 'a=AB']);
});

test('an entry is durable after its directory was synced, and lost from the end before', () => {
  const disk = recorded();
  disk.open('/d/a', 'create').close();
  disk.syncDirectory('/d');
  disk.rename('/d/a', '/d/b');
  disk.open('/d/c', 'create').close();
  assert.deepEqual([...outcomes(disk)].sort(), ['a=', 'b=', 'b= c=']);
  disk.syncDirectory('/d');
  assert.deepEqual([...outcomes(disk)], ['b= c=']);
});

test('a removal may be undone by the cut, with the content that was durable', () => {
  const disk = recorded();
  const handle = disk.open('/d/a', 'create');
  handle.writeSync(Buffer.from('old'), 0, 3, 0);
  handle.syncDataSync();
  disk.remove('/d/a');
  assert.deepEqual([...outcomes(disk)].sort(), ['', 'a=old']);
});

test('the last write tears at sectors of the file', () => {
  const disk = recorded();
  const handle = disk.open('/d/a', 'create');
  handle.syncDataSync();
  handle.writeSync(Buffer.alloc(1200, 'x'), 0, 1200, 100);
  const lengths = [...outcomes(disk)].map((outcome) => outcome.length - 'a='.length);
  assert.deepEqual(
    lengths.sort((left, right) => left - right),
    [0, 512, 1024, 1300],
  );
});

test('a recording over existing files begins with them', () => {
  const inner = new MemoryFileSystem();
  inner.makeDirectory('/d');
  const handle = inner.open('/d/a', 'create');
  handle.writeSync(Buffer.from('before'), 0, 6, 0);
  const disk = new RecordingFileSystem(inner, '/');
  disk.open('/d/a', 'rw').writeSync(Buffer.from('B'), 0, 1, 0);
  disk.mark('ack', 7);
  assert.deepEqual([...outcomes(disk)].sort(), ['a=Before', 'a=before']);
  assert.deepEqual(disk.trace.operations.at(-1), { kind: 'mark', label: 'ack', value: 7 });
});
