/** Where a queue begins, when the log in front of it was removed. */
import type { ConsumeQueue } from './consume-queue.ts';
import { FILLER_SIZE, UNIT_BYTES, unitPhysicalOffset, unitSize } from './unit.ts';

/**
 * Moves `minOffset` to the first unit whose record the log still has; an empty queue keeps its
 * offsets. RocketMQ: ConsumeQueue#correctMinOffset
 */
export function correctMinOffset(queue: ConsumeQueue, minPhysicalOffset: number): void {
  const unit = Buffer.allocUnsafe(UNIT_BYTES);
  const isThere = (offset: number): boolean => {
    // A unit that stands for a lost message says nothing: the next one decides.
    let at = offset;
    while (at < queue.maxOffset && isFiller(queue, at, unit)) at += 1;
    return queue.unitAt(at, unit) && unitPhysicalOffset(unit, 0) >= minPhysicalOffset;
  };
  const first = (queue.segments.first?.start ?? 0) / UNIT_BYTES;
  if (queue.minOffset < first) queue.minOffset = Math.min(first, queue.maxOffset);
  let low = queue.minOffset;
  // Most queues are asked in vain: one look is enough.
  let high = isThere(low) ? low : queue.maxOffset;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isThere(middle)) high = middle;
    else low = middle + 1;
  }
  while (low < queue.maxOffset && isFiller(queue, low, unit)) low += 1;
  queue.minOffset = low;
}

/** Removes files whose last unit points before the log; never the last file. */
export function dropOldSegments(queue: ConsumeQueue, minPhysicalOffset: number): void {
  const unit = Buffer.allocUnsafe(UNIT_BYTES);
  const { segments } = queue;
  while (segments.segments.length > 1) {
    const { first } = segments;
    if (first === undefined) return;
    const lastUnit = (first.start + segments.fileBytes) / UNIT_BYTES - 1;
    if (lastUnit >= queue.flushedOffset || queue.readSync(lastUnit, 1, unit) !== 1) return;
    if (unitPhysicalOffset(unit, 0) >= minPhysicalOffset) return;
    segments.remove(first);
  }
}

function isFiller(queue: ConsumeQueue, offset: number, unit: Buffer): boolean {
  return queue.unitAt(offset, unit) && unitSize(unit, 0) === FILLER_SIZE;
}
