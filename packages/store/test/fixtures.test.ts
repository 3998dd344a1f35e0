/** Real Apache stores (conformance/fixtures) open and yield what their manifests say. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { jsonArray, jsonNumber, jsonObject } from '@skylarkmq/base';
import { GetStatus, type LogStore, PutStatus } from '../src/index.ts';
import {
  type Fixture,
  type FixtureQueue,
  type FixtureRecord,
  list,
  logEndOf,
  openFixture,
  queuesOf,
  recordsOf,
  unpackFixture,
} from './fixture.ts';

const NAMES = [
  'clean-basic',
  'crash-propcrc',
  'torn-tail',
  'lmq-multidispatch-ext',
  'batch-cq',
  'controller-mode',
  'pop-proxy',
];

async function checkQueues(
  store: LogStore,
  queues: readonly FixtureQueue[],
  records: ReadonlyMap<number, FixtureRecord>,
  end: number,
): Promise<void> {
  for (const expected of queues) {
    const queue = store.queue(expected.topic, expected.queueId);
    const where = `${expected.topic}-${expected.queueId}`;
    const units = expected.units.filter(([, physical]) => physical < end);
    assert.equal(queue.maxOffset, units.length, where);
    const sums: string[] = [];
    for (let offset = 0; offset < queue.maxOffset; ) {
      const result = await store.getMessages(queue, offset, 32, 262144, null);
      assert.equal(result.status, GetStatus.Found, where);
      const bytes = Buffer.concat([...result.slices]);
      for (let at = 0; at < bytes.length; ) {
        const size = bytes.readInt32BE(at);
        sums.push(
          createHash('sha256')
            .update(bytes.subarray(at, at + size))
            .digest('hex'),
        );
        at += size;
      }
      offset = result.nextBeginOffset;
      result.release();
    }
    const wanted = units.map(([, physical]) => records.get(physical)?.sha256);
    assert.deepEqual(sums, wanted, where);
  }
}

async function checkFixture(fixture: Fixture, end: number): Promise<void> {
  const records = recordsOf(fixture).filter((one) => one.physicalOffset < end);
  const byOffset = new Map(records.map((one) => [one.physicalOffset, one]));
  const store = await openFixture(fixture.directory);
  try {
    assert.equal(store.maxPhysicalOffset, end);
    await checkQueues(store, queuesOf(fixture), byOffset, end);
    for (const record of records) {
      const message = await store.lookMessage(record.physicalOffset);
      assert.equal(message?.topic, record.topic);
      assert.equal(message.queueOffset, record.queueOffset);
      if (record.uniqKey !== null) await checkKey(store, record, record.uniqKey, 'uniq');
      if (record.tags !== null) await checkKey(store, record, record.tags, 'tag');
    }
    const { status } = await store.put({ topic: 'New', queueId: 0, body: Buffer.from('more') });
    assert.equal(status, PutStatus.Ok);
  } finally {
    await store.close();
  }
  const again = await openFixture(fixture.directory);
  try {
    assert.equal(again.recovery.writtenBySkylark, true);
    assert.deepEqual(again.recovery.damaged, []);
    assert.equal(again.queue('New', 0).maxOffset, 1);
    await checkQueues(again, queuesOf(fixture), byOffset, end);
  } finally {
    await again.close();
  }
}

async function checkKey(
  store: LogStore,
  record: FixtureRecord,
  key: string,
  kind: 'uniq' | 'tag',
): Promise<void> {
  const time = record.storeTimestamp;
  const found = await store.queryMessages(record.topic, key, 64, time - 2000, time + 2000, kind);
  const offsets = found.records.map((bytes) => Number(bytes.readBigInt64BE(28)));
  assert.ok(
    offsets.includes(record.physicalOffset),
    `${record.physicalOffset} ${kind} ${key} in ${offsets.join()}`,
  );
}

for (const name of NAMES) {
  test(`${name} opens, yields its manifest and goes on`, async () => {
    const fixture = unpackFixture(name);
    try {
      const expected = fixture.manifest.get('expectedAfterRecovery');
      const after = expected === undefined ? undefined : jsonObject(expected, 'expected');
      const end =
        name === 'torn-tail' && after !== undefined
          ? jsonNumber(after.get('maxOffset'), 'maxOffset')
          : logEndOf(fixture);
      await checkFixture(fixture, end);
    } finally {
      fixture.remove();
    }
  });
}

test('torn-tail: what lies behind the damage is kept aside and reported', async () => {
  const fixture = unpackFixture('torn-tail');
  try {
    const expected = jsonObject(fixture.manifest.get('expectedAfterRecovery'), 'expected');
    const lost = jsonArray(expected.get('lostRecords'), 'lostRecords').length;
    const store = await openFixture(fixture.directory);
    const [damage] = store.recovery.damaged;
    assert.equal(store.recovery.damaged.length, 1);
    assert.equal(damage?.start, 165475);
    assert.equal(damage.recordsBehind, lost - 1);
    const kept = readFileSync(damage.quarantine ?? '');
    assert.equal(kept.readBigInt64BE(28), 165475n);
    await store.close();
  } finally {
    fixture.remove();
  }
});

for (const name of ['clean-basic', 'crash-propcrc', 'pop-proxy', 'lmq-multidispatch-ext']) {
  test(`${name}: lost queues and index are rebuilt from the log`, async () => {
    const fixture = unpackFixture(name);
    try {
      const before = filesUnder(`${fixture.directory}/consumequeue`);
      rmSync(`${fixture.directory}/consumequeue`, { recursive: true });
      rmSync(`${fixture.directory}/index`, { recursive: true });
      const store = await openFixture(fixture.directory);
      await store.close();
      const after = filesUnder(`${fixture.directory}/consumequeue`);
      assert.deepEqual([...after.keys()], [...before.keys()]);
      for (const [path, bytes] of before) {
        if (name === 'lmq-multidispatch-ext' && !path.includes('%LMQ%')) continue;
        assert.ok(after.get(path)?.equals(bytes), path);
      }
      checkIndex(fixture);
    } finally {
      fixture.remove();
    }
  });
}

function checkIndex(fixture: Fixture): void {
  const [name = ''] = readdirSync(`${fixture.directory}/index`);
  const bytes = readFileSync(`${fixture.directory}/index/${name}`);
  const [expected] = list(fixture, 'index');
  const header = jsonObject(expected, 'index');
  assert.equal(bytes.readInt32BE(36), jsonNumber(header.get('indexCount'), 'indexCount'));
  assert.equal(bytes.readInt32BE(32), jsonNumber(header.get('hashSlotCount'), 'hashSlotCount'));
  for (const entry of jsonArray(header.get('entries'), 'entries')) {
    const [number, ...fields] = jsonArray(entry, 'entry').map((one) => jsonNumber(one, 'field'));
    const at = 40 + 2000 + (number ?? 0) * 20;
    const read = [
      bytes.readInt32BE(at),
      Number(bytes.readBigInt64BE(at + 4)),
      bytes.readInt32BE(at + 12),
      bytes.readInt32BE(at + 16),
    ];
    assert.deepEqual(read, fields, `entry ${number}`);
  }
}

function filesUnder(root: string): Map<string, Buffer> {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.path}/${entry.name}`)
    .sort();
  return new Map(paths.map((path) => [path.slice(root.length), readFileSync(path)]));
}
