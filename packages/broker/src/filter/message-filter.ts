import type { RecordFilter, TagsCodeFilter } from '@skylarkmq/store';

/**
 * Which messages a consumer wants of a queue; null instead of a filter means all. Whoever hands
 * messages out (pull, POP, peek) gets one from `MessageFilters` and gives both parts to
 * `MessageStore#getMessages(queue, offset, count, bytes, byConsumeQueue, byRecord)`. Whoever holds
 * a request until a message arrives asks `byConsumeQueue(tagsCode)` in the arrival listener, and if
 * that lets the message through `store.mayMatch(physicalOffset, recordBytes, byRecord)`.
 */
export interface MessageFilter {
  /** Decides by the tags code, and by what the queue keeps besides; null lets all through. */
  readonly byConsumeQueue: TagsCodeFilter | null;
  /** Decides by the properties of the record in `buffer[start, end)`; null lets all through. */
  readonly byRecord: RecordFilter | null;
}
