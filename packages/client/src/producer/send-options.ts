import type { MessageQueue } from '@skylarkmq/message';
import type { CallOptions } from '../async/abortable.ts';
import type { QueueSelector } from './queue-selector.ts';

/** How one send is done. */
export interface SendOptions extends CallOptions {
  /** Time for all attempts together. Default: the producer's `sendTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Send to this queue and no other; there are no further attempts then. */
  readonly queue?: MessageQueue;
  /** Chooses the queue; there are no further attempts then. */
  readonly selector?: QueueSelector;
}
