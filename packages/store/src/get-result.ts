import type { QueueExtension } from './consume-queue-ext/queue-extension.ts';

/** How a read of a queue ended; names as in RocketMQ. */
export const GetStatus = {
  Found: 'FOUND',
  /** There are messages, the filter let none through; go on at `nextBeginOffset`. */
  NoMatchedMessage: 'NO_MATCHED_MESSAGE',
  /** The record was removed by retention or is damaged; go on at `nextBeginOffset`. */
  MessageWasRemoving: 'MESSAGE_WAS_REMOVING',
  OffsetFoundNull: 'OFFSET_FOUND_NULL',
  OffsetOverflowBadly: 'OFFSET_OVERFLOW_BADLY',
  /** Exactly at the end: nothing yet. */
  OffsetOverflowOne: 'OFFSET_OVERFLOW_ONE',
  OffsetTooSmall: 'OFFSET_TOO_SMALL',
  NoMatchedLogicQueue: 'NO_MATCHED_LOGIC_QUEUE',
  NoMessageInQueue: 'NO_MESSAGE_IN_QUEUE',
} as const;

export type GetStatus = (typeof GetStatus)[keyof typeof GetStatus];

/** What `MessageStore#getMessages` found. */
export interface GetResult {
  readonly status: GetStatus;
  /** Where the next read of this consumer should begin. */
  readonly nextBeginOffset: number;
  readonly minOffset: number;
  readonly maxOffset: number;
  /** Whole records, one after the other in queue order; neighbours in the log share a slice. */
  readonly slices: readonly Buffer[];
  /** Records in `slices` (an inner batch counts as the messages it holds). */
  readonly count: number;
  /** Bytes in `slices`. */
  readonly bytes: number;
  /** Whether everything came from the newest, cached part of the log. */
  readonly fromMemory: boolean;
  /**
   * Gives the memory behind `slices` back; they must not be touched afterwards. Call it once, when
   * the bytes are copied or the socket took them. Forgetting it costs memory, nothing else.
   */
  release(): void;
}

/**
 * Decides by the consume queue alone whether a message may be wanted. `extension` is there when the
 * queue keeps more of the message than its tags code.
 */
export type TagsCodeFilter = (tagsCode: number, extension?: QueueExtension) => boolean;

/**
 * Decides by the record in `buffer[start, end)`, which is whole and only lent: it must be neither
 * kept nor changed.
 */
export type RecordFilter = (buffer: Buffer, start: number, end: number) => boolean;
