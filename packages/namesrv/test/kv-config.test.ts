import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFileSystem, silentLogger } from '@skylarkmq/base';
import { KvConfig } from '../src/kv-config.ts';

const path = '/namesrv/kvConfig.json';

function contentOf(fileSystem: MemoryFileSystem): string {
  const size = fileSystem.stat(path)?.size ?? 0;
  const bytes = Buffer.alloc(size);
  const file = fileSystem.open(path, 'r');
  file.readSync(bytes, 0, size, 0);
  file.close();
  return bytes.toString('utf8');
}

test("the file has Apache's form", () => {
  const fileSystem = new MemoryFileSystem();
  const config = new KvConfig(fileSystem, path, silentLogger);
  config.put('ORDER_TOPIC_CONFIG', 'TopicA', 'broker-a:4');
  const expected = { configTable: { ORDER_TOPIC_CONFIG: { TopicA: 'broker-a:4' } } };
  assert.deepEqual(JSON.parse(contentOf(fileSystem)), expected);
  config.put('ORDER_TOPIC_CONFIG', 'TopicA', 'broker-a:8');
  assert.ok(fileSystem.exists(`${path}.bak`));
  const again = new KvConfig(fileSystem, path, silentLogger);
  assert.equal(again.get('ORDER_TOPIC_CONFIG', 'TopicA'), 'broker-a:8');
});

test('an emptied namespace stays, as in Apache; deleting what is not there is nothing', () => {
  const config = new KvConfig(new MemoryFileSystem(), undefined, silentLogger);
  config.put('N', 'k', 'v');
  config.delete('N', 'k');
  config.delete('N', 'k');
  config.delete('M', 'k');
  assert.deepEqual(config.list('N'), new Map());
  assert.equal(config.list('M'), undefined);
});

test('the configuration has a limit, which deleting makes room under', () => {
  const config = new KvConfig(new MemoryFileSystem(), undefined, silentLogger);
  const half = 'x'.repeat(9 * 1024 * 1024);
  config.put('N', 'one', half);
  assert.throws(() => config.put('N', 'two', half), { code: 'BUSY' });
  config.put('N', 'one', half);
  config.delete('N', 'one');
  config.put('N', 'two', half);
  assert.equal(config.get('N', 'two'), half);
});
