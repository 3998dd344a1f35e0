import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFileSystem } from '../../src/index.ts';

test('a huge file takes memory only where it was written', () => {
  const fileSystem = new MemoryFileSystem(() => 42);
  const before = fileSystem.volume().availableBytes;
  const handle = fileSystem.open('/log', 'create');
  handle.truncate(2 ** 40);
  handle.writeSync(Buffer.from('end'), 0, 3, 2 ** 40 - 3);
  assert.equal(handle.size(), 2 ** 40);
  assert.equal(before - fileSystem.volume().availableBytes, 64 * 1024);
  assert.equal(fileSystem.stat('/log')?.modifiedMs, 42);
});

test('two file systems share nothing', () => {
  const one = new MemoryFileSystem();
  one.open('/a', 'create').close();
  assert.equal(new MemoryFileSystem().exists('/a'), false);
});
