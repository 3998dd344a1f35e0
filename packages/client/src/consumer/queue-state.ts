import type { QueueState } from './consumer-member.ts';
import type { OffsetStore } from './offset-store.ts';
import type { ProcessQueue } from './process-queue.ts';

/** The state of one queue, for tools. */
export function queueState(
  processQueue: ProcessQueue,
  offsets: OffsetStore,
  locked: boolean,
): QueueState {
  const { queue, count } = processQueue;
  return {
    queue,
    commitOffset: offsets.known(queue) ?? 0,
    cachedMinOffset: processQueue.oldest?.message.queueOffset ?? 0,
    cachedMaxOffset: count === 0 ? 0 : processQueue.maxOffset,
    cachedCount: count,
    cachedBytes: processQueue.bytes,
    locked,
    dropped: processQueue.dropped,
    lastPullAtMs: processQueue.lastPullAtMs,
    lastDeliveryAtMs: processQueue.lastDeliveryAtMs,
  };
}
