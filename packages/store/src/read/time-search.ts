/** Offsets by time and times of offsets: record store times are read from the log itself. */
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import { FILLER_SIZE, UNIT_BYTES, unitPhysicalOffset, unitSize } from '../consume-queue/unit.ts';
import type { TimeBoundary } from '../message-store.ts';

/** Steps past lost units that a search makes before it gives up on that side. */
const LOST_UNITS_MAX = 1000;

/** Reads the store time of the record at a log position; -1 when there is none. */
export type StoreTimeReader = (physicalOffset: number, size: number) => number;

/** Store time of the message at `offset`; -1 when there is none. */
export function storeTimeAt(
  queue: ConsumeQueue,
  offset: number,
  readStoreTime: StoreTimeReader,
): number {
  const unit = Buffer.allocUnsafe(UNIT_BYTES);
  if (!queue.unitAt(offset, unit)) return -1;
  const size = unitSize(unit, 0);
  if (size <= 0 || size === FILLER_SIZE) return -1;
  return readStoreTime(unitPhysicalOffset(unit, 0), size);
}

/**
 * The first offset stored at or after `timestampMs` ('lower'), or the last one stored at or before
 * it ('upper'), clamped to the queue. RocketMQ: ConsumeQueue#binarySearchInQueueByTime
 */
export function searchByTime(
  queue: ConsumeQueue,
  timestampMs: number,
  boundary: TimeBoundary,
  readStoreTime: StoreTimeReader,
): number {
  const firstAfter = (limit: number): number => {
    let low = queue.minOffset;
    let high = queue.maxOffset;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (timeNear(queue, middle, high, readStoreTime) >= limit) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  if (boundary === 'lower') return firstAfter(timestampMs);
  return Math.max(queue.minOffset, firstAfter(timestampMs + 1) - 1);
}

/** The time at `offset`, or of the next message when that one is lost. */
function timeNear(
  queue: ConsumeQueue,
  offset: number,
  end: number,
  readStoreTime: StoreTimeReader,
): number {
  const last = Math.min(end, offset + LOST_UNITS_MAX);
  for (let at = offset; at < last; at += 1) {
    const time = storeTimeAt(queue, at, readStoreTime);
    if (time >= 0) return time;
  }
  return -1;
}
