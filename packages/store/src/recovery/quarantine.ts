/**
 * Puts bytes aside before they are removed from the log: nothing that may be somebody's message is
 * deleted without a copy.
 */
import type { FileSystem } from '@skylarkmq/base';
import type { CommitLog } from '../commit-log/commit-log.ts';
import { segmentName } from '../file/segment-list.ts';

const BLOCK_BYTES = 1024 * 1024;

/** One past the last byte in [`from`, `to`) that is not zero, within one file; `from` if none. */
export function lastUsed(log: CommitLog, from: number, to: number): number {
  const blockBytes = Math.min(BLOCK_BYTES, Math.max(0, to - from));
  const block = Buffer.allocUnsafe(blockBytes);
  const zeros = Buffer.alloc(blockBytes);
  let used = from;
  for (let at = from; at < to; ) {
    const read = log.readSync(at, Math.min(blockBytes, to - at), block);
    if (read === 0) break;
    if (block.compare(zeros, 0, read, 0, read) !== 0) {
      let last = read;
      while (last > 0 && block[last - 1] === 0) last -= 1;
      used = at + last;
    }
    at += read;
  }
  return used;
}

/** Copies [`from`, `to`) of one file of the log aside, durably; returns the path of the copy. */
export function copyAside(
  log: CommitLog,
  fileSystem: FileSystem,
  directory: string,
  from: number,
  to: number,
): string {
  fileSystem.makeDirectory(directory);
  const path = `${directory}/commitlog-${segmentName(from)}`;
  const handle = fileSystem.open(path, 'create');
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  try {
    handle.truncate(to - from);
    for (let at = from; at < to; ) {
      const read = log.readSync(at, Math.min(BLOCK_BYTES, to - at), block);
      if (read === 0) break;
      handle.writeSync(block, 0, read, at - from);
      at += read;
    }
    handle.syncDataSync();
  } finally {
    handle.close();
  }
  fileSystem.syncDirectory(directory);
  return path;
}

/** Overwrites [`from`, `to`) of one file of the log with zeros, durably. */
export function blank(log: CommitLog, from: number, to: number): void {
  const segment = log.segments.find(from);
  if (segment === undefined || to <= from) return;
  const zeros = Buffer.alloc(Math.min(BLOCK_BYTES, to - from));
  for (let at = from; at < to; at += zeros.length) {
    const bytes = Math.min(zeros.length, to - at);
    log.handles.use(segment.path).writeSync(zeros, 0, bytes, at - segment.start);
  }
  log.handles.use(segment.path).syncDataSync();
}
