import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFileSystem, silentLogger } from '@skylarkmq/base';
import { LocalOffsetStore } from '../../src/consumer/local-offset-store.ts';
import { RemoteOffsetStore } from '../../src/consumer/remote-offset-store.ts';
import { queuesOf } from '../fake/queues.ts';

const [first, second] = queuesOf('T', ['b'], 2);
assert.ok(first && second);

test('remote offsets are committed when they changed, and again after an error', async () => {
  const commits: [number, number, boolean][] = [];
  let fails = false;
  const store = new RemoteOffsetStore(
    {
      query: () => Promise.resolve(7),
      commit: (queue, offset, surely) => {
        commits.push([queue.queueId, offset, surely]);
        return fails ? Promise.reject(new Error('down')) : Promise.resolve();
      },
    },
    silentLogger,
  );
  store.update(first, 5, true);
  store.update(first, 4, true);
  assert.equal(store.known(first), 5);
  assert.equal(await store.stored(first), 7);
  fails = true;
  await store.persist([first, second], false);
  fails = false;
  await store.persist([first, second], false);
  await store.persist([first, second], false);
  store.update(first, 3, false);
  await store.persist([first], true);
  assert.deepEqual(commits, [
    [0, 5, false],
    [0, 5, false],
    [0, 3, true],
  ]);
  assert.deepEqual(store.offsetsOf('T'), [{ queue: first, offset: 3 }]);
  store.remove(first);
  assert.equal(store.known(first), undefined);
});

test('what was only sent is committed once more when it must be sure', async () => {
  const commits: boolean[] = [];
  const store = new RemoteOffsetStore(
    {
      query: () => Promise.resolve(5),
      commit: async (_queue, _offset, surely) => {
        commits.push(surely);
      },
    },
    silentLogger,
  );
  store.update(first, 5, true);
  await store.persist([first], false);
  await store.persist([first], true);
  await store.persist([first], true);
  assert.deepEqual(commits, [false, true]);
});

test("a first offset that another's first one replaced is committed again", async () => {
  // As Apache's broker: those that find no table make one each, and one of these remains.
  let table: Map<number, number> | undefined;
  const store = new RemoteOffsetStore(
    {
      query: async (queue) => table?.get(queue.queueId),
      commit: async (queue, offset) => {
        const mine = table ?? new Map();
        await Promise.resolve();
        table = mine.set(queue.queueId, offset);
      },
    },
    silentLogger,
  );
  const queues = queuesOf('T', ['b'], 4);
  for (const queue of queues) store.update(queue, 5, true);
  await store.persist(queues, true);
  assert.deepEqual([...(table?.entries() ?? [])].sort(), [
    [0, 5],
    [1, 5],
    [2, 5],
    [3, 5],
  ]);
});

test('a commit that must be sure throws when it fails', async () => {
  const store = new RemoteOffsetStore(
    { query: () => Promise.resolve(undefined), commit: () => Promise.reject(new Error('down')) },
    silentLogger,
  );
  store.update(first, 5, true);
  await assert.rejects(store.persist([first], true), { message: 'down' });
});

test("local offsets survive in the Java client's file", async () => {
  const fileSystem = new MemoryFileSystem();
  const options = {
    fileSystem,
    logger: silentLogger,
    directory: '/home/.rocketmq_offsets',
    clientId: '10.0.0.1@DEFAULT',
    group: 'G',
  };
  const store = new LocalOffsetStore(options);
  await store.load();
  assert.equal(await store.stored(first), undefined);
  store.update(first, 12, true);
  store.update(second, 3, true);
  await store.persist([first, second]);
  const path = '/home/.rocketmq_offsets/10.0.0.1@DEFAULT/G/offsets.json';
  const handle = fileSystem.open(path, 'r');
  const bytes = Buffer.alloc(handle.size());
  handle.readSync(bytes, 0, bytes.length, 0);
  assert.equal(
    bytes.toString(),
    '{\n\t"offsetTable":{\n' +
      '\t\t{\n\t\t\t"brokerName":"b",\n\t\t\t"queueId":0,\n\t\t\t"topic":"T"\n\t\t}:12,\n' +
      '\t\t{\n\t\t\t"brokerName":"b",\n\t\t\t"queueId":1,\n\t\t\t"topic":"T"\n\t\t}:3\n\t}\n}',
  );
  const again = new LocalOffsetStore(options);
  await again.load();
  assert.equal(await again.stored(first), 12);
  assert.equal(await again.stored(second), 3);
});

test('a group cannot name a folder elsewhere', () => {
  const fileSystem = new MemoryFileSystem();
  const base = { fileSystem, logger: silentLogger, directory: '/x', clientId: 'c' };
  assert.throws(() => new LocalOffsetStore({ ...base, group: '..' }), { code: 'INVALID_ARGUMENT' });
  assert.throws(() => new LocalOffsetStore({ ...base, group: 'a/b' }), {
    code: 'INVALID_ARGUMENT',
  });
});
