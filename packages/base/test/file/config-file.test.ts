import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigFile, MemoryFileSystem } from '../../src/index.ts';

function textOf(fileSystem: MemoryFileSystem, path: string): string {
  const handle = fileSystem.open(path, 'r');
  const bytes = Buffer.alloc(handle.size());
  return bytes.toString('utf8', 0, handle.readSync(bytes, 0, bytes.length, 0));
}

test('values change, comments and order stay, and the old text is kept beside it', () => {
  const fileSystem = new MemoryFileSystem();
  const path = '/conf/broker.conf';
  fileSystem.makeDirectory('/conf');
  const handle = fileSystem.open(path, 'create');
  const before = Buffer.from('# the broker\nbrokerName=a\nflushDiskType=ASYNC_FLUSH\n');
  handle.writeSync(before, 0, before.length, 0);
  handle.close();
  const file = new ConfigFile(fileSystem, path);
  file.update(
    new Map([
      ['brokerName', 'b'],
      ['maxMessageSize', '7'],
    ]),
  );
  const expected = '# the broker\nbrokerName=b\nflushDiskType=ASYNC_FLUSH\nmaxMessageSize=7';
  assert.equal(textOf(fileSystem, path).trimEnd(), expected);
  assert.equal(textOf(fileSystem, `${path}.bak`), before.toString());
});

test('a file that is not there is made', () => {
  const fileSystem = new MemoryFileSystem();
  new ConfigFile(fileSystem, '/new/namesrv.conf').update(new Map([['listenPort', '1']]));
  assert.equal(textOf(fileSystem, '/new/namesrv.conf').trimEnd(), 'listenPort=1');
});
