import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, VirtualTime } from '@skylarkmq/base';
import { hostText } from '@skylarkmq/testkit';
import fc from 'fast-check';
import {
  createUniqueIdGenerator,
  decodeHost,
  decodeOffsetMessageId,
  encodeHost,
  encodeOffsetMessageId,
  timeOfUniqueId,
} from '../src/index.ts';

test('offset ids have the form of Java and survive', () => {
  const host = encodeHost('127.0.0.1:30911');
  assert.equal(encodeOffsetMessageId(host, 0), '7F000001000078BF0000000000000000');
  fc.assert(
    fc.property(hostText, fc.maxSafeInteger(), (text, offset) => {
      const physicalOffset = Math.abs(offset);
      const bytes = encodeHost(text);
      const id = encodeOffsetMessageId(bytes, physicalOffset);
      assert.equal(id.length, bytes.length === 8 ? 32 : 56);
      const decoded = decodeOffsetMessageId(id);
      assert.equal(decoded.host, decodeHost(bytes, 0, bytes.length === 20));
      assert.equal(decoded.physicalOffset, physicalOffset);
    }),
  );
});

test('what is no offset id is refused', () => {
  for (const id of [
    '',
    'xyz',
    '7F'.repeat(15),
    'G'.repeat(32),
    `${'0'.repeat(16)}${'F'.repeat(16)}`,
  ]) {
    assert.throws(() => decodeOffsetMessageId(id), /offset/, id);
  }
});

test('unique ids differ, carry their parts and tell their time', async () => {
  const start = new Date(2026, 10, 24, 17, 0, 0).getTime();
  const time = new VirtualTime(realScheduler, start);
  const ip = Buffer.from([10, 0, 0, 7]);
  const next = createUniqueIdGenerator({ clock: time, ip, processId: 0x1234, hash: -1 });
  const ids = new Set(Array.from({ length: 70_000 }, () => next()));
  assert.equal(ids.size, 65_536, 'the counter has 16 bits in one millisecond');
  const id = next();
  assert.match(id, /^0A0000071234FFFFFFFF[0-9A-F]{12}$/);
  await time.advance(10);
  assert.equal(timeOfUniqueId(id, time.nowMs()), start);
  assert.equal(timeOfUniqueId('short', time.nowMs()), undefined);
});

test('the month rolls over', async () => {
  const start = new Date(2026, 10, 30, 23, 59, 59, 900).getTime();
  const time = new VirtualTime(realScheduler, start);
  const ip = Buffer.from([1, 2, 3, 4]);
  const next = createUniqueIdGenerator({ clock: time, ip, processId: 1, hash: 1 });
  const before = next();
  await time.advance(200);
  const after = next();
  await time.advance(1);
  assert.equal(timeOfUniqueId(after, time.nowMs()), start + 200);
  assert.equal(timeOfUniqueId(before, time.nowMs()), start);
});
