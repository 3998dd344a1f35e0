import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeOffsetMessageId } from '@skylarkmq/message';
import fc from 'fast-check';
import { FieldName, ResponseWriter, Serialization } from '../../src/index.ts';
import { decodeFrame } from '../frame.ts';

const ID = new FieldName('msgId');
const IDS = new FieldName('msgIds');
const NUMBER = new FieldName('queueOffset');
const BYTES = new FieldName('transactionId');
const HOST = Buffer.from([10, 0, 0, 1, 0, 0, 0x2a, 0x9f]);
const HOST_V6 = Buffer.from([...new Array(15).fill(0), 1, 0, 0, 0x2a, 0x9f]);

const offset = fc.maxSafeNat();
const cases = fc.record({
  form: fc.constantFrom(Serialization.Json, Serialization.Binary),
  code: fc.integer({ min: 0, max: 0x7fff }),
  opaque: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  remark: fc.option(
    fc.string({ unit: fc.constantFrom(...'abc XYZ[]:.'), minLength: 1, maxLength: 80 }),
  ),
  number: fc.maxSafeInteger(),
  offsets: fc.array(offset, { minLength: 1, maxLength: 8 }),
  bytes: fc.string({ unit: fc.constantFrom(...'0123456789ABCDEF'), minLength: 1, maxLength: 40 }),
  v6: fc.boolean(),
  before: fc.nat({ max: 100 }),
  body: fc.nat({ max: 50 }),
});

test('what is written field by field is a frame with these fields', () => {
  const writer = new ResponseWriter();
  fc.assert(
    fc.property(
      cases,
      ({ form, code, opaque, remark, number, offsets, bytes, v6, before, body }) => {
        const target = Buffer.alloc(4096, 0xee);
        const host = v6 ? HOST_V6 : HOST;
        const source = Buffer.from(`xx${bytes}yy`);
        writer.begin(
          target,
          before,
          form,
          code,
          opaque,
          remark === null ? null : Buffer.from(remark),
        );
        writer.messageId(ID, host, offsets[0] ?? 0);
        writer.messageIds(IDS, host, offsets);
        writer.number(NUMBER, number);
        writer.bytes(BYTES, source, 2, 2 + bytes.length);
        const end = before + writer.end(body);
        const command = decodeFrame(target.subarray(before, end + body));
        assert.deepEqual([command.code, command.opaque, command.remark], [code, opaque, remark]);
        assert.ok(command.isResponse && command.serialization === form);
        assert.equal(command.body?.length ?? 0, body);
        assert.ok(
          target.subarray(0, before).every((byte) => byte === 0xee),
          'nothing before it',
        );
        assert.equal(target[end], 0xee, 'nothing behind it');
        const { msgId = '', msgIds = '', ...rest } = Object.fromEntries(command.ext);
        assert.deepEqual(rest, { queueOffset: String(number), transactionId: bytes });
        const found = msgIds.split(',').map((one) => decodeOffsetMessageId(one).physicalOffset);
        assert.deepEqual(found, offsets);
        assert.equal(decodeOffsetMessageId(msgId).physicalOffset, offsets[0]);
        assert.equal(msgId.length, v6 ? 56 : 32);
      },
    ),
  );
});

test('an answer without fields', () => {
  const writer = new ResponseWriter();
  for (const form of [Serialization.Json, Serialization.Binary]) {
    const target = Buffer.alloc(500);
    writer.begin(target, 0, form, 19, 5);
    const command = decodeFrame(target.subarray(0, writer.end()));
    assert.deepEqual([command.code, command.opaque, command.ext.size], [19, 5, 0]);
  }
});
