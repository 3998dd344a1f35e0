import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
