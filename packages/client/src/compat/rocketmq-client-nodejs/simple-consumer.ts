import { assert, MqError, MqErrorCode } from '@skylarkmq/base';
import { SimpleConsumer as SkylarkConsumer } from '../../simple/simple-consumer.ts';
import type { SimpleMessage } from '../../simple/simple-message.ts';
import { BaseClient, type BaseClientOptions } from './base-client.ts';
import { withExceptions } from './exceptions.ts';
import { type FilterExpression, type Subscriptions, toSubscriptions } from './filter-expression.ts';
import { MessageView } from './message-view.ts';

/** Options of {@link SimpleConsumer}. */
export interface SimpleConsumerOptions extends BaseClientOptions {
  consumerGroup: string;
  /** Topics with tags, or with filters. */
  subscriptions: Map<string, FilterExpression | string>;
  /** How long `receive` waits while there is nothing. Default 30,000 ms. */
  awaitDuration?: number;
  /** Attempts of a `receive` whose server fails for the moment. Default 3. */
  maxRetryAttempts?: number;
}

const AWAIT_MS = 30_000;
const ATTEMPTS_DEFAULT = 3;
const BATCH_MAX = 32;
/** Consumers of earlier subscriptions that are kept, for messages that are not acknowledged yet. */
const EARLIER_MAX = 8;

/** Receives messages when asked. */
export class SimpleConsumer extends BaseClient {
  readonly #options: SimpleConsumerOptions;
  readonly #subscriptions: Map<string, FilterExpression | string>;
  readonly #messages = new WeakMap<MessageView, SimpleMessage>();
  readonly #earlier: SkylarkConsumer[] = [];
  #consumer: SkylarkConsumer | undefined;

  constructor(options: SimpleConsumerOptions) {
    super(options);
    this.#options = options;
    this.#subscriptions = new Map(options.subscriptions);
    if (this.#subscriptions.size > 0) this.#create(this.#subscriptions);
  }

  getConsumerGroup(): string {
    return this.#options.consumerGroup;
  }

  /** Receives one more topic, or the topic with another filter. */
  async subscribe(topic: string, filterExpression: FilterExpression | string): Promise<void> {
    this.#subscriptions.set(topic, filterExpression);
    await this.#replace();
  }

  /** Receives the topic no more, from the next `receive` on. */
  unsubscribe(topic: string): void {
    if (this.#subscriptions.delete(topic)) this.#retire();
  }

  /** Some messages, or none when the time is over. Each is held for `invisibleDuration` ms. */
  async receive(maxMessageNum = 10, invisibleDuration = 15_000): Promise<MessageView[]> {
    this.checkRunning('SimpleConsumer');
    if (maxMessageNum <= 0) {
      throw new Error(`maxMessageNum must be greater than 0, but got ${maxMessageNum}`);
    }
    return withExceptions(async () => {
      const wish = { max: Math.min(maxMessageNum, BATCH_MAX), invisibleMs: invisibleDuration };
      const messages = await this.#receive(wish);
      return messages.map((message) => {
        const view = new MessageView(message, message.receipt);
        this.#messages.set(view, message);
        return view;
      });
    });
  }

  /** Done: the group will not see the message again. */
  async ack(message: MessageView): Promise<void> {
    await withExceptions(() => this.#messageOf(message).ack());
  }

  /** Holds the message for so many milliseconds from now on. */
  async changeInvisibleDuration(message: MessageView, invisibleDuration: number): Promise<void> {
    await withExceptions(() => this.#messageOf(message).changeInvisible(invisibleDuration));
  }

  protected async open(): Promise<void> {
    await this.#consumer?.start();
  }

  protected async close(): Promise<void> {
    const all = [...this.#earlier, ...(this.#consumer === undefined ? [] : [this.#consumer])];
    await Promise.all(all.map((consumer) => consumer.close()));
  }

  async #receive(wish: { max: number; invisibleMs: number }): Promise<readonly SimpleMessage[]> {
    const attempts = this.#options.maxRetryAttempts ?? ATTEMPTS_DEFAULT;
    for (let attempt = 1; ; attempt++) {
      const consumer = this.#consumer ?? this.#create(this.#subscriptions);
      try {
        return await consumer.receive(wish);
      } catch (thrown) {
        const error = MqError.from(thrown);
        if (!error.retryable || attempt >= attempts) throw error;
      }
    }
  }

  async #replace(): Promise<void> {
    this.#retire();
    const consumer = this.#create(this.#subscriptions);
    if (this.isRunning()) await withExceptions(() => consumer.start());
  }

  #retire(): void {
    if (this.#consumer !== undefined) this.#earlier.push(this.#consumer);
    this.#consumer = undefined;
    if (this.#earlier.length > EARLIER_MAX) void this.#earlier.shift()?.close();
  }

  #create(subscriptions: Subscriptions): SkylarkConsumer {
    if (subscriptions.size === 0) {
      const text = 'No subscriptions available to receive messages: call subscribe first';
      throw new MqError(MqErrorCode.InvalidArgument, text);
    }
    this.#consumer = new SkylarkConsumer({
      ...this.client,
      // The group's members are told apart by this name, and there may be some here.
      instanceName: `${this.clientId}@${this.#earlier.length}`,
      group: this.#options.consumerGroup,
      subscriptions: toSubscriptions(subscriptions),
      awaitMs: this.#options.awaitDuration ?? AWAIT_MS,
    });
    return this.#consumer;
  }

  #messageOf(view: MessageView): SimpleMessage {
    const message = this.#messages.get(view);
    assert(message !== undefined, `message ${view.messageId} was received by another consumer`);
    return message;
  }
}
