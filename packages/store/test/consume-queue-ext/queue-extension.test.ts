/** docs/formats/consume-queue-ext.md */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeExtension,
  encodeExtension,
  extensionBytes,
  type QueueExtension,
} from '../../src/consume-queue-ext/queue-extension.ts';

function bytesOf(extension: QueueExtension): Buffer {
  const bytes = Buffer.alloc(extensionBytes(extension));
  encodeExtension(bytes, 0, extension);
  return bytes;
}

test('size, tags code, store time, size of the bit map, bit map', () => {
  const extension = { tagsCode: -2, storeTimestamp: 1e12, bitMap: Uint8Array.of(0x80, 1) };
  const bytes = bytesOf(extension);
  assert.equal(bytes.toString('hex'), '0016fffffffffffffffe000000e8d4a5100000028001');
  assert.deepEqual(decodeExtension(bytes, 0, bytes.length), extension);
});

test('what is not whole, or contradicts itself, is no unit', () => {
  const bytes = bytesOf({ tagsCode: 7, storeTimestamp: 1, bitMap: Uint8Array.of(1, 2, 3) });
  for (let end = 0; end < bytes.length; end += 1) {
    assert.equal(decodeExtension(bytes, 0, end), undefined);
  }
  const wrong = Buffer.from(bytes);
  wrong.writeInt16BE(4, 18);
  assert.equal(decodeExtension(wrong, 0, wrong.length), undefined);
  assert.equal(decodeExtension(Buffer.alloc(40), 0, 40), undefined);
});
