import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { testFileSystem } from '@skylarkmq/testkit';
import { MemoryFileSystem, realFileSystem } from '../../src/index.ts';

testFileSystem('memory file system', () => {
  const fileSystem = new MemoryFileSystem();
  fileSystem.makeDirectory('/root');
  return { fileSystem, root: '/root', dispose: () => {} };
});

testFileSystem('real file system', () => {
  const root = mkdtempSync(join(tmpdir(), 'skylark-files-'));
  const dispose = (): void => rmSync(root, { recursive: true, force: true });
  return { fileSystem: realFileSystem, root, dispose };
});

test('a directory that cannot be made is an error, also where nothing can be made', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'skylark-files-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  realFileSystem.open(`${root}/file`, 'create').close();
  symlinkSync(`${root}/nowhere`, `${root}/dangling`);
  const refused = (path: string, code: string): void =>
    assert.throws(() => realFileSystem.makeDirectory(path), { code }, path);
  refused(`${root}/file`, 'EEXIST');
  refused(`${root}/file/x/y`, 'ENOTDIR');
  refused(`${root}/dangling/x`, 'EEXIST');
  // Node's own recursive making never returns here.
  if (existsSync('/proc/self')) refused('/proc/none/store', 'ENOENT');
});
