/**
 * Receives messages with one handler for each topic. Topics may be added at any time; the consumer
 * that does the work is made anew then, after its handlers are through.
 */
import { assert, MqError, MqErrorCode, realScheduler, type Scheduler } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { Gate } from '../../async/gate.ts';
import { pause } from '../../async/pause.ts';
import type { SubscriptionOptions } from '../../consumer/subscription.ts';
import type { ConsumerMessage } from '../../push/consumer-message.ts';
import { PushConsumer } from '../../push/push-consumer.ts';
import { type AliOnsConsumerOptions, pushOptions } from './consumer-options.ts';
import { Lifecycle } from './lifecycle.ts';
import { fromReceived, type Message } from './message.ts';
import { clientOptions } from './options.ts';
import { withKey } from './producer.ts';

export type { AliOnsConsumerOptions } from './consumer-options.ts';

/** Handles a message: returning is the acknowledgement, throwing has it delivered again. */
export type ConsumerHandler = (
  message: Message,
  queue: MessageQueue & { readonly key: string },
) => unknown;

/** Tags joined by `||`, or a filter in SQL. */
export type SubExpression =
  | string
  | null
  | { readonly expressionType?: string; readonly subString: string };

interface Subscribed {
  readonly handler: ConsumerHandler;
  readonly subscription: SubscriptionOptions;
  readonly gate: Gate;
}

/** Pause before a consumer that could not start tries again, milliseconds. */
const RESTART_MS = 3_000;
/** Messages that were taken wait this long for their handler, milliseconds. */
const TURN_MS = 600_000;

/** See the head of this file. */
export class Consumer extends Lifecycle {
  /** A handler returns it to have the message delivered again. */
  static readonly ACTION_RETRY: unique symbol = Symbol('ACTION_RETRY');

  readonly options: AliOnsConsumerOptions;
  readonly #scheduler: Scheduler;
  readonly #subscriptions = new Map<string, Subscribed>();
  readonly #closed = new AbortController();
  #running: { readonly consumer: PushConsumer; readonly run: Promise<void> } | undefined;
  #runningTopics = 0;
  #changes: Promise<void> = Promise.resolve();

  constructor(options: AliOnsConsumerOptions) {
    super(() => this.#change());
    checkOptions(options);
    this.options = options;
    this.#scheduler = options.ports?.scheduler ?? realScheduler;
  }

  /** The group with its namespace. */
  get consumerGroup(): string {
    const { consumerGroup, namespace = '' } = this.options;
    return namespace === '' ? consumerGroup : `${namespace}%${consumerGroup}`;
  }

  /** `BROADCASTING` or `CLUSTERING`. */
  get messageModel(): 'BROADCASTING' | 'CLUSTERING' {
    return this.options.isBroadcast ? 'BROADCASTING' : 'CLUSTERING';
  }

  /** The topics with their handlers. */
  get subscriptions(): ReadonlyMap<string, { readonly handler: ConsumerHandler }> {
    return this.#subscriptions;
  }

  /** Receives a topic: `subscribe(topic, expression, handler)` or `subscribe(topic, handler)`. */
  subscribe(topic: string, handler: ConsumerHandler): void;
  subscribe(topic: string, expression: SubExpression, handler: ConsumerHandler): void;
  subscribe(
    topic: string,
    expression: SubExpression | ConsumerHandler,
    handler?: ConsumerHandler,
  ): void {
    const work = typeof expression === 'function' ? expression : handler;
    const filter = typeof expression === 'function' ? null : expression;
    if (typeof work !== 'function') throw invalid(`The handler of topic ${topic} is no function`);
    if (this.#subscriptions.has(topic)) throw invalid(`Topic ${topic} has a handler already`);
    const gate = new Gate(this.options.parallelConsumeLimit ?? 1, this.#scheduler);
    const subscription = subscriptionOf(topic, filter);
    this.#subscriptions.set(topic, { handler: work, subscription, gate });
    void this.ready(() => void this.#change());
  }

  /** Waits for the handlers, and leaves the group. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#changes;
    await this.#stop();
    this.emit('close');
  }

  /** Has the consumer that works receive what is subscribed to, after earlier changes. */
  #change(): Promise<void> {
    this.#changes = this.#changes.then(() => this.#follow());
    return this.#changes;
  }

  async #follow(): Promise<void> {
    while (!this.#closed.signal.aborted && this.#runningTopics < this.#subscriptions.size) {
      const topics = this.#subscriptions.size;
      try {
        await this.#stop();
        await this.#open();
        this.#runningTopics = topics;
      } catch (thrown) {
        const error = MqError.from(thrown);
        this.emit('error', error);
        if (error.code === MqErrorCode.InvalidArgument) return;
        await pause(this.#scheduler, RESTART_MS, this.#closed.signal);
      }
    }
  }

  async #open(): Promise<void> {
    const all = [...this.#subscriptions.values()];
    const client = await clientOptions(this.options);
    const subscriptions = all.map(({ subscription }) => subscription);
    const consumer = new PushConsumer({ ...pushOptions(this.options, client), subscriptions });
    await consumer.start();
    const concurrency = (this.options.parallelConsumeLimit ?? 1) * all.length;
    const run = consumer
      .run((message) => this.#handle(message), { concurrency })
      .catch((thrown: unknown) => void this.emit('error', thrown));
    this.#running = { consumer, run };
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.consumer.close();
    await running?.run;
  }

  async #handle(received: ConsumerMessage): Promise<void> {
    const subscribed = this.#subscriptions.get(received.topic);
    assert(subscribed !== undefined, `no handler for ${received.topic}`);
    const { gate, handler } = subscribed;
    if (!gate.tryEnter()) await gate.enter(TURN_MS);
    try {
      const result = await handler(fromReceived(received), withKey(received.queue));
      if (result === Consumer.ACTION_RETRY) await received.retry();
    } catch (thrown) {
      const { topic, offsetMessageId } = received;
      const error = MqError.from(thrown);
      const text = `The handler of topic ${topic} failed for ${offsetMessageId}: ${error.message}`;
      this.emit('error', new MqError(error.code, text, { cause: thrown }));
      throw thrown;
    } finally {
      gate.leave();
    }
  }
}

function subscriptionOf(topic: string, expression: SubExpression): SubscriptionOptions {
  if (expression === null || expression === '') return { topic };
  if (typeof expression === 'string') return { topic, tags: expression };
  const { expressionType = 'TAG', subString } = expression;
  return expressionType === 'SQL92' ? { topic, sql: subString } : { topic, tags: subString };
}

function checkOptions(options: AliOnsConsumerOptions): void {
  if (!options.consumerGroup) throw invalid('The option consumerGroup is required');
  const { parallelConsumeLimit = 1, pullBatchSize = 32 } = options;
  if (parallelConsumeLimit <= pullBatchSize) return;
  throw invalid(`parallelConsumeLimit must be at most pullBatchSize (${pullBatchSize})`);
}

function invalid(text: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, text);
}
