import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWriter } from '../../src/index.ts';

test('keeps the low bits of what does not fit, as Java casts do', () => {
  const bytes = new ByteWriter()
    .u8(0x1ff)
    .i16(0x1ffff)
    .i32(2 ** 32 + 5)
    .toBuffer();
  assert.equal(bytes.toString('hex'), 'ffffff00000005');
});

test('grows up to its limit and not beyond', () => {
  const writer = new ByteWriter(2, 8).i64(-1n);
  assert.equal(writer.position, 8);
  assert.throws(() => writer.u8(0), /limit of 8 bytes/);
  assert.equal(writer.toBuffer().length, 8);
});
