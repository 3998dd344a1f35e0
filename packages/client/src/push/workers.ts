/**
 * The hands of `run`: a number of loops that take messages, call the handler, and settle what the
 * handler did not settle itself.
 */
import { setMaxListeners } from 'node:events';
import { type Clock, type Logger, MqError } from '@skylarkmq/base';
import type { DeliveryLine } from '../consumer/delivery-line.ts';
import type { CachedMessage } from '../consumer/process-queue.ts';
import { integerOption } from '../options/check-option.ts';
import type { ConsumeStatistics } from './consume-statistics.ts';
import type { ConsumerMessage } from './consumer-message.ts';

/** Options of `run`. */
export interface RunOptions {
  /** Handlers at a time, 1 to 10,000. Default 20. */
  readonly concurrency?: number;
  /** Ends the run after the handlers that are under way. */
  readonly signal?: AbortSignal;
}

/** What the workers work with. */
export interface WorkersDeps {
  readonly line: DeliveryLine;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly statistics: ConsumeStatistics;
  readonly options: RunOptions & { readonly batchSize: number };
  wrap(entry: CachedMessage): ConsumerMessage;
  handler(messages: readonly ConsumerMessage[], signal: AbortSignal): unknown;
}

const BATCH_MAX = 1_024;

/** See the head of this file. */
export class Workers {
  readonly #deps: WorkersDeps;
  readonly #concurrency: number;
  readonly #batchSize: number;
  readonly #stop = new AbortController();
  /** No more messages are taken. */
  readonly #stopped: AbortSignal;
  /** Handlers that are under way are asked to give up. */
  readonly #giveUp = new AbortController();

  constructor(deps: WorkersDeps) {
    const { batchSize, concurrency, signal } = deps.options;
    this.#deps = deps;
    const limits = { fallback: 20, min: 1, max: 10_000 };
    this.#concurrency = integerOption('concurrency', concurrency, limits);
    this.#batchSize = integerOption('batchSize', batchSize, {
      fallback: 1,
      min: 1,
      max: BATCH_MAX,
    });
    const signals = signal === undefined ? [] : [signal];
    this.#stopped = AbortSignal.any([this.#stop.signal, ...signals]);
    // Every worker listens while it waits for a message.
    setMaxListeners(0, this.#stopped);
    setMaxListeners(0, this.#giveUp.signal);
  }

  /** Works until the line is closed or the signal fires. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.#concurrency }, () => this.#loop()));
  }

  /** Takes no more messages; handlers that are under way go on. */
  stop(): void {
    this.#stop.abort();
  }

  /** Tells the handlers, by their signal, that what they do will not count any more. */
  giveUp(): void {
    this.#giveUp.abort();
  }

  /** Runs one message through the handler without settling it; what it threw, as text. */
  async tryDirectly(entry: CachedMessage): Promise<string | undefined> {
    try {
      await this.#deps.handler([this.#deps.wrap(entry)], this.#giveUp.signal);
      return undefined;
    } catch (thrown) {
      return MqError.from(thrown).message;
    }
  }

  async #loop(): Promise<void> {
    for (;;) {
      const batch = await this.#deps.line.take(this.#batchSize, this.#stopped);
      if (batch.length === 0) return;
      await this.#handle(batch);
    }
  }

  async #handle(batch: readonly CachedMessage[]): Promise<void> {
    const { clock, handler, logger, statistics } = this.#deps;
    const messages = batch.map((entry) => this.#deps.wrap(entry));
    const startedMs = clock.monotonicMs();
    let failure: unknown;
    let ok = true;
    try {
      await handler(messages, this.#giveUp.signal);
    } catch (thrown) {
      ok = false;
      failure = thrown;
    }
    for (const message of messages) {
      statistics.consumed(message.queue.topic, ok, clock.monotonicMs() - startedMs);
      if (ok) {
        await message.ack();
        continue;
      }
      const { topic, messageId, reconsumeTimes } = message;
      const fields = { error: failure, topic, messageId, reconsumeTimes };
      logger.warn(fields, 'The handler failed, the message will come again');
      await message.retry({ cause: failure });
    }
  }
}
