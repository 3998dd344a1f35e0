import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFileSystem } from '@skylarkmq/base';
import { DroppableFileSystem } from '../../src/broker/droppable-file-system.ts';

test('nothing that comes after the drop reaches the disk, and reading goes on', async () => {
  const disk = new MemoryFileSystem();
  const files = new DroppableFileSystem(disk);
  files.makeDirectory('/data');
  const file = files.open('/data/log', 'create');
  file.writeSync(Buffer.from('kept'), 0, 4, 0);
  files.drop();
  file.writeSync(Buffer.from('lost'), 0, 4, 0);
  await file.write(Buffer.from('lost'), 0, 4, 4);
  file.truncate(1);
  files.rename('/data/log', '/data/other');
  files.remove('/data/log');
  files.open('/data/new', 'create').writeSync(Buffer.from('x'), 0, 1, 0);
  assert.deepEqual(disk.list('/data'), ['log']);
  const found = Buffer.alloc(8);
  const length = disk.open('/data/log', 'r').readSync(found, 0, 8, 0);
  assert.equal(found.toString('utf8', 0, length), 'kept');
  assert.equal(file.size(), 4);
});
