/** Apache's `checkpoint` file: six numbers that its recovery starts from. */
import type { FileSystem } from '@skylarkmq/base';
import { int64, writeInt64 } from './consume-queue/unit.ts';

/** Length of the file. */
const CHECKPOINT_BYTES = 4096;
/** RocketMQ: StoreCheckpoint#getMinTimestamp */
const SAFETY_MS = 3000;

/** The fields in their order in the file. */
export interface CheckpointFields {
  /** Store time of the last record that is known to be on disk. */
  physicMsgTimestamp: number;
  /** Store time of the last consume queue unit that is known to be on disk. */
  logicsMsgTimestamp: number;
  /** End of the newest full index file. */
  indexMsgTimestamp: number;
  masterFlushedOffset: number;
  confirmPhyOffset: number;
  /** Start of the last record whose unit is known to be on disk (5.5.0). */
  logicsPhysicalOffset: number;
}

/** Reads the file; zeros when it is missing. */
export function readCheckpoint(fileSystem: FileSystem, path: string): CheckpointFields {
  const bytes = Buffer.alloc(48);
  if (fileSystem.exists(path)) {
    const handle = fileSystem.open(path, 'r');
    handle.readSync(bytes, 0, bytes.length, 0);
    handle.close();
  }
  return {
    physicMsgTimestamp: int64(bytes, 0),
    logicsMsgTimestamp: int64(bytes, 8),
    indexMsgTimestamp: int64(bytes, 16),
    masterFlushedOffset: int64(bytes, 24),
    confirmPhyOffset: int64(bytes, 32),
    logicsPhysicalOffset: int64(bytes, 40),
  };
}

/** Writes the file, not yet durably. */
export function writeCheckpoint(
  fileSystem: FileSystem,
  path: string,
  fields: CheckpointFields,
): void {
  const bytes = Buffer.alloc(48);
  writeInt64(bytes, 0, fields.physicMsgTimestamp);
  writeInt64(bytes, 8, fields.logicsMsgTimestamp);
  writeInt64(bytes, 16, fields.indexMsgTimestamp);
  writeInt64(bytes, 24, fields.masterFlushedOffset);
  writeInt64(bytes, 32, fields.confirmPhyOffset);
  writeInt64(bytes, 40, fields.logicsPhysicalOffset);
  const handle = fileSystem.open(path, 'create');
  if (handle.size() !== CHECKPOINT_BYTES) handle.truncate(CHECKPOINT_BYTES);
  handle.writeSync(bytes, 0, bytes.length, 0);
  handle.close();
}

/** Everything stored before this time is on disk. RocketMQ: StoreCheckpoint#getMinTimestamp */
export function checkpointTime(fields: CheckpointFields): number {
  return Math.max(0, Math.min(fields.physicMsgTimestamp, fields.logicsMsgTimestamp) - SAFETY_MS);
}
