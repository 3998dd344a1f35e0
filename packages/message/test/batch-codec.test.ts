/** Proves the batches of docs/formats/message-record.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError } from '@skylarkmq/base';
import { bodyBytes, propertyMap } from '@skylarkmq/testkit';
import fc from 'fast-check';
import { BatchScan, batchMessageBytes, encodeBatch, encodeProperties } from '../src/index.ts';

const messages = fc.array(
  fc.record({ flag: fc.nat(), body: bodyBytes, properties: propertyMap.map(encodeProperties) }),
  { minLength: 1, maxLength: 8 },
);

test('a batch survives, also inside a larger buffer', () => {
  const scan = new BatchScan();
  fc.assert(
    fc.property(messages, (list) => {
      const batch = encodeBatch(list);
      assert.equal(
        batch.length,
        list.reduce((sum, one) => sum + batchMessageBytes(one), 0),
      );
      const buffer = Buffer.concat([Buffer.alloc(3, 9), batch, Buffer.alloc(3, 9)]);
      scan.reset(buffer, 3, 3 + batch.length);
      assert.equal(scan.count, list.length);
      for (const expected of list) {
        assert.ok(scan.next());
        assert.equal(scan.flag, expected.flag);
        assert.deepEqual(buffer.subarray(scan.bodyStart, scan.bodyEnd), expected.body);
        const properties = buffer.subarray(scan.propertiesStart, scan.propertiesEnd);
        assert.deepEqual(properties, expected.properties);
      }
      assert.equal(scan.next(), false);
    }),
  );
});

test('damage is CORRUPT or another batch, never anything else', () => {
  const scan = new BatchScan();
  const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(messages, fc.array(change, { maxLength: 3 }), fc.nat(), (list, changes, cut) => {
      const batch = encodeBatch(list);
      for (const [at, byte] of changes) batch[at % batch.length] = byte;
      try {
        scan.reset(batch, 0, batch.length - (cut % 3));
      } catch (error) {
        assert.ok(error instanceof MqError && error.code === 'CORRUPT', String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test('an empty batch and overlong properties are refused', () => {
  assert.throws(() => new BatchScan().reset(Buffer.alloc(0), 0, 0), /no message/);
  const properties = Buffer.alloc(32768);
  assert.throws(() => encodeBatch([{ flag: 0, body: Buffer.alloc(0), properties }]), /32768 bytes/);
});
