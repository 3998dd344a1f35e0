import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, MemoryFileSystem, randomSeed } from '@skylarkmq/base';
import { CrashDisk, imageOf, RecordingFileSystem, testFileSystem } from '../../src/index.ts';

testFileSystem('recording file system', () => {
  const inner = new MemoryFileSystem();
  inner.makeDirectory('/root');
  return { fileSystem: new RecordingFileSystem(inner, '/'), root: '/root', dispose: () => {} };
});

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`a trace that is played in full gives the same disk (SEED=${seed})`, () => {
  const prng = createPrng(seed);
  const inner = new MemoryFileSystem();
  const disk = new RecordingFileSystem(inner, '/');
  const paths = ['/d/a', '/d/b', '/d/e/c'];
  const pick = (): string => paths[prng.below(paths.length)] ?? '/d/a';
  disk.makeDirectory('/d/e');
  for (let step = 0; step < 400; step++) {
    const kind = prng.below(5);
    const path = pick();
    if (kind === 0) disk.remove(path);
    else if (kind === 1 && disk.exists(path)) disk.rename(path, pick());
    else if (kind === 2) disk.open(path, 'create').truncate(prng.below(3000));
    else {
      const bytes = Buffer.alloc(prng.below(2000), 1 + (step % 250));
      disk.open(path, 'create').writeSync(bytes, 0, bytes.length, prng.below(3000));
    }
  }
  const crash = new CrashDisk(disk.trace, disk.length);
  const everything = { name: 'all', entriesKept: Infinity, keptBytes: () => Infinity };
  assert.deepEqual(imageOf(crash.build(everything), '/d'), imageOf(inner, '/d'), `seed ${seed}`);
});
