/** What a message looks like in the log: docs/formats/commit-log.md, byte by byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWriter, crc32, type MemoryFileSystem } from '@skylarkmq/base';
import {
  BatchScan,
  decodeRecords,
  encodeBatch,
  encodeHost,
  encodeProperties,
  MAGIC_BLANK,
  RecordView,
} from '@skylarkmq/message';
import { readAll } from '@skylarkmq/testkit';
import { LogStore, PutStatus, type StoreOptions } from '../../src/index.ts';
import { append, bodiesOf, HOST, memoryDisk, requestFor, smallOptions } from '../small-store.ts';

function logBytes(disk: MemoryFileSystem, start = 0): Buffer {
  return readAll(disk, `/store/commitlog/${String(start).padStart(20, '0')}`);
}

async function opened(
  more: Partial<StoreOptions> = {},
): Promise<{ store: LogStore; disk: MemoryFileSystem }> {
  const disk = memoryDisk();
  return { store: await LogStore.open(smallOptions(disk, more)), disk };
}

test('a record has the bytes of docs/formats/commit-log.md', async () => {
  const { store, disk } = await opened({ propertyCrc: false });
  const request = requestFor(store.queue('Orders', 3), 'hello', [['TAGS', 'TagA']]);
  request.flag = 7;
  request.sysFlag = 1;
  request.bornTimestamp = 1_700_000_000_123;
  request.bornHost = encodeHost('10.1.2.3:4567');
  request.reconsumeTimes = 2;
  request.preparedTransactionOffset = 99;
  await append(store, requestFor(store.queue('Orders', 3), 'before'));
  await append(store, request);
  const properties = Buffer.from('TAGS\u0001TagA\u0002');
  const expected = new ByteWriter(256)
    .i32(91 + 5 + 6 + properties.length)
    .i32(0xdaa320a7 | 0)
    .i32(crc32(Buffer.from('hello'), 0, 5) & 0x7fffffff)
    .i32(3)
    .i32(7)
    .i64(1n)
    .i64(BigInt(request.physicalOffset))
    .i32(1)
    .i64(1_700_000_000_123n)
    .bytes(Buffer.from([10, 1, 2, 3, 0, 0, 0x11, 0xd7]))
    .i64(BigInt(request.storeTimestamp))
    .bytes(HOST)
    .i32(2)
    .i64(99n)
    .i32(5)
    .bytes(Buffer.from('hello'))
    .u8(6)
    .bytes(Buffer.from('Orders'))
    .i16(properties.length)
    .bytes(properties)
    .toBuffer();
  const from = request.physicalOffset;
  assert.deepEqual(logBytes(disk).subarray(from, from + request.recordBytes), expected);
  await store.close();
});

test('with the property CRC every bit of a record counts, without it none is added', async () => {
  for (const propertyCrc of [true, false]) {
    const { store, disk } = await opened({ propertyCrc });
    const request = requestFor(store.queue('T', 0), 'body', [['KEYS', 'k']]);
    await append(store, request);
    const bytes = logBytes(disk).subarray(0, request.recordBytes);
    const view = new RecordView();
    assert.equal(view.at(bytes, 0), 'record');
    assert.equal(view.hasPropertyCrc(), propertyCrc);
    assert.equal(view.checksumsMatch(propertyCrc), true);
    let unnoticed = 0;
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const kind = view.at(damaged, 0);
      if (kind === 'record' && view.checksumsMatch(propertyCrc)) unnoticed += 1;
    }
    assert.equal(unnoticed === 0, propertyCrc, `${unnoticed} bits are not covered`);
    await store.close();
  }
});

test('properties get their last separator, so that the CRC is one of its own', async () => {
  const { store } = await opened();
  const request = requestFor(store.queue('T', 0), 'body');
  request.properties = Buffer.from('??KEYS\u0001k1');
  request.propertiesStart = 2;
  request.propertiesEnd = request.properties.length;
  request.scan.scan(request.properties, 2, request.propertiesEnd);
  assert.equal(await append(store, request), PutStatus.Ok);
  const message = await store.lookMessage(request.physicalOffset);
  assert.equal(message?.properties.get('KEYS'), 'k1');
  const found = await store.queryMessages('T', 'k1', 10, 0, Number.MAX_SAFE_INTEGER);
  assert.equal(found.records.length, 1);
  await store.close();
});

test('a file ends with a blank of what is left, and the record begins the next file', async () => {
  const { store, disk } = await opened({ commitLogFileBytes: 4096 });
  const offsets: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    const request = requestFor(store.queue('T', 0), `${i} ${'x'.repeat(500)}`);
    await append(store, request);
    offsets.push(request.physicalOffset);
  }
  const first = logBytes(disk);
  const last = Math.max(...offsets.filter((offset) => offset < 4096));
  const blankAt = last + first.readInt32BE(last);
  assert.equal(first.readInt32BE(blankAt), 4096 - blankAt);
  assert.equal(first.readInt32BE(blankAt + 4), MAGIC_BLANK);
  assert.ok(first.subarray(blankAt + 8).every((byte) => byte === 0));
  assert.ok(offsets.includes(4096));
  assert.equal((await bodiesOf(store, 'T')).length, 20);
  await store.close();
});

test('a topic of more than 127 bytes takes the second form of the record', async () => {
  const { store, disk } = await opened();
  const topic = `%RETRY%${'g'.repeat(150)}`;
  const request = requestFor(store.queue(topic, 0), 'body');
  assert.equal(await append(store, request), PutStatus.Ok);
  const bytes = logBytes(disk);
  assert.equal(bytes.readInt32BE(4), 0xdaa320ab | 0);
  assert.equal(decodeRecords(bytes.subarray(0, request.recordBytes))[0]?.topic, topic);
  await store.close();
});

test('addresses of 16 bytes set the bits of the sysFlag', async () => {
  const { store } = await opened({ storeHost: encodeHost('[::1]:10911') });
  const request = requestFor(store.queue('T', 0), 'body');
  request.bornHost = encodeHost('[fe80::1]:50000');
  await append(store, request);
  const message = await store.lookMessage(request.physicalOffset);
  assert.equal(message?.sysFlag, 0x30);
  assert.equal(message.bornHost, '[fe80:0:0:0:0:0:0:1]:50000');
  await store.close();
});

test('a batch is stored whole or not at all, message after message', async () => {
  const { store } = await opened({ commitLogFileBytes: 4096, maxMessageBytes: 3000 });
  const queue = store.queue('T', 0);
  const messages = [...Array(5).keys()].map((n) => ({
    flag: n,
    body: Buffer.from(`part ${n}`),
    properties: encodeProperties([['KEYS', `key${n}`]]),
  }));
  const batch = encodeBatch(messages);
  const request = requestFor(queue, '');
  const scan = new BatchScan();
  scan.reset(batch, 0, batch.length);
  const done = new Promise<PutStatus>((resolve) => {
    request.completion = { completed: resolve };
  });
  assert.equal(store.appendBatch(request, scan), PutStatus.Ok);
  assert.equal(await done, PutStatus.Ok);
  assert.equal(request.physicalOffsets.length, 5);
  assert.deepEqual(await bodiesOf(store, 'T'), ['part 0', 'part 1', 'part 2', 'part 3', 'part 4']);
  const half = { flag: 0, body: Buffer.alloc(2900), properties: Buffer.alloc(0) };
  const big = encodeBatch([half, half]);
  scan.reset(big, 0, big.length);
  assert.equal(store.appendBatch(request, scan), PutStatus.MessageIllegal);
  assert.equal(queue.nextOffset, 5);
  await store.close();
});

test('what is too large or contradicts itself is refused, and nothing changes', async () => {
  const { store } = await opened({ maxMessageBytes: 1000 });
  const queue = store.queue('T', 0);
  const long = 'p'.repeat(32_750);
  const cases = [
    [requestFor(queue, 'x'.repeat(1001)), PutStatus.MessageIllegal, /1001 bytes, at most 1000/],
    [requestFor(queue, 'x', [['a', long]]), PutStatus.PropertiesSizeExceeded, /at most 32747/],
    [requestFor(store.queue('t'.repeat(255), 0), 'x'), PutStatus.Ok, /^$/],
  ] as const;
  for (const [request, status, reason] of cases) {
    assert.equal(await append(store, request), status);
    if (status !== PutStatus.Ok) assert.match(store.statusReason, reason);
  }
  const inner = requestFor(queue, 'x');
  inner.sysFlag = 0x80;
  assert.equal(await append(store, inner), PutStatus.MessageIllegal);
  assert.equal(queue.nextOffset, 0);
  await store.close();
});
