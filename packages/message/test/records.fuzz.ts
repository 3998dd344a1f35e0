/** Damaged records, batches and properties: a clear answer, nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, randomSeed } from '@skylarkmq/base';
import { mutatedBytes, propertyMap, recordFields } from '@skylarkmq/testkit';
import fc from 'fast-check';
import {
  BatchScan,
  decodeOffsetMessageId,
  decodeProperties,
  decodeRecord,
  encodeBatch,
  encodeProperties,
  encodeRecord,
  PropertyScan,
  type RecordFields,
  RecordKind,
  RecordView,
} from '../src/index.ts';

const seed = Number(process.env['SEED'] ?? randomSeed());
const options = { seed, numRuns: 5000 };
const limits = { timeout: 600_000 };

/** Runs it; errors of ours are answers, all others fail the test. */
function answered(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof MqError)) throw error;
    assert.ok(['CORRUPT', 'INVALID_ARGUMENT', 'UNSUPPORTED'].includes(error.code), error.message);
  }
}

const ROOM = 70_000;
const target = Buffer.alloc(ROOM);

function encoded(fields: RecordFields): Buffer {
  return Buffer.from(target.subarray(0, encodeRecord(target, 0, fields)));
}

const records = recordFields.map(encoded);

test(`records (SEED=${seed})`, limits, () => {
  const view = new RecordView();
  fc.assert(
    fc.property(mutatedBytes(records), fc.nat({ max: 20 }), (bytes, offset) => {
      const buffer = Buffer.concat([Buffer.alloc(offset), bytes]);
      const kind = view.at(buffer, offset);
      if (kind !== RecordKind.Record) return;
      const end = offset + view.totalSize;
      assert.ok(end <= buffer.length);
      const positions = [view.bodyStart, view.bodyEnd, view.topicStart, view.topicEnd];
      positions.push(view.propertiesStart, view.propertiesEnd);
      assert.deepEqual(
        positions,
        positions.toSorted((left, right) => left - right),
      );
      assert.ok(view.bodyStart > offset && view.propertiesEnd === end);
      view.checksumsMatch();
      answered(() => void decodeRecord(buffer, offset));
    }),
    options,
  );
});

test(`a record with one flipped bit is not taken for whole (SEED=${seed})`, limits, () => {
  const view = new RecordView();
  const whole = recordFields
    .filter((fields) => fields.bodyEnd > 0)
    .map((fields) => {
      fields.propertyCrc = true;
      return encoded(fields);
    });
  fc.assert(
    fc.property(whole, fc.nat(), fc.nat({ max: 7 }), (bytes, position, bit) => {
      const at = position % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      const isWhole = view.at(bytes, 0) === RecordKind.Record && view.checksumsMatch(true);
      assert.ok(!isWhole, `bit ${bit} of byte ${at}`);
    }),
    options,
  );
});

test(`batches (SEED=${seed})`, limits, () => {
  const message = fc
    .tuple(fc.integer(), fc.uint8Array({ maxLength: 40 }), propertyMap)
    .map(([flag, body, properties]) => ({
      flag,
      body: Buffer.from(body),
      properties: encodeProperties(properties),
    }));
  const batches = fc.array(message, { minLength: 1, maxLength: 5 }).map(encodeBatch);
  const scan = new BatchScan();
  fc.assert(
    fc.property(mutatedBytes(batches), (bytes) => {
      answered(() => {
        scan.reset(bytes, 0, bytes.length);
        let count = 0;
        while (scan.next()) {
          count++;
          assert.ok(scan.bodyStart <= scan.bodyEnd && scan.propertiesEnd <= bytes.length);
        }
        assert.equal(count, scan.count);
      });
    }),
    options,
  );
});

test(`properties (SEED=${seed})`, limits, () => {
  const scan = new PropertyScan();
  fc.assert(
    fc.property(mutatedBytes(propertyMap.map(encodeProperties)), (bytes) => {
      answered(() => void decodeProperties(bytes, 0, bytes.length));
      answered(() => scan.scan(bytes, 0, bytes.length));
    }),
    options,
  );
});

test(`ids (SEED=${seed})`, limits, () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789abcdefG') })),
      (id) => answered(() => void decodeOffsetMessageId(id)),
    ),
    options,
  );
});
