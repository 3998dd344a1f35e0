/**
 * The store as the broker sees it. It knows records, queues and files; it must not know frames,
 * connections, topics' configuration or consumers.
 */
import type { BatchScan, StoredMessage } from '@skylarkmq/message';
import type { AppendRequest } from './append-request.ts';
import type { GetResult, RecordFilter, TagsCodeFilter } from './get-result.ts';
import type { PutStatus } from './put-status.ts';
import type { QueueHandle } from './queue-handle.ts';
import type { RecoveryReport } from './recovery-report.ts';

/** A message in the convenient form, for the few that the broker itself writes. */
export interface PutMessage {
  readonly topic: string;
  readonly queueId: number;
  readonly body: Uint8Array;
  /** Names and values, or the encoded form. Default none. */
  readonly properties?: Iterable<readonly [string, string]> | Buffer;
  readonly flag?: number;
  readonly sysFlag?: number;
  /** Default now. */
  readonly bornTimestamp?: number;
  /** Default the store's own host. */
  readonly bornHost?: Buffer;
  readonly reconsumeTimes?: number;
  readonly preparedTransactionOffset?: number;
  /** Default true. */
  readonly waitForDurable?: boolean;
}

/** What became of a `put`. Offsets are -1 unless the message was accepted. */
export interface PutResult {
  readonly status: PutStatus;
  readonly queueOffset: number;
  readonly physicalOffset: number;
  readonly storeTimestamp: number;
  readonly recordBytes: number;
}

/** Bits that stand for what wants the record in `buffer[start, end)`; empty for nothing known. */
export type BitMapOf = (topic: string, buffer: Buffer, start: number, end: number) => Uint8Array;

/** Whole records found by a key, newest first, with what the index knows about its own age. */
export interface QueryResult {
  readonly records: Buffer[];
  readonly indexLastUpdateTimestamp: number;
  readonly indexLastUpdatePhysicalOffset: number;
}

/** Hears of each message that became visible, in order. Must be quick and must not throw. */
export type ArrivalListener = (
  queue: QueueHandle,
  /** The queue's new maxOffset. */
  maxOffset: number,
  tagsCode: number,
  storeTimestamp: number,
  physicalOffset: number,
  recordBytes: number,
) => void;

export interface StoreHealth {
  readonly writable: boolean;
  /** Why not; empty when writable. */
  readonly reason: string;
}

/** Which of several equal store times `offsetByTime` means. */
export type TimeBoundary = 'lower' | 'upper';

/** Kinds of keys in the index: KEYS and unique key (no prefix), unique key only, tag. */
export type KeyKind = 'key' | 'uniq' | 'tag';

export interface MessageStore {
  /** What opening found and did. */
  readonly recovery: RecoveryReport;
  /** Why the last append was refused or failed; empty when nothing is wrong. */
  readonly statusReason: string;
  readonly health: StoreHealth;
  /** First position that the log still has. */
  readonly minPhysicalOffset: number;
  /** End of what is written. */
  readonly maxPhysicalOffset: number;
  /** End of what fdatasync confirmed. */
  readonly durableOffset: number;
  /** Bytes that are written but not yet visible to consumers. */
  readonly dispatchBehindBytes: number;

  /** The handle of a queue; made when it does not exist yet (nothing is created on disk). */
  queue(topic: string, queueId: number): QueueHandle;
  /** The handle of a queue that exists, else undefined. */
  findQueue(topic: string, queueId: number): QueueHandle | undefined;
  /** All queues that have or had messages. */
  queues(): IterableIterator<QueueHandle>;

  /**
   * Appends one message. `Ok` means accepted: the out fields are set and the completion will be
   * called. Anything else means refused now, nothing changed, the completion is not called.
   */
  append(request: AppendRequest): PutStatus;
  /** Appends the messages of a client batch, all or none; one completion for all. */
  appendBatch(request: AppendRequest, batch: BatchScan): PutStatus;
  /** Appends one message and waits until it is stored to the promised degree. */
  put(message: PutMessage): Promise<PutResult>;

  /**
   * Reads up to `maxCount` messages and about `maxBytes` (at least one message) from `offset` on.
   * Answers synchronously when everything needed is in memory. `filter` is asked first, `records`
   * only about what it lets through.
   */
  getMessages(
    queue: QueueHandle,
    offset: number,
    maxCount: number,
    maxBytes: number,
    filter: TagsCodeFilter | null,
    records?: RecordFilter | null,
  ): GetResult | Promise<GetResult>;
  /**
   * Asks `records` about a message that was just stored. True, too, when it is not in memory any
   * more: then it may match.
   */
  mayMatch(physicalOffset: number, recordBytes: number, records: RecordFilter): boolean;
  /** The message whose record begins at `physicalOffset`; null when there is none. */
  lookMessage(physicalOffset: number): Promise<StoredMessage | null>;
  /** The record's bytes (a copy); null when there is none. `size` saves one read when known. */
  readRecord(physicalOffset: number, size?: number): Promise<Buffer | null>;

  /** 0 for a queue that does not exist. */
  minOffset(topic: string, queueId: number): number;
  /** 0 for a queue that does not exist. */
  maxOffset(topic: string, queueId: number): number;
  /** The first (or with 'upper' last) offset stored at or after `timestampMs`, within the queue. */
  offsetByTime(
    topic: string,
    queueId: number,
    timestampMs: number,
    boundary?: TimeBoundary,
  ): Promise<number>;
  /** Store time of the message at `offset`; -1 when there is none. */
  messageStoreTime(topic: string, queueId: number, offset: number): Promise<number>;
  /** Store time of the queue's first message; -1 when there is none. */
  earliestStoreTime(topic: string, queueId: number): Promise<number>;
  /** Messages by key from the index; the real keys are compared, not only their hashes. */
  queryMessages(
    topic: string,
    key: string,
    maxCount: number,
    beginMs: number,
    endMs: number,
    kind?: KeyKind,
  ): Promise<QueryResult>;

  /** Registers a listener for visible messages; returns what removes it. */
  onArrival(listener: ArrivalListener): () => void;
  /** Registers a listener for the final failure (fdatasync failed); returns what removes it. */
  onFailure(listener: (reason: string) => void): () => void;

  /**
   * From now on queues keep, besides a message's place, its store time and the bits that `bitMapOf`
   * says; readers' filters get both. System topics do without. Apache's `enableConsumeQueueExt`.
   */
  extendQueues(bitMapOf: BitMapOf): void;

  /** Forgets a topic's queues and removes their files; the log is left to retention. */
  deleteTopic(topic: string): Promise<void>;
  /** Forgets queues of topics that `isKnown` does not know; returns the names that went. */
  cleanUnusedTopics(isKnown: (topic: string) => boolean): Promise<string[]>;
  /** Applies retention now, whatever the hour. Returns how many log files went. */
  deleteExpiredFiles(): Promise<number>;
  /** Writes everything out and makes it durable. */
  flush(): Promise<void>;
  /** Figures under the names of RocketMQ's runtime info. */
  runtimeInfo(): Map<string, string>;
  /** Flushes, removes `abort`, unlocks. Appends are refused from now on. */
  close(): Promise<void>;
}
