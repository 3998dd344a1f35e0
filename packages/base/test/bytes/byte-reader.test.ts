import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader, ByteWriter, MqError } from '../../src/index.ts';

const isCorrupt = (error: unknown): boolean => error instanceof MqError && error.code === 'CORRUPT';

test('reads what was written', () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
  const int16 = fc.integer({ min: -0x8000, max: 0x7fff });
  const int8 = fc.integer({ min: 0, max: 255 });
  const safe = fc.maxSafeInteger();
  fc.assert(
    fc.property(int8, int16, int32, int64, safe, fc.string(), (a, b, c, d, e, text) => {
      const bytes = Buffer.from(text);
      const writer = new ByteWriter(1).u8(a).i16(b).i32(c).i64(d).i64(e);
      const written = writer
        .i32(bytes.length)
        .utf8(text)
        .bytes(Buffer.from([7, 8]))
        .toBuffer();
      const reader = new ByteReader(written);
      assert.equal(reader.u8(), a);
      assert.equal(reader.i16(), b);
      assert.equal(reader.i32(), c);
      assert.equal(reader.i64(), d);
      assert.equal(reader.i64Number(), e);
      assert.equal(reader.utf8(reader.i32()), text);
      reader.skip(1);
      assert.deepEqual([...reader.bytes(1)], [8]);
      assert.equal(reader.remaining, 0);
      assert.equal(reader.position, written.length);
    }),
  );
});

test('unsigned fields', () => {
  const reader = new ByteReader(Buffer.alloc(6, 0xff));
  assert.equal(reader.u16(), 0xffff);
  assert.equal(reader.u32(), 0xffffffff);
});

test('past the end, negative lengths and inexact numbers are corrupt', () => {
  const buffer = Buffer.alloc(8, 0x7f);
  assert.throws(() => new ByteReader(buffer).i64Number(), isCorrupt);
  assert.throws(() => new ByteReader(buffer, 5).i32(), isCorrupt);
  assert.throws(() => new ByteReader(buffer, 0, 3).i32(), isCorrupt);
  assert.throws(() => new ByteReader(buffer).bytes(-1), isCorrupt);
  assert.throws(() => new ByteReader(buffer).bytes(Number.NaN), isCorrupt);
  assert.throws(() => new ByteReader(buffer).skip(9), isCorrupt);
});
