import { PropertyScan } from '@skylarkmq/message';
import type { PutStatus } from './put-status.ts';
import type { QueueHandle } from './queue-handle.ts';

const NOTHING: Buffer = Buffer.alloc(0);

/** Learns what became of an accepted append. The caller may pool these objects. */
export interface AppendCompletion {
  /**
   * Called once, in physical order: after the write (ASYNC flush, or `waitForDurable` false), after
   * fdatasync (SYNC flush), or when the append failed. Never called from within `append`.
   */
  completed(status: PutStatus): void;
}

/**
 * One message (or one client batch) to append. The caller owns the object and may reuse it for the
 * next call: the store copies what it needs before `append` returns, and keeps only `completion`.
 */
export class AppendRequest {
  /** Where to; from `MessageStore#queue`. */
  queue: QueueHandle | null = null;
  /** The user's flag. */
  flag = 0;
  sysFlag = 0;
  /** Milliseconds since the epoch. */
  bornTimestamp = 0;
  /** 8 or 20 bytes: address and 4-byte port. Its length decides the v6 bit of sysFlag. */
  bornHost: Buffer = NOTHING;
  reconsumeTimes = 0;
  preparedTransactionOffset = 0;
  body: Buffer = NOTHING;
  bodyStart = 0;
  bodyEnd = 0;
  /**
   * Encoded properties without `__CRC32#`; they end with 0x02 or are empty. For a batch: added to
   * nothing (each sub message carries its own).
   */
  properties: Buffer = NOTHING;
  propertiesStart = 0;
  propertiesEnd = 0;
  /** A scan of exactly these properties; `append` does not scan again. */
  scan: PropertyScan = new PropertyScan();
  /** With SYNC flush: whether the completion waits for fdatasync. Default true. */
  waitForDurable = true;
  completion: AppendCompletion | null = null;

  /** Out: what the consume queue got: hash of the tag, or deliver time for the schedule topic. */
  tagsCode = 0;
  /** Out: offset in the queue; of the first message for a batch. */
  queueOffset = 0;
  /** Out: position in the log; of the first message for a batch. */
  physicalOffset = 0;
  /** Out: milliseconds since the epoch. */
  storeTimestamp = 0;
  /** Out: bytes in the log, all sub messages of a batch together. */
  recordBytes = 0;
  /** Out: the position of each sub message of a batch. */
  physicalOffsets: number[] = [];
}
