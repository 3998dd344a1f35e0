/** Proves docs/formats/commit-log.md against records that a real Apache broker wrote. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  decodeProperties,
  decodeRecord,
  encodeHost,
  encodeProperties,
  encodeRecord,
  hasPropertyCrc,
  MAGIC_V2,
  RecordFields,
  RecordKind,
  RecordView,
} from '../src/index.ts';

const fixtures = join(import.meta.dirname, '../../../conformance/fixtures');
const directory = mkdtempSync(join(tmpdir(), 'skylark-record-'));
after(() => rmSync(directory, { recursive: true, force: true }));

interface ManifestRecord {
  readonly phyOffset: number;
  readonly totalSize: number;
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly sysFlag: number;
  readonly bodyLength: number;
  readonly bodySha256: string;
  readonly recordSha256: string;
  readonly keys?: string | null;
}

const names = ['clean-basic', 'crash-propcrc', 'batch-cq', 'lmq-multidispatch-ext', 'pop-proxy'];

function logOf(name: string): Buffer {
  execFileSync('tar', ['-xSzf', join(fixtures, `${name}.tar.gz`), '-C', directory]);
  const folder = join(directory, name, 'store/commitlog');
  return Buffer.concat(
    readdirSync(folder)
      .sort()
      .map((file) => readFileSync(join(folder, file))),
  );
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

for (const name of names) {
  test(`${name}: every record decodes as its manifest says and encodes to the same bytes`, () => {
    const log = logOf(name);
    const manifest: { records: ManifestRecord[] } = JSON.parse(
      readFileSync(join(fixtures, `${name}.json`), 'utf8'),
    );
    assert.ok(manifest.records.length > 0);
    for (const expected of manifest.records) check(log, expected);
  });
}

function check(log: Buffer, expected: ManifestRecord): void {
  const message = decodeRecord(log, expected.phyOffset);
  assert.equal(message.storeSize, expected.totalSize);
  assert.equal(message.topic, expected.topic);
  assert.equal(message.queueId, expected.queueId);
  assert.equal(message.queueOffset, expected.queueOffset);
  assert.equal(message.physicalOffset, expected.phyOffset);
  assert.equal(message.sysFlag, expected.sysFlag);
  assert.equal(message.body.length, expected.bodyLength);
  assert.equal(sha256(message.body), expected.bodySha256);
  const view = new RecordView();
  assert.equal(view.at(log, expected.phyOffset), RecordKind.Record);
  const encoded = reencode(view, message.bornHost, message.storeHost);
  assert.equal(sha256(encoded), expected.recordSha256);
}

function reencode(view: RecordView, bornHost: string, storeHost: string): Buffer {
  const fields = new RecordFields();
  fields.queueId = view.queueId;
  fields.flag = view.flag;
  fields.queueOffset = view.queueOffset;
  fields.physicalOffset = view.physicalOffset;
  fields.sysFlag = view.sysFlag;
  fields.bornTimestamp = view.bornTimestamp;
  fields.bornHost = encodeHost(bornHost);
  fields.storeTimestamp = view.storeTimestamp;
  fields.storeHost = encodeHost(storeHost);
  fields.reconsumeTimes = view.reconsumeTimes;
  fields.preparedTransactionOffset = view.preparedTransactionOffset;
  fields.body = view.buffer;
  fields.bodyStart = view.bodyStart;
  fields.bodyEnd = view.bodyEnd;
  fields.topic = view.buffer.subarray(view.topicStart, view.topicEnd);
  fields.v2 = view.magic === MAGIC_V2;
  fields.properties = view.buffer;
  fields.propertiesStart = view.propertiesStart;
  fields.propertyCrc = hasPropertyCrc(view.buffer, view.propertiesStart, view.propertiesEnd);
  fields.propertiesEnd = view.propertiesEnd - (fields.propertyCrc ? 20 : 0);
  const target = Buffer.alloc(view.totalSize + 7);
  const length = encodeRecord(target, 7, fields);
  return target.subarray(7, 7 + length);
}

test('a flipped bit anywhere in a record with property CRC is noticed', () => {
  const log = logOf('crash-propcrc');
  const view = new RecordView();
  assert.equal(view.at(log, 0), RecordKind.Record);
  const record = Buffer.from(log.subarray(0, view.totalSize));
  for (let bit = 0; bit < record.length * 8; bit += 5) {
    const broken = Buffer.from(record);
    broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const kind = view.at(broken, 0);
    assert.ok(kind !== RecordKind.Record || !view.checksumsMatch(true), `bit ${bit}`);
  }
});

test('properties survive a round trip and malformed pairs are dropped', () => {
  const properties = new Map([
    ['KEYS', 'a b'],
    ['TAGS', '标签'],
  ]);
  assert.deepEqual(decodeProperties(encodeProperties(properties)), properties);
  assert.deepEqual(
    decodeProperties(Buffer.from('A\u0001b\u0002C\u0001\u0002x\u0002D\u0001e')),
    new Map([
      ['A', 'b'],
      ['D', 'e'],
    ]),
  );
});
