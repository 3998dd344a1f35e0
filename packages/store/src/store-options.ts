import type { Clock, FileSystem, Logger, Prng, Scheduler } from '@skylarkmq/base';

/** When messages are acknowledged: after fdatasync, or after the write to the page cache. */
export type FlushMode = 'sync' | 'async';

/** When old files go. Ratios are used / total of the volume, 0 to 1. */
export interface RetentionOptions {
  /** Files whose newest message is older may go. Default 72. */
  readonly hours?: number;
  /** Hours of the day (local time) at which old files go, two digits, `;` between. Default '04'. */
  readonly deleteWhen?: string;
  /** From here old files go at any hour. Default 0.75. */
  readonly diskMaxUsedRatio?: number;
  /** From here the oldest files go even before their time. Default 0.85. */
  readonly diskCleanForciblyRatio?: number;
  /** From here sends are refused. Default 0.90. */
  readonly diskWarningRatio?: number;
  /** Whether files may go before their time. Default true. */
  readonly cleanForcibly?: boolean;
  /** How often the rules are applied, milliseconds. Default 10000. */
  readonly intervalMs?: number;
}

/** Everything a store needs. Defaults are those of Apache RocketMQ 5.5.0 unless said. */
export interface StoreOptions {
  /** Absolute root: `commitlog/`, `consumequeue/`, `index/`, `checkpoint` ... live in it. */
  readonly directory: string;
  /** Directories of the log; default one, `commitlog` in the root. */
  readonly commitLogDirectories?: readonly string[];
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly prng: Prng;
  /** 8 or 20 bytes, address and 4-byte port; a function when it is known only later. */
  readonly storeHost: Buffer | (() => Buffer);
  readonly flush: FlushMode;
  /** Whether records get the `__CRC32#` property, a checksum of the whole. Default true. */
  readonly propertyCrc?: boolean;
  /** Default 1 GiB. */
  readonly commitLogFileBytes?: number;
  /** Default 6,000,000; rounded up to a multiple of 20. */
  readonly consumeQueueFileBytes?: number;
  /** Default 48 MiB. */
  readonly consumeQueueExtFileBytes?: number;
  /** Default 13,800,000; only for stores with batch consume queues. */
  readonly batchConsumeQueueFileBytes?: number;
  /** Default 5,000,000. */
  readonly indexSlots?: number;
  /** Default 20,000,000. */
  readonly indexEntries?: number;
  /** Whether keys are indexed. Default true. */
  readonly indexEnabled?: boolean;
  /** Largest body. Default 4 MiB; a whole record may be 64 KiB longer. */
  readonly maxMessageBytes?: number;
  /** Whether messages may name light queues (LMQ) that they go to as well. Default true. */
  readonly multiDispatch?: boolean;
  /** Light queues that there may be right now. Default 1,000,000. */
  readonly lightQueuesMax?: () => number;
  /** Period of the background fdatasync of the log with ASYNC flush. Default 500. */
  readonly flushIntervalMs?: number;
  /** With SYNC flush: who waits longer for the disk gets FLUSH_DISK_TIMEOUT. Default 5000. */
  readonly flushTimeoutMs?: number;
  /** Period of the write-out of consume queues and index. Default 1000. */
  readonly queueFlushIntervalMs?: number;
  /** How many queue files are synced at a time before units are copied instead. Default 512. */
  readonly queueSyncsMax?: number;
  /**
   * How much of the log's end is kept in memory. Default 32 MiB; up to twice as much while
   * consumers read the oldest of it.
   */
  readonly tailCacheBytes?: number;
  /** Appended but not yet written or durable bytes beyond which appends are refused. 64 MiB. */
  readonly pendingBytesMax?: number;
  /** Files (of queues and index) that are kept open. Default 512. */
  readonly openFilesMax?: number;
  readonly retention?: RetentionOptions;
  /**
   * Delays of the levels 1 .. n in milliseconds. Default Apache's 18 levels. The owner may change
   * the array: it counts for what is stored from then on.
   */
  readonly delayLevelsMs?: readonly number[];
  /** Process id for the lock files; 0 (default) means the store is not shared with others. */
  readonly processId?: number;
}
