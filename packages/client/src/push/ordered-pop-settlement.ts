/**
 * Settling popped messages in order: one that failed stays in front of its lite topic and comes
 * again after a pause, what is behind it waits here, all of it held.
 */
import type { CachedMessage, ProcessQueue } from '../consumer/process-queue.ts';
import { OrderedSettlement } from './ordered-settlement.ts';
import { PopSettlement, type PopSettlementDeps } from './pop-settlement.ts';
import type { RejectOptions, RetryOptions } from './settlement.ts';

/** What order needs besides. */
export interface OrderedPopOptions {
  /** Pause before a message that failed comes again, milliseconds. */
  readonly suspendMs: number;
  /** A message of the queue is settled here. */
  progressed(processQueue: ProcessQueue): void;
  /** The queue has something to deliver again. */
  ready(processQueue: ProcessQueue): void;
}

/** See the head of this file. */
export class OrderedPopSettlement extends PopSettlement {
  readonly #ordered: OrderedSettlement;

  constructor(deps: PopSettlementDeps, { progressed, ready, suspendMs }: OrderedPopOptions) {
    super(deps);
    const { backoff, bury, logger, maxReconsumeTimes, poppedOf, scheduler } = deps;
    this.#ordered = new OrderedSettlement(
      {
        ...{ logger, scheduler, ready },
        sendBack: (entry, _level, error) => bury(entry, error),
        progressed: (processQueue, entry) => {
          const popped = poppedOf(entry);
          // Errors are logged inside.
          if (popped !== undefined) void this.done(popped);
          progressed(processQueue);
        },
      },
      { backoff, maxReconsumeTimes, suspendMs },
    );
  }

  override ack(entry: CachedMessage): Promise<void> {
    return this.#ordered.ack(entry);
  }

  override retry(entry: CachedMessage, options: RetryOptions): Promise<void> {
    return this.#ordered.retry(entry, options);
  }

  override reject(entry: CachedMessage, options: RejectOptions = {}): Promise<void> {
    return this.#ordered.reject(entry, options);
  }
}
