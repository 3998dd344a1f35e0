import { crc32 } from '@skylarkmq/base';
import type { CommitLog, LogEnd } from '../commit-log/commit-log.ts';

/** CRC-32 of the whole last record before an end of the log; 0 when there is none. */
export function recordCrc(log: CommitLog, end: LogEnd): number {
  const { lastRecordOffset, lastRecordBytes } = end;
  if (lastRecordOffset < 0) return 0;
  const chunk = log.tail.find(lastRecordOffset);
  if (chunk !== null) {
    const from = lastRecordOffset - chunk.base;
    return crc32(chunk.buffer, from, from + lastRecordBytes);
  }
  const bytes = Buffer.allocUnsafe(lastRecordBytes);
  const read = log.readSync(lastRecordOffset, lastRecordBytes, bytes);
  return read === lastRecordBytes ? crc32(bytes, 0, read) : 0;
}
