import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { realFileSystem } from '@skylarkmq/base';
import { prepareDirectory, readSmallFile, writeSmallFile } from '../../src/compose/text-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'skylark-text-file-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('what was written is read, also over an older file', () => {
  const path = join(directory, 'file');
  writeSmallFile(realFileSystem, path, 'a longer text');
  writeSmallFile(realFileSystem, path, 'text');
  assert.equal(readSmallFile(realFileSystem, path).toString(), 'text');
  assert.deepEqual(realFileSystem.list(directory), ['file']);
});

test('a file that is not there is named', () => {
  const path = join(directory, 'none');
  const message = `Cannot read ${path}: there is no such file`;
  assert.throws(() => readSmallFile(realFileSystem, path), { code: 'SYSTEM', message });
  assert.throws(() => readSmallFile(realFileSystem, directory), /it is a directory/);
});

test('a directory is made with its parents, and leaves nothing in it', () => {
  const path = join(directory, 'a/b');
  prepareDirectory(realFileSystem, path);
  assert.deepEqual(realFileSystem.list(path), []);
});

test('a directory that cannot be made is named', () => {
  writeSmallFile(realFileSystem, join(directory, 'plain'), '');
  const path = join(directory, 'plain/below');
  assert.throws(() => prepareDirectory(realFileSystem, path), {
    code: 'SYSTEM',
    message: `Cannot write to the directory ${path}: a part of the path is no directory`,
  });
});
