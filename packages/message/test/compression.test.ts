import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyBytes } from '@skylarkmq/testkit';
import fc from 'fast-check';
import {
  type CompressionCodec,
  compressionFlag,
  compressionTypeOf,
  decompressBody,
  zlibCodec,
} from '../src/index.ts';

test('a zlib body survives, also with the flags of old clients', () => {
  fc.assert(
    fc.property(bodyBytes, (body) => {
      const compressed = zlibCodec.compress(body);
      assert.deepEqual(decompressBody(compressed, compressionFlag('zlib')), body);
      assert.deepEqual(decompressBody(compressed, 1), body);
      assert.equal(decompressBody(body, 0), body);
    }),
  );
});

test('the flags name the algorithm', () => {
  assert.equal(compressionFlag('zlib'), 0x301);
  assert.equal(compressionTypeOf(compressionFlag('lz4')), 'lz4');
  assert.equal(compressionTypeOf(compressionFlag('zstd')), 'zstd');
  assert.equal(compressionTypeOf(0x300), undefined);
});

test('bombs, nonsense and unknown algorithms are errors', () => {
  const bomb = zlibCodec.compress(Buffer.alloc(10_000_000));
  assert.throws(() => decompressBody(bomb, 1, [], 1_000_000), /does not decompress with zlib/);
  assert.throws(() => decompressBody(Buffer.from('nonsense'), 1), /does not decompress/);
  assert.throws(() => decompressBody(bomb, 0x101), /compressed with lz4: hand a codec/);
  const lz4: CompressionCodec = {
    type: 'lz4',
    compress: (body) => Buffer.from(body),
    decompress: (body) => Buffer.from(body),
  };
  assert.equal(decompressBody(Buffer.from('x'), 0x101, [lz4]).toString(), 'x');
});
