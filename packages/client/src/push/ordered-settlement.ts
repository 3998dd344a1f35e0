/**
 * Settling in order: a message that failed stays in front of its queue and comes again after a
 * pause, everything behind it waits. Only a message that used up its retries, or that is rejected,
 * leaves the queue for the dead letters.
 */
import { MqError } from '@skylarkmq/base';
import { type CachedMessage, CachedState } from '../consumer/process-queue.ts';
import { delayLevelMs, type RetryBackoff } from '../consumer/retry-backoff.ts';
import { DEAD_LETTER_LEVEL, type SettlementDeps } from './concurrent-settlement.ts';
import type { RejectOptions, RetryOptions, Settlement } from './settlement.ts';

/** What order needs besides. */
export interface OrderedSettlementOptions {
  /** Retries before the dead letters; undefined for no end. */
  readonly maxReconsumeTimes: number | undefined;
  /** Pause before a blocked message comes again, milliseconds. */
  readonly suspendMs: number;
  /** The same as a function of the retries so far; wins over `suspendMs`. */
  readonly backoff?: RetryBackoff | undefined;
}

// RocketMQ: ConsumeMessageOrderlyService#submitConsumeRequestLater
const SUSPEND_MS_MIN = 10;
const SUSPEND_MS_MAX = 30_000;

/** See the head of this file. */
export class OrderedSettlement implements Settlement {
  readonly #deps: SettlementDeps;
  readonly #options: OrderedSettlementOptions;
  readonly #underWay = new WeakSet<CachedMessage>();

  constructor(deps: SettlementDeps, options: OrderedSettlementOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  ack(entry: CachedMessage): Promise<void> {
    if (!this.#underWay.has(entry)) this.#done(entry);
    return Promise.resolve();
  }

  async retry(entry: CachedMessage, options: RetryOptions): Promise<void> {
    if (!this.#begin(entry)) return;
    if (entry.reconsumeTimes >= (this.#options.maxReconsumeTimes ?? Number.POSITIVE_INFINITY)) {
      await this.#toDeadLetters(entry, options.cause);
      return;
    }
    this.#suspend(entry, this.#pauseOf(entry, options));
  }

  async reject(entry: CachedMessage, options: RejectOptions = {}): Promise<void> {
    if (this.#begin(entry)) await this.#toDeadLetters(entry, options.cause);
  }

  /** Marks the message as being settled; false if it is no longer ours or already on its way. */
  #begin(entry: CachedMessage): boolean {
    const ours = entry.state === CachedState.Delivered && !entry.processQueue.dropped;
    if (!ours || this.#underWay.has(entry)) return false;
    this.#underWay.add(entry);
    return true;
  }

  async #toDeadLetters(entry: CachedMessage, reason: unknown): Promise<void> {
    try {
      await this.#deps.sendBack(entry, DEAD_LETTER_LEVEL, reason);
      this.#underWay.delete(entry);
      this.#done(entry);
    } catch (thrown) {
      const { queue } = entry.processQueue;
      const error = MqError.from(thrown);
      this.#deps.logger.warn({ error, queue }, 'Message was not put into the dead letters');
      this.#suspend(entry, this.#options.suspendMs);
    }
  }

  #suspend(entry: CachedMessage, delayMs: number): void {
    this.#deps.scheduler.after(delayMs, () => {
      this.#underWay.delete(entry);
      entry.processQueue.giveBack(entry, entry.reconsumeTimes + 1);
      this.#deps.ready(entry.processQueue);
    });
  }

  #pauseOf(entry: CachedMessage, options: RetryOptions): number {
    const { suspendMs, backoff } = this.#options;
    const level = options.delayLevel ?? 0;
    const usual = backoff?.(entry.reconsumeTimes) ?? suspendMs;
    const wanted = options.delayMs ?? (level > 0 ? delayLevelMs(level) : usual);
    return Math.min(Math.max(Math.round(wanted), SUSPEND_MS_MIN), SUSPEND_MS_MAX);
  }

  #done(entry: CachedMessage): void {
    const { processQueue } = entry;
    if (!processQueue.settle(entry)) return;
    this.#deps.progressed(processQueue, entry);
    this.#deps.ready(processQueue);
  }
}
