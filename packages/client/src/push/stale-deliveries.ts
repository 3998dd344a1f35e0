import type { AssignedQueues } from '../consumer/assigned-queues.ts';
import { CachedState } from '../consumer/process-queue.ts';
import type { Settlement } from './settlement.ts';

/** Head messages per queue that one check looks at. */
const CHECK_MAX = 16;
/** Delay level of a message that was not settled in time: 10 seconds. */
const STALE_LEVEL = 3;
const STALE_ERROR = 'The message was not settled within consumeTimeoutMs';

/**
 * Hands messages back that were delivered before `deadlineMs` (wall clock) and are not settled: a
 * handler that hangs must not hold the queue's offset for ever.
 */
// RocketMQ: ProcessQueue#cleanExpiredMsg
export function handBackStale(
  assigned: AssignedQueues,
  settlement: Settlement,
  deadlineMs: number,
): void {
  for (const processQueue of assigned.processQueues()) {
    for (const entry of processQueue.oldestEntries(CHECK_MAX)) {
      if (entry.state !== CachedState.Delivered || entry.deliveredAtMs >= deadlineMs) continue;
      // Errors are logged and retried inside.
      void settlement.retry(entry, { delayLevel: STALE_LEVEL, cause: STALE_ERROR });
    }
  }
}
