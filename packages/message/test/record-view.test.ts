/** Proves docs/formats/commit-log.md on records of every form that the encoder can write. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError } from '@skylarkmq/base';
import { recordFields } from '@skylarkmq/testkit';
import fc from 'fast-check';
import {
  decodeProperties,
  decodeRecord,
  decodeRecords,
  encodeRecord,
  MAGIC_BLANK,
  MAGIC_V1,
  PROPERTY_CRC_BYTES,
  RecordKind,
  RecordView,
  recordLength,
} from '../src/index.ts';

const ROOM = 70_000;

function encoded(fields: Parameters<typeof encodeRecord>[2], position = 0): Buffer {
  const target = Buffer.alloc(position + ROOM, 0x55);
  const length = encodeRecord(target, position, fields);
  assert.equal(target[position + length], 0x55, 'nothing is written behind the record');
  return target.subarray(position, position + length);
}

test('every field survives, at any position, with a fitting checksum', () => {
  fc.assert(
    fc.property(recordFields, fc.nat({ max: 9 }), (fields, position) => {
      const record = encoded(fields, position);
      const propertiesBytes =
        fields.properties.length + (fields.propertyCrc ? PROPERTY_CRC_BYTES : 0);
      const { bornHost, storeHost, topic, v2 } = fields;
      const sizes = [bornHost.length, storeHost.length] as const;
      const length = recordLength(fields.body.length, topic.length, propertiesBytes, v2, ...sizes);
      assert.equal(record.length, length);
      const view = new RecordView();
      assert.equal(view.at(record, 0), RecordKind.Record, view.reason);
      assert.equal(view.checksumsMatch(fields.propertyCrc), true);
      assert.equal(view.totalSize, length);
      for (const name of ['queueId', 'flag', 'queueOffset', 'physicalOffset', 'sysFlag'] as const) {
        assert.equal(view[name], fields[name], name);
      }
      for (const name of ['bornTimestamp', 'storeTimestamp', 'reconsumeTimes'] as const) {
        assert.equal(view[name], fields[name], name);
      }
      const message = decodeRecord(record);
      assert.deepEqual(message.body, fields.body);
      assert.equal(message.topic, topic.toString());
      assert.equal(message.preparedTransactionOffset, fields.preparedTransactionOffset);
      const expected = decodeProperties(fields.properties);
      const found = new Map(message.properties);
      assert.equal(found.delete('__CRC32#'), fields.propertyCrc);
      assert.deepEqual(found, expected);
    }),
  );
});

test('a record that is cut is incomplete, never anything else', () => {
  fc.assert(
    fc.property(recordFields, fc.float({ min: 0, max: 1, noNaN: true }), (fields, part) => {
      const record = encoded(fields);
      const end = Math.min(record.length - 1, Math.floor(part * record.length));
      assert.equal(new RecordView().at(record, 0, end), RecordKind.Incomplete);
    }),
  );
});

test('random damage never throws anything but CORRUPT', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(recordFields, damage, (fields, changes) => {
      const record = encoded(fields);
      for (const [at, byte] of changes) record[at % Math.min(record.length, 160)] = byte;
      try {
        decodeRecord(record);
      } catch (error) {
        assert.ok(error instanceof MqError && error.code === 'CORRUPT', String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test('filler, zeros and nonsense are told apart', () => {
  const view = new RecordView();
  const bytes = Buffer.alloc(100);
  assert.equal(view.at(bytes, 0), RecordKind.Corrupt);
  bytes.writeInt32BE(60, 0);
  bytes.writeInt32BE(MAGIC_BLANK, 4);
  assert.equal(view.at(bytes, 0), RecordKind.Blank);
  assert.equal(view.totalSize, 60);
  assert.equal(view.at(bytes, 94), RecordKind.Incomplete);
  bytes.writeInt32BE(MAGIC_V1, 4);
  assert.equal(view.at(bytes, 0), RecordKind.Corrupt);
  assert.match(view.reason, /60 bytes/);
  bytes.writeInt32BE(-1, 0);
  assert.equal(view.at(bytes, 0), RecordKind.Corrupt);
});

test('records in a row are read until the end', () => {
  fc.assert(
    fc.property(fc.array(recordFields, { maxLength: 4 }), (list) => {
      const messages = decodeRecords(Buffer.concat(list.map((fields) => encoded(fields))));
      assert.deepEqual(
        messages.map((message) => message.queueOffset),
        list.map((fields) => fields.queueOffset),
      );
    }),
    { numRuns: 30 },
  );
});
