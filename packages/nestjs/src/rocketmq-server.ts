/**
 * Runs the handlers of a Nest application for messages. An event is acknowledged when all its
 * handlers are through; when one throws, the message comes again. A request is answered with what
 * its handler returns or throws.
 */
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import {
  type ConsumerMessage,
  MqError,
  MqErrorCode,
  Producer,
  PushConsumer,
  type PushConsumerOptions,
  type ReceivedMessage,
  type ReplyContent,
  type RunOptions,
} from '@skylarkmq/client';
import { from, isObservable, lastValueFrom } from 'rxjs';
import { HandlerTable } from './handler-table.ts';
import { errorReply, fromBody, toBody } from './payload.ts';
import { Rejection } from './reject-exception.ts';
import { RocketMqContext } from './rocketmq-context.ts';

/** Options of {@link RocketMqServer}: a push consumer's; what is subscribed to, handlers say. */
export interface RocketMqServerOptions extends Omit<PushConsumerOptions, 'subscriptions'> {
  /** Handlers at a time, 1 to 10,000. Default 20. */
  readonly concurrency?: RunOptions['concurrency'];
  /** Makes the payload of a message. Default: parsed JSON; what is none comes as its bytes. */
  readonly deserialize?: (message: ReceivedMessage) => unknown;
}

/** What {@link RocketMqServer.on} tells. */
export type RocketMqServerEvents = {
  /** A handler failed; the message comes again. */
  error: (error: unknown) => void;
};

/** The state of a server. */
type Status = 'connected' | 'disconnected';

/** By it Nest knows handlers that are meant for this transport only. */
export const ROCKETMQ_TRANSPORT: symbol = Symbol('ROCKETMQ');

/** Property of a message whose sender waits for a reply. */
const REPLY_PROPERTY = 'REPLY_TO_CLIENT';

/** See the head of this file. */
export class RocketMqServer
  extends Server<RocketMqServerEvents, Status>
  implements CustomTransportStrategy
{
  override transportId: symbol = ROCKETMQ_TRANSPORT;
  readonly #options: RocketMqServerOptions;
  readonly #listeners: RocketMqServerEvents['error'][] = [];
  #consumer: PushConsumer | undefined;
  #producer: Producer | undefined;
  #run: Promise<void> | undefined;

  constructor(options: RocketMqServerOptions) {
    super();
    this.#options = options;
  }

  /** Subscribes to what the handlers want; Nest calls it. */
  listen(callback: (error?: unknown) => void): void {
    this.#start().then(() => callback(), callback);
  }

  /** Takes no more messages, waits for the handlers, and leaves the group. */
  async close(): Promise<void> {
    await this.#consumer?.close();
    await this.#run;
    await this.#producer?.close();
    this._status$.next('disconnected');
  }

  /** Adds a listener. */
  on<Name extends keyof RocketMqServerEvents>(
    _event: Name,
    callback: RocketMqServerEvents[Name],
  ): this {
    this.#listeners.push(callback);
    return this;
  }

  /** The PushConsumer that gets the messages. */
  unwrap<T = PushConsumer>(): T {
    const consumer: unknown = this.#consumer;
    if (consumer !== undefined) return consumer as T;
    const text = 'The server has no consumer: it is not started, or there are no handlers';
    throw new MqError(MqErrorCode.InvalidArgument, text);
  }

  async #start(): Promise<void> {
    const table = new HandlerTable(this.messageHandlers);
    const subscriptions = table.subscriptions();
    if (subscriptions.length === 0) return;
    const { concurrency, deserialize, ...options } = this.#options;
    const consumer = new PushConsumer({ ...options, subscriptions });
    const producer = new Producer(producerOptions(options));
    this.#consumer = consumer;
    this.#producer = producer;
    await producer.start();
    await consumer.start();
    this._status$.next('connected');
    const work = async (message: ConsumerMessage, signal: AbortSignal): Promise<void> => {
      if (message.property(REPLY_PROPERTY) === undefined) {
        await this.#handleEvents(table, message, signal);
        return;
      }
      const answering = producer.replying(() => this.#answer(table, message, signal));
      await answering(message, signal);
    };
    this.#run = consumer
      .run(work, concurrency === undefined ? {} : { concurrency })
      .catch((thrown: unknown) => this.#tell(thrown));
  }

  async #handleEvents(
    table: HandlerTable<MessageHandler>,
    message: ConsumerMessage,
    signal: AbortSignal,
  ): Promise<void> {
    const entries = table.events(message.topic, message.tags);
    if (entries.length === 0) throw noHandler('event', message);
    try {
      for (const { text, handler } of entries) {
        await this.#call(handler, new RocketMqContext([message, text, signal]));
      }
    } catch (thrown) {
      this.#tell(thrown);
      if (!(thrown instanceof Rejection)) throw asError(thrown);
      await message.reject({ cause: asError(thrown) });
    }
  }

  async #answer(
    table: HandlerTable<MessageHandler>,
    message: ConsumerMessage,
    signal: AbortSignal,
  ): Promise<ReplyContent> {
    const entry = table.request(message.topic, message.tags);
    if (entry === undefined) return errorReply(noHandler('request', message));
    try {
      const context = new RocketMqContext([message, entry.text, signal]);
      return { body: toBody(await this.#call(entry.handler, context)) };
    } catch (thrown) {
      this.#tell(thrown);
      return errorReply(thrown);
    }
  }

  /** Calls a handler as Nest wants it; resolves with its last value when it is through. */
  #call(handler: MessageHandler, context: RocketMqContext): Promise<unknown> {
    const { deserialize = fromBody } = this.#options;
    return new Promise((resolve, reject) => {
      const work = async (): Promise<void> => {
        try {
          const result: unknown = await handler(deserialize(context.getMessage()), context);
          const all = isObservable(result) ? result : from([result]);
          resolve(await lastValueFrom(all, { defaultValue: undefined }));
        } catch (thrown) {
          reject(thrown);
        } finally {
          this.onProcessingEndHook?.(this.transportId, context);
        }
      };
      this.onProcessingStartHook(this.transportId, context, work);
    });
  }

  #tell(error: unknown): void {
    for (const listener of this.#listeners) listener(error);
  }
}

/** Replies go out with what producers and consumers have in common. */
function producerOptions(
  options: Omit<RocketMqServerOptions, 'concurrency' | 'deserialize'>,
): ConstructorParameters<typeof Producer>[0] {
  const { group, trace, telemetry, ...rest } = options;
  return {
    ...rest,
    group: `${group}-replies`,
    ...(trace === undefined ? {} : { trace }),
    ...(telemetry === undefined ? {} : { telemetry }),
  };
}

function noHandler(kind: 'event' | 'request', { topic, tags }: ReceivedMessage): MqError {
  const what = tags === undefined ? topic : `${topic}:${tags}`;
  const decorator = kind === 'event' ? '@EventPattern' : '@MessagePattern';
  const text = `No handler for this ${kind}: add ${decorator}('${what}') to a controller`;
  return new MqError(MqErrorCode.InvalidArgument, text);
}

/** Nest's filters turn errors into plain objects; retries and dead letters tell an error's text. */
function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  const message: unknown = Reflect.get(Object(thrown), 'message');
  return new Error(typeof message === 'string' ? message : JSON.stringify(thrown));
}
