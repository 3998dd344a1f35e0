/** Apache's `checkpoint` file: six numbers that its recovery starts from. */
import { crc32, type FileSystem } from '@skylarkmq/base';
import { int64, writeInt64 } from './consume-queue/unit.ts';

/** Length of the file. */
const CHECKPOINT_BYTES = 4096;
/** The fields; the rest of the file is zeros. */
const FIELDS_BYTES = 48;
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
  const bytes = readFields(fileSystem, path);
  return {
    physicMsgTimestamp: int64(bytes, 0),
    logicsMsgTimestamp: int64(bytes, 8),
    indexMsgTimestamp: int64(bytes, 16),
    masterFlushedOffset: int64(bytes, 24),
    confirmPhyOffset: int64(bytes, 32),
    logicsPhysicalOffset: int64(bytes, 40),
  };
}

/** CRC-32 of the fields: tells whether an Apache broker ran since Skylark wrote them. */
export function checkpointCrc(fileSystem: FileSystem, path: string): number {
  return crc32(readFields(fileSystem, path), 0, FIELDS_BYTES);
}

/** Writes the file, not yet durably. */
export function writeCheckpoint(
  fileSystem: FileSystem,
  path: string,
  fields: CheckpointFields,
): void {
  const bytes = Buffer.alloc(FIELDS_BYTES);
  writeInt64(bytes, 0, fields.physicMsgTimestamp);
  writeInt64(bytes, 8, fields.logicsMsgTimestamp);
  writeInt64(bytes, 16, fields.indexMsgTimestamp);
  writeInt64(bytes, 24, fields.masterFlushedOffset);
  writeInt64(bytes, 32, fields.confirmPhyOffset);
  writeInt64(bytes, 40, fields.logicsPhysicalOffset);
  const handle = fileSystem.open(path, 'create');
  try {
    if (handle.size() !== CHECKPOINT_BYTES) handle.truncate(CHECKPOINT_BYTES);
    handle.writeSync(bytes, 0, bytes.length, 0);
  } finally {
    handle.close();
  }
}

/** Everything stored before this time is on disk. RocketMQ: StoreCheckpoint#getMinTimestamp */
export function checkpointTime(fields: CheckpointFields): number {
  return Math.max(0, Math.min(fields.physicMsgTimestamp, fields.logicsMsgTimestamp) - SAFETY_MS);
}

function readFields(fileSystem: FileSystem, path: string): Buffer {
  const bytes = Buffer.alloc(FIELDS_BYTES);
  if (!fileSystem.exists(path)) return bytes;
  const handle = fileSystem.open(path, 'r');
  try {
    handle.readSync(bytes, 0, bytes.length, 0);
  } finally {
    handle.close();
  }
  return bytes;
}
