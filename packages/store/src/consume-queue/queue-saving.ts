/**
 * Makes all queues durable: some in their own files, the others by a copy of their newest units in
 * the snapshot. Syncing a file costs a hundred times what copying some units does, and there may be
 * tens of thousands of files.
 */
import type { FileSystem } from '@skylarkmq/base';
import type { ConsumeQueue } from './consume-queue.ts';
import { SnapshotWriter } from './queue-snapshot.ts';
import type { QueueTable } from './queue-table.ts';
import { UNIT_BYTES } from './unit.ts';

/** A queue with more units than this that are not durable in its files is synced. */
const COPIED_UNITS_MAX = 256;
const NO_UNITS = Buffer.alloc(0);

export interface QueueSavingDeps {
  readonly fileSystem: FileSystem;
  /** Where the snapshot lies. */
  readonly directory: string;
  /** What to wait for when it is time to let others work. */
  readonly pause: () => Promise<void> | null;
  /** Makes a file durable, if it still exists. */
  readonly sync: (path: string) => Promise<void>;
  /** Durable before the units that point there are. */
  readonly extensions?: { sync(): Promise<void> };
}

export interface SavingPlan {
  /** Queues before this place in `ranges` had their turn. */
  readonly from: number;
  /** How many queues are synced although their units could be copied, */
  readonly syncs: number;
  /** as long as there is time for it. */
  readonly hasTime: () => boolean;
  /** Whether units that are only in files are read from there, rather than the file be synced. */
  readonly readsBack: boolean;
}

/** A queue's range as it was at one moment. */
export interface QueueRange {
  readonly queue: ConsumeQueue;
  readonly minOffset: number;
  readonly maxOffset: number;
}

/** The ranges of all queues as they are now, by topic. */
export function rangesOf(queues: QueueTable): QueueRange[] {
  const ranges: QueueRange[] = [];
  for (const queue of queues.all()) {
    const { minOffset, maxOffset } = queue;
    if (maxOffset > 0) ranges.push({ queue, minOffset, maxOffset });
  }
  return ranges;
}

/**
 * Makes the ranges durable and writes the snapshot for `offset`. Returns how many queues have units
 * that are durable there only, and where the next turn begins.
 */
export async function saveQueues(
  deps: QueueSavingDeps,
  offset: number,
  ranges: readonly QueueRange[],
  plan: SavingPlan,
): Promise<{ copied: number; next: number }> {
  await deps.extensions?.sync();
  const writer = new SnapshotWriter(deps.fileSystem, deps.directory, offset);
  let left = plan.syncs;
  let copied = 0;
  let next = 0;
  try {
    for (const [i, range] of ranges.entries()) {
      const { queue } = range;
      const { topic } = queue;
      if (ranges[i - 1]?.queue.topic !== topic) await writer.beginTopic(topic, count(ranges, i));
      const isOpen = i >= plan.from && queue.syncedOffset < range.maxOffset;
      if (isOpen && left > 0 && !plan.hasTime()) {
        left = 0;
        next = i;
      }
      const hasTurn = isOpen && left > 0;
      if (hasTurn) left -= 1;
      if (hasTurn && left === 0) next = i + 1;
      if (hasTurn || mustSync(range, plan)) await syncQueue(queue, deps.sync);
      copied += (await save(writer, range, deps)) ? 1 : 0;
      const pause = deps.pause();
      if (pause !== null) await pause;
    }
  } catch (error) {
    writer.discard();
    throw error;
  }
  await writer.finish();
  return { copied, next };
}

/** Queues of the topic at place `at`, which stand in a row. */
function count(ranges: readonly QueueRange[], at: number): number {
  const topic = ranges[at]?.queue.topic;
  let end = at + 1;
  while (ranges[end]?.queue.topic === topic) end += 1;
  return end - at;
}

function mustSync({ queue, minOffset, maxOffset }: QueueRange, plan: SavingPlan): boolean {
  if (queue.isRewritten) return true;
  const from = Math.max(queue.syncedOffset, minOffset);
  if (from >= maxOffset) return false;
  if (plan.readsBack) return false;
  return maxOffset - from > COPIED_UNITS_MAX || queue.tail === null || from < queue.tailBase;
}

/** Says whether units had to be copied. */
async function save(
  writer: SnapshotWriter,
  range: QueueRange,
  deps: QueueSavingDeps,
): Promise<boolean> {
  const { queue, minOffset, maxOffset } = range;
  const { queueId } = queue;
  if (queue.maxOffset < maxOffset) {
    // Its topic was removed meanwhile.
    await writer.addQueue(queueId, 0, 0, NO_UNITS);
    return false;
  }
  const from = Math.min(Math.max(queue.syncedOffset, minOffset), maxOffset);
  let units = from < maxOffset ? queue.unitsBetween(from, maxOffset) : NO_UNITS;
  if (units === null) {
    await syncQueue(queue, deps.sync);
    units = NO_UNITS;
  }
  await writer.addQueue(queueId, minOffset, maxOffset, units);
  return units.length >= UNIT_BYTES;
}

/** Writes a queue's units to its files and makes these durable. */
async function syncQueue(
  queue: ConsumeQueue,
  sync: (path: string) => Promise<void>,
): Promise<void> {
  queue.flush();
  const { flushedOffset, unsynced } = queue;
  queue.unsynced = [];
  queue.isRewritten = false;
  for (const path of unsynced) await sync(path);
  // Unless it was emptied meanwhile.
  if (queue.flushedOffset >= flushedOffset) {
    queue.syncedOffset = Math.max(queue.syncedOffset, flushedOffset);
  }
}
