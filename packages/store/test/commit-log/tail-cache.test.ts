import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PendingRing } from '../../src/commit-log/pending-ring.ts';
import { TailCache } from '../../src/commit-log/tail-cache.ts';

const MIB = 1024 * 1024;
const FILE = { path: '/a', start: 0 };
const NEXT = { path: '/b', start: 64 * MIB };

function fill(tail: TailCache, from: number, count: number, bytes: number): number {
  let at = from;
  for (let i = 0; i < count; i += 1) {
    const chunk = tail.reserve(at < NEXT.start ? FILE : NEXT, at, bytes);
    chunk.buffer.fill(i & 255, at - chunk.base, at - chunk.base + bytes);
    at += bytes;
    chunk.end = at;
  }
  return at;
}

test('every byte is found in the chunk that has it, in one file each', () => {
  const tail = new TailCache(8 * MIB, 64 * MIB);
  const end = fill(tail, 0, 3000, 1000);
  for (const offset of [0, 999, 1_000_000, 2_999_999]) {
    const chunk = tail.find(offset);
    assert.equal(chunk?.buffer[offset - chunk.base], Math.floor(offset / 1000) & 255);
  }
  assert.equal(tail.find(end), null);
  const first = tail.reserve(NEXT, NEXT.start, 10);
  assert.equal(first.base, NEXT.start);
});

test('memory is bounded, and reused when nobody reads it', () => {
  const tail = new TailCache(4 * MIB, 64 * MIB);
  let end = fill(tail, 0, 2000, 1000);
  const held = tail.find(0);
  assert.ok(held);
  held.pins += 1;
  const before = Buffer.from(held.buffer);
  for (let round = 0; round < 20; round += 1) {
    end = fill(tail, end, 1000, 1000);
    tail.trim(end);
    assert.ok(tail.bytes <= 6 * MIB);
  }
  assert.ok(tail.start > 0);
  assert.ok(held.buffer.equals(before), 'a chunk that is read is never written again');
});

test('what is read at the old end stays, until there is twice as much', () => {
  const tail = new TailCache(8 * MIB, 64 * MIB);
  let end = fill(tail, 0, 8000, 1000);
  for (let round = 0; round < 7; round += 1) {
    end = fill(tail, end, 1000, 1000);
    assert.ok(tail.find(0), 'somebody reads it again and again');
    tail.trim(end);
  }
  assert.equal(tail.start, 0);
  assert.ok(tail.bytes > 8 * MIB);
  while (tail.bytes <= 16 * MIB) end = fill(tail, end, 1000, 1000);
  tail.find(0);
  tail.trim(end);
  assert.ok(tail.start > 0, 'there is a limit all the same');
  assert.ok(tail.bytes <= 16 * MIB);
});

test('what nobody reads any more goes', () => {
  const tail = new TailCache(8 * MIB, 64 * MIB);
  let end = fill(tail, 0, 12_000, 1000);
  tail.find(0);
  tail.trim(end);
  assert.equal(tail.start, 0);
  end = fill(tail, end, 2200, 1000);
  tail.trim(end);
  assert.ok(tail.start > 0);
  assert.ok(tail.bytes <= 8 * MIB);
});

test('nothing goes that is not written yet', () => {
  const tail = new TailCache(MIB, 64 * MIB);
  fill(tail, 0, 5000, 1000);
  tail.trim(500);
  assert.equal(tail.start, 0);
});

test('truncation forgets the end', () => {
  const tail = new TailCache(8 * MIB, 64 * MIB);
  fill(tail, 0, 3000, 1000);
  tail.truncate(1_500_500);
  assert.equal(tail.find(1_500_500), null);
  assert.ok(tail.find(1_500_499));
  const visited: number[] = [];
  tail.forEachFrom(1_400_000, (chunk, start) => visited.push(start, chunk.end));
  assert.equal(visited[0], 1_400_000);
  assert.equal(visited[visited.length - 1], 1_500_500);
});

test('the ring keeps entries and hashes apart while it grows', () => {
  const ring = new PendingRing();
  let released = 0;
  for (let i = 0; i < 20_000; i += 1) {
    const slot = ring.push();
    ring.physicalOffsets[slot] = i;
    ring.keyCounts[slot] = 0;
    for (let key = 0; key < i % 4; key += 1) ring.pushHash(slot, i * 10 + key);
    if (i % 3 !== 0) continue;
    const oldest = ring.slot(ring.head);
    assert.equal(ring.physicalOffsets[oldest], released);
    assert.equal(ring.keyCounts[oldest], released % 4);
    for (let key = 0; key < released % 4; key += 1) {
      assert.equal(ring.hashes[ring.hashSlot(ring.hashHead + key)], released * 10 + key);
    }
    ring.release();
    released += 1;
  }
  const newest = ring.pop();
  assert.equal(ring.physicalOffsets[newest], 19_999);
  assert.equal(ring.length, 20_000 - released - 1);
});
