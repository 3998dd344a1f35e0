/**
 * `skylark.queues.<offset>`: where each queue begins and ends when everything before that offset of
 * the log is in the queue files, durably. Saves opening every file at start, and tells a lost file
 * from one that never was. Written whole, then renamed; the side file says which one counts.
 */
import { crc32, type FileSystem } from '@skylarkmq/base';
import type { ConsumeQueue } from './consume-queue.ts';
import { lastPhysicalEnd } from './queue-loading.ts';
import type { QueueTable } from './queue-table.ts';
import { int32, int64, writeInt32, writeInt64 } from './unit.ts';

const PREFIX = 'skylark.queues.';
const HEAD_BYTES = 16;
const MAGIC = 0x534b5131;
const QUEUE_BYTES = 4 + 8 + 8;

/** A queue's range as it was. */
export interface QueueRange {
  readonly topic: string;
  readonly queueId: number;
  readonly minOffset: number;
  readonly maxOffset: number;
}

/** Writes the ranges of all queues for `offset`; they must be flushed up to there. */
export function saveSnapshot(
  fileSystem: FileSystem,
  directory: string,
  offset: number,
  ranges: readonly QueueRange[],
): void {
  const bytes = encode(ranges);
  const path = snapshotPath(directory, offset);
  const temporary = `${path}.tmp`;
  const handle = fileSystem.open(temporary, 'create');
  try {
    handle.truncate(bytes.length);
    handle.writeSync(bytes, 0, bytes.length, 0);
    handle.syncDataSync();
  } finally {
    handle.close();
  }
  fileSystem.rename(temporary, path);
  fileSystem.syncDirectory(directory);
}

/** The ranges of all queues as they are now. */
export function rangesOf(queues: QueueTable): QueueRange[] {
  const ranges: QueueRange[] = [];
  for (const queue of queues.all()) {
    const { topic, queueId, minOffset, maxOffset } = queue;
    if (maxOffset > 0) ranges.push({ topic, queueId, minOffset, maxOffset });
  }
  return ranges;
}

/** The ranges that were saved for `offset`; null when there are none, or they are damaged. */
export function loadSnapshot(
  fileSystem: FileSystem,
  directory: string,
  offset: number,
): QueueRange[] | null {
  const path = snapshotPath(directory, offset);
  if (!fileSystem.exists(path)) return null;
  const handle = fileSystem.open(path, 'r');
  try {
    const bytes = Buffer.alloc(handle.size());
    handle.readSync(bytes, 0, bytes.length, 0);
    return decode(bytes);
  } finally {
    handle.close();
  }
}

/** Removes all snapshots but the one for `offset`. */
export function removeOtherSnapshots(
  fileSystem: FileSystem,
  directory: string,
  offset: number,
): void {
  const keep = `${PREFIX}${offset}`;
  for (const name of fileSystem.list(directory)) {
    if (name.startsWith(PREFIX) && name !== keep) fileSystem.remove(`${directory}/${name}`);
  }
}

/** Whether the queue's files really hold what the range says. */
export function applyRange(queue: ConsumeQueue, range: QueueRange, limit: number): boolean {
  queue.setRange(range.minOffset, range.maxOffset);
  if (range.minOffset === range.maxOffset) return true;
  const end = lastPhysicalEnd(queue);
  return end >= 0 && end <= limit;
}

function snapshotPath(directory: string, offset: number): string {
  return `${directory}/${PREFIX}${offset}`;
}

function encode(ranges: readonly QueueRange[]): Buffer {
  const topics = new Map<string, QueueRange[]>();
  let size = HEAD_BYTES;
  for (const range of ranges) {
    const known = topics.get(range.topic);
    if (known === undefined) {
      topics.set(range.topic, [range]);
      size += 4 + Buffer.byteLength(range.topic) + 4;
    } else known.push(range);
    size += QUEUE_BYTES;
  }
  const bytes = Buffer.alloc(size);
  let at = HEAD_BYTES;
  for (const [topic, queues] of topics) {
    const length = bytes.write(topic, at + 4, 'utf8');
    writeInt32(bytes, at, length);
    at += 4 + length;
    writeInt32(bytes, at, queues.length);
    at += 4;
    for (const range of queues) {
      writeInt32(bytes, at, range.queueId);
      writeInt64(bytes, at + 4, range.minOffset);
      writeInt64(bytes, at + 12, range.maxOffset);
      at += QUEUE_BYTES;
    }
  }
  writeInt32(bytes, 0, MAGIC);
  writeInt32(bytes, 4, topics.size);
  writeInt32(bytes, 8, crc32(bytes, HEAD_BYTES, bytes.length));
  return bytes;
}

function decode(bytes: Buffer): QueueRange[] | null {
  if (bytes.length < HEAD_BYTES || int32(bytes, 0) !== MAGIC) return null;
  if (int32(bytes, 8) !== (crc32(bytes, HEAD_BYTES, bytes.length) | 0)) return null;
  const ranges: QueueRange[] = [];
  let at = HEAD_BYTES;
  for (let topics = int32(bytes, 4); topics > 0; topics -= 1) {
    const length = int32(bytes, at);
    const topic = bytes.toString('utf8', at + 4, at + 4 + length);
    at += 4 + length;
    const count = int32(bytes, at);
    at += 4;
    for (let i = 0; i < count; i += 1) {
      const queueId = int32(bytes, at);
      const minOffset = int64(bytes, at + 4);
      const maxOffset = int64(bytes, at + 12);
      ranges.push({ topic, queueId, minOffset, maxOffset });
      at += QUEUE_BYTES;
    }
  }
  return ranges;
}
