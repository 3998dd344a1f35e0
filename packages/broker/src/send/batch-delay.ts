/** Batches go to one queue at once: none of their messages can wait. */
import { type BatchScan, decodeProperties, type PropertyScan } from '@skylarkmq/message';
import { delayLevelOf, wantsTimer } from './delayed-properties.ts';

/** Why the batch is not taken; null when nothing in it asks for a delay. Rewinds the batch. */
// RocketMQ: CommitLog#putMessages for the batch itself; delays inside it are lost there.
export function batchDelayProblem(batch: BatchScan, scan: PropertyScan): string | null {
  let index = 0;
  for (batch.rewind(); batch.next(); index += 1) {
    const { buffer, propertiesStart, propertiesEnd } = batch;
    scan.scan(buffer, propertiesStart, propertiesEnd);
    if (!scan.special) continue;
    const wait = waitOf(decodeProperties(buffer, propertiesStart, propertiesEnd));
    if (wait !== null) return `message ${index} of the batch has ${wait}: send it by itself`;
  }
  batch.rewind();
  return null;
}

/** What a message says of a delay; null for nothing. */
export function waitOf(properties: ReadonlyMap<string, string>): string | null {
  const level = delayLevelOf(properties);
  if (level > 0 || Number.isNaN(level)) return 'a delay level';
  return wantsTimer(properties) ? 'a time of delivery' : null;
}
