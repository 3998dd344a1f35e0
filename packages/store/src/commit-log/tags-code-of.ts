import { type PropertyScan, tagsCodeOfBytes } from '@skylarkmq/message';
import type { Topic } from '../consume-queue/topic.ts';

/** Delay of a level that is not known. RocketMQ: ScheduleMessageService#computeDeliverTimestamp */
const UNKNOWN_LEVEL_MS = 1000;

/** What the consume queue gets for a message: its tag's hash, or when it is to be delivered. */
export function tagsCodeOf(
  properties: Buffer,
  scan: PropertyScan,
  topic: Topic,
  storeTimestamp: number,
  delayLevelsMs: readonly number[],
): number {
  if (topic.isSchedule && scan.delayStart >= 0) {
    let level = number(properties, scan.delayStart, scan.delayEnd);
    if (level > 0) {
      level = Math.min(level, delayLevelsMs.length);
      return storeTimestamp + (delayLevelsMs[level - 1] ?? UNKNOWN_LEVEL_MS);
    }
  }
  return tagsCodeOfBytes(properties, scan.tagsStart, scan.tagsEnd);
}

/** A decimal number; 0 when it is none. */
function number(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9 || value > 1e6) return 0;
    value = value * 10 + digit;
  }
  return value;
}
