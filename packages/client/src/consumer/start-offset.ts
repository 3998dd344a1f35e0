import type { MessageQueue } from '@skylarkmq/message';

/**
 * Where a group starts in a queue for which it has no committed offset: at the end (`last`), at
 * the beginning (`first`), or at the first message stored at or after a time.
 */
export type ConsumeFrom = 'last' | 'first' | { readonly timestampMs: number };

/** The questions that {@link startOffset} asks. */
export interface StartOffsetQueries {
  /** The committed offset, undefined if there is none. */
  stored(queue: MessageQueue): Promise<number | undefined>;
  maxOffset(queue: MessageQueue): Promise<number>;
  offsetByTime(queue: MessageQueue, timestampMs: number): Promise<number>;
}

/** The offset of the first pull of a queue. `isRetryTopic` says whether it holds retries. */
// RocketMQ: RebalancePushImpl#computePullFromWhereWithException
export async function startOffset(
  queue: MessageQueue,
  consumeFrom: ConsumeFrom,
  isRetryTopic: boolean,
  queries: StartOffsetQueries,
): Promise<number> {
  const stored = await queries.stored(queue);
  if (stored !== undefined && stored >= 0) return stored;
  if (consumeFrom === 'first') return 0;
  if (consumeFrom === 'last') return isRetryTopic ? 0 : queries.maxOffset(queue);
  if (isRetryTopic) return queries.maxOffset(queue);
  return queries.offsetByTime(queue, consumeFrom.timestampMs);
}
