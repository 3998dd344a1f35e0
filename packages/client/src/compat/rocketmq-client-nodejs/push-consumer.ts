import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { ConsumerMessage } from '../../push/consumer-message.ts';
import { PushConsumer as SkylarkConsumer } from '../../push/push-consumer.ts';
import { BaseClient, type BaseClientOptions } from './base-client.ts';
import { ConsumeResult, ConsumeResultSuspend, type MessageListener } from './consume-result.ts';
import { withExceptions } from './exceptions.ts';
import { type FilterExpression, toSubscriptions } from './filter-expression.ts';
import { MessageView } from './message-view.ts';

/** Options of {@link PushConsumer}. */
export interface PushConsumerOptions extends BaseClientOptions {
  consumerGroup: string;
  /** Topics with tags, or with filters. */
  subscriptions: Map<string, FilterExpression | string>;
  messageListener: MessageListener;
  /** Messages that wait for the listener. Default 1024. */
  maxCacheMessageCount?: number;
  /** Their bytes. Default 64 MiB. */
  maxCacheMessageSizeInBytes?: number;
  /**
   * Whether messages of a group are handled in order. The original asks the server; here the
   * program says it. Default false.
   */
  ordered?: boolean;
}

const CACHE_MESSAGES = 1_024;
const CACHE_BYTES: number = 64 * 1024 * 1024;

/** Hands messages to a listener as they arrive. */
export class PushConsumer extends BaseClient {
  readonly #options: PushConsumerOptions;
  readonly #subscriptions: Map<string, FilterExpression | string>;
  #running: { readonly consumer: SkylarkConsumer; readonly run: Promise<void> } | undefined;
  #changes: Promise<void> = Promise.resolve();
  #ok = 0;
  #failed = 0;

  constructor(options: PushConsumerOptions) {
    super(options);
    if (typeof options.messageListener?.consume !== 'function') {
      const text = 'The option messageListener must have a function consume';
      throw new MqError(MqErrorCode.InvalidArgument, text);
    }
    this.#options = options;
    this.#subscriptions = new Map(options.subscriptions);
  }

  getConsumerGroup(): string {
    return this.#options.consumerGroup;
  }

  getClientId(): string {
    return this.clientId;
  }

  /** Messages that the listener has handled. */
  getConsumptionOkQuantity(): number {
    return this.#ok;
  }

  /** Calls of the listener that failed. */
  getConsumptionErrorQuantity(): number {
    return this.#failed;
  }

  /** Receives one more topic, or the topic with another filter, after the handlers are through. */
  async subscribe(topic: string, filterExpression: FilterExpression | string): Promise<void> {
    this.#subscriptions.set(topic, filterExpression);
    if (this.isRunning()) await withExceptions(() => this.#change());
  }

  /** Receives the topic no more. */
  unsubscribe(topic: string): void {
    if (!this.#subscriptions.delete(topic) || !this.isRunning()) return;
    this.#change().catch((thrown: unknown) => {
      this.client.logger?.error({ error: MqError.from(thrown), topic }, 'Unsubscribing failed');
    });
  }

  protected open(): Promise<void> {
    return this.#change();
  }

  protected async close(): Promise<void> {
    this.#changes = this.#changes.then(() => this.#stop());
    await this.#changes;
  }

  /** One change after the other; one that failed does not hinder the next. */
  #change(): Promise<void> {
    const change = this.#changes.then(async () => {
      await this.#stop();
      if (this.#subscriptions.size > 0) await this.#start();
    });
    this.#changes = change.catch(() => this.#stop());
    return change;
  }

  async #start(): Promise<void> {
    const { consumerGroup, ordered = false } = this.#options;
    const consumer = new SkylarkConsumer({
      ...this.client,
      group: consumerGroup,
      subscriptions: toSubscriptions(this.#subscriptions),
      // Groups of the original pop; those that keep order have queues of their own.
      ...(ordered ? { ordered } : { mode: 'pop' }),
      queueMessagesMax: this.#options.maxCacheMessageCount ?? CACHE_MESSAGES,
      queueBytesMax: this.#options.maxCacheMessageSizeInBytes ?? CACHE_BYTES,
    });
    await consumer.start();
    const run = consumer
      .run((message) => this.#handle(message))
      .catch((thrown: unknown) => {
        this.client.logger?.error({ error: MqError.from(thrown) }, 'A consumer has ended');
      });
    this.#running = { consumer, run };
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.consumer.close();
    await running?.run;
  }

  async #handle(message: ConsumerMessage): Promise<void> {
    let result: ConsumeResult;
    try {
      result = await this.#options.messageListener.consume(new MessageView(message, ''));
    } catch (thrown) {
      this.#failed++;
      throw thrown;
    }
    if (result === ConsumeResult.SUCCESS) {
      this.#ok++;
      return;
    }
    this.#failed++;
    if (!(result instanceof ConsumeResultSuspend)) await message.retry();
    else await message.retry({ delayMs: result.suspendTimeMs });
  }
}
