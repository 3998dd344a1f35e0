/**
 * Settling without order: an acknowledged message lets the queue's offset advance, a failed one is
 * handed back to the broker, which delivers it again through the group's retry topic.
 */
import { type Logger, MqError, type Scheduler } from '@skylarkmq/base';
import { type CachedMessage, CachedState, type ProcessQueue } from '../consumer/process-queue.ts';
import { levelForDelay, type RetryBackoff } from '../consumer/retry-backoff.ts';
import type { RejectOptions, RetryOptions, Settlement } from './settlement.ts';

/** What settling needs from the consumer. */
export interface SettlementDeps {
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Hands a message back to its broker: level -1 is the dead letters, 0 the broker's back-off. */
  sendBack(entry: CachedMessage, delayLevel: number, error: unknown): Promise<void>;
  /** A message is settled: its queue's committable offset may have changed. */
  progressed(processQueue: ProcessQueue, entry: CachedMessage): void;
  /** The queue has something to deliver again. */
  ready(processQueue: ProcessQueue): void;
}

/** What settling without order depends on. */
export interface ConcurrentSettlementOptions {
  readonly broadcasting: boolean;
  /** The pause before each retry; undefined leaves it to the broker. */
  readonly backoff?: RetryBackoff | undefined;
}

/** The level that means: straight to the dead letters. */
export const DEAD_LETTER_LEVEL = -1;

/** How long a message waits here when it could not be handed back, milliseconds. */
// RocketMQ: ConsumeMessageConcurrentlyService#submitConsumeRequestLater
const LOCAL_RETRY_MS = 5_000;

/** See the head of this file. */
export class ConcurrentSettlement implements Settlement {
  readonly #deps: SettlementDeps;
  readonly #options: ConcurrentSettlementOptions;
  /** Messages that are being handed back: a second call must not do it twice. */
  readonly #underWay = new WeakSet<CachedMessage>();

  constructor(deps: SettlementDeps, options: ConcurrentSettlementOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  ack(entry: CachedMessage): Promise<void> {
    if (!this.#underWay.has(entry)) this.#done(entry);
    return Promise.resolve();
  }

  retry(entry: CachedMessage, options: RetryOptions): Promise<void> {
    const delayMs = options.delayMs ?? this.#options.backoff?.(entry.reconsumeTimes);
    const level = options.delayLevel ?? (delayMs === undefined ? 0 : levelForDelay(delayMs));
    return this.#handBack(entry, level, options.cause);
  }

  reject(entry: CachedMessage, options: RejectOptions = {}): Promise<void> {
    return this.#handBack(entry, DEAD_LETTER_LEVEL, options.cause);
  }

  async #handBack(entry: CachedMessage, level: number, error: unknown): Promise<void> {
    const { processQueue, message } = entry;
    const ours = entry.state === CachedState.Delivered && !processQueue.dropped;
    if (!ours || this.#underWay.has(entry)) return;
    if (this.#options.broadcasting) {
      this.#deps.logger.warn({ topic: message.topic }, 'Broadcast message failed and is dropped');
      this.#done(entry);
      return;
    }
    this.#underWay.add(entry);
    try {
      await this.#deps.sendBack(entry, level, error);
      this.#done(entry);
    } catch (thrown) {
      const why = { error: MqError.from(thrown), queue: processQueue.queue };
      this.#deps.logger.warn(why, 'Message was not handed back');
      this.#deps.scheduler.after(LOCAL_RETRY_MS, () => this.#again(entry));
    } finally {
      this.#underWay.delete(entry);
    }
  }

  #done(entry: CachedMessage): void {
    const { processQueue } = entry;
    if (processQueue.settle(entry)) this.#deps.progressed(processQueue, entry);
  }

  #again(entry: CachedMessage): void {
    entry.processQueue.giveBack(entry, entry.reconsumeTimes + 1);
    this.#deps.ready(entry.processQueue);
  }
}
