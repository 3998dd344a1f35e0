/** What Apache finds in the timer log after a clean stop of ours: docs/formats/timer.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileSystem } from '@skylarkmq/base';
import { TimerBroker } from './timer-broker.ts';

const UNIT_BYTES = 52;
const LOG = '/store/timerlog/00000000000000000000';

function readAll(disk: FileSystem, path: string): Buffer {
  const file = disk.open(path, 'r');
  const bytes = Buffer.alloc(file.size());
  file.readSync(bytes, 0, bytes.length, 0);
  file.close();
  return bytes;
}

/**
 * Offsets of the records that Apache delivers from the checkpoint's time on: its slots get the
 * newest entry of their second in the log, and chains go back from there.
 */
// RocketMQ: TimerMessageStore#recoverAndRevise, #dequeue
function apacheDelivers(disk: FileSystem): Set<number> {
  const log = readAll(disk, LOG);
  const fromMs = Number(readAll(disk, '/store/config/timercheck').readBigInt64BE(0));
  const newest = new Map<number, number>();
  for (let at = 0; log.readInt32BE(at) === UNIT_BYTES; at += UNIT_BYTES) {
    const outMs = Number(log.readBigInt64BE(at + 16)) + log.readInt32BE(at + 24);
    newest.set(Math.floor(outMs / 1000), at);
  }
  const found = new Set<number>();
  for (const [second, last] of newest) {
    if (second * 1000 < fromMs) continue;
    for (let at = last; at >= 0; at = Number(log.readBigInt64BE(at + 4))) {
      found.add(Number(log.readBigInt64BE(at + 28)));
    }
  }
  return found;
}

test('after a stop in any part of a second, Apache finds what is not delivered', async () => {
  // Newest first, newest last, and in between; the stop before, among and behind those of a second.
  const orders = [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ];
  for (const order of orders) {
    for (const stopMs of [1050, 1150, 1250, 1350, 1999]) {
      const broker = await TimerBroker.start({ logFileBytes: UNIT_BYTES * 100 });
      const nowMs = broker.time.nowMs();
      const startMs = nowMs - (nowMs % 1000) + 1000;
      const offsets = new Map<number, number>();
      const dues = [0, 1000, 2000].flatMap((ms) =>
        order.map((at) => startMs + ms + 100 * (1 + at)),
      );
      for (const dueMs of dues) {
        const { physicalOffset } = await broker.sendAt(String(dueMs), dueMs);
        offsets.set(dueMs, physicalOffset);
      }
      await broker.advance(startMs + stopMs - broker.time.nowMs());
      await broker.close();
      const left = dues.filter((dueMs) => dueMs > startMs + stopMs);
      const wanted = left.map((dueMs) => offsets.get(dueMs) ?? -1).sort((a, b) => a - b);
      const found = [...apacheDelivers(broker.disk)].sort((a, b) => a - b);
      assert.deepEqual(found, wanted, `sent in order ${order}, stopped after ${stopMs} ms`);
    }
  }
});
