import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageQueue } from '@skylarkmq/testkit';
import fc from 'fast-check';
import {
  compareMessageQueues,
  isInherited,
  isReadable,
  isWritable,
  messageQueueKey,
  READ_WRITE,
  tagsCode,
  tagsCodeOfBytes,
} from '../src/index.ts';

test('the order is total and agrees with the key', () => {
  fc.assert(
    fc.property(messageQueue, messageQueue, (left, right) => {
      const order = compareMessageQueues(left, right);
      assert.equal(Math.sign(order), -Math.sign(compareMessageQueues(right, left)) || 0);
      assert.equal(order === 0, messageQueueKey(left) === messageQueueKey(right));
    }),
  );
});

test('permissions are bits', () => {
  assert.ok(isReadable(READ_WRITE) && isWritable(READ_WRITE) && !isInherited(READ_WRITE));
  assert.ok(isInherited(7) && !isWritable(4) && !isReadable(2));
});

test('the code of a tag is its hash, of no tag 0', () => {
  const buffer = Buffer.from('--标签--');
  assert.equal(tagsCodeOfBytes(buffer, 2, 8), tagsCode('标签'));
  assert.equal(tagsCodeOfBytes(buffer, -1, -1), 0);
  assert.equal(tagsCode(undefined), 0);
});
