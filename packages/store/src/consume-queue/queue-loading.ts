/** How far a queue's files go, when nobody kept note: as Apache finds it out. */
import type { Segment } from '../file/segment-list.ts';
import type { ConsumeQueue } from './consume-queue.ts';
import { FILLER_SIZE, UNIT_BYTES, unitPhysicalOffset, unitSize } from './unit.ts';

const BATCH_UNITS = 3000;

/**
 * Sets the queue's range from its files: up to the first unit that is none, or that points to
 * `limit` or beyond. RocketMQ: ConsumeQueue#recover, #truncateDirtyLogicFiles
 */
export function loadRange(queue: ConsumeQueue, limit: number): void {
  const { segments } = queue;
  for (let i = segments.segments.length - 1; i >= 0; i -= 1) {
    const segment = segments.segments[i];
    if (segment === undefined) continue;
    const units = countUnits(queue, segment, limit);
    if (units === 0 && i > 0) continue;
    const first = (segments.first?.start ?? 0) / UNIT_BYTES;
    queue.setRange(first, segment.start / UNIT_BYTES + units);
    return;
  }
}

/** End of the record that the last unit points to; 0 without units, -1 when they are not there. */
export function lastPhysicalEnd(queue: ConsumeQueue): number {
  const unit = Buffer.allocUnsafe(UNIT_BYTES);
  for (let at = queue.maxOffset - 1; at >= queue.minOffset; at -= 1) {
    if (!queue.unitAt(at, unit) || unitSize(unit, 0) <= 0) return -1;
    if (unitSize(unit, 0) !== FILLER_SIZE) return unitPhysicalOffset(unit, 0) + unitSize(unit, 0);
  }
  return 0;
}

function countUnits(queue: ConsumeQueue, segment: Segment, limit: number): number {
  const perFile = queue.segments.fileBytes / UNIT_BYTES;
  const batch = Buffer.allocUnsafe(BATCH_UNITS * UNIT_BYTES);
  const first = segment.start / UNIT_BYTES;
  // What is to be read lies in the file, whatever the queue knew before.
  queue.setRange(first, first + perFile);
  for (let at = 0; at < perFile; ) {
    const read = queue.readSync(first + at, Math.min(BATCH_UNITS, perFile - at), batch);
    if (read === 0) return at;
    for (let i = 0; i < read; i += 1) {
      const size = unitSize(batch, i * UNIT_BYTES);
      const physical = unitPhysicalOffset(batch, i * UNIT_BYTES);
      if (size <= 0 || physical < 0) return at + i;
      if (size !== FILLER_SIZE && physical >= limit) return at + i;
    }
    at += read;
  }
  return perFile;
}
