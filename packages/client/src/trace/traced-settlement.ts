import type { CachedMessage } from '../consumer/process-queue.ts';
import type { RejectOptions, RetryOptions, Settlement } from '../push/settlement.ts';
import type { TracedDelivery } from './consume-tracer.ts';

/** Settles one message as told, and notes in its trace how it ended. */
export class TracedSettlement implements Settlement {
  readonly #settlement: Settlement;
  readonly #delivery: TracedDelivery;

  constructor(settlement: Settlement, delivery: TracedDelivery) {
    this.#settlement = settlement;
    this.#delivery = delivery;
  }

  ack(entry: CachedMessage): Promise<void> {
    this.#delivery.end('success');
    return this.#settlement.ack(entry);
  }

  retry(entry: CachedMessage, options: RetryOptions): Promise<void> {
    this.#delivery.end(options.cause === undefined ? 'failed' : 'exception');
    return this.#settlement.retry(entry, options);
  }

  reject(entry: CachedMessage, options: RejectOptions = {}): Promise<void> {
    this.#delivery.end(options.cause === undefined ? 'failed' : 'exception');
    return this.#settlement.reject(entry, options);
  }
}
