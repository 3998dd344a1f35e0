/**
 * Requests that wait for a reply, and replies to them. A request is a message like any other that
 * says who asks; a reply goes to a broker that knows who asked, which passes it on.
 */
import {
  abortError,
  type Clock,
  type Logger,
  MqError,
  MqErrorCode,
  onAbort,
  type Scheduler,
  throwIfAborted,
} from '@skylarkmq/base';
import { type MessageQueue, PropertyName, SystemTopic } from '@skylarkmq/message';
import { ResponseCode } from '@skylarkmq/wire';
import { abortable, type CallOptions } from '../async/abortable.ts';
import { Gate } from '../async/gate.ts';
import type { ReceivedMessage } from '../consumer/received-message.ts';
import type { OutgoingMessage } from '../producer/outgoing-message.ts';
import type { MessageExtras } from '../producer/packer.ts';
import type { QueueSelector } from '../producer/queue-selector.ts';
import type { SendReceipt } from '../producer/send-receipt.ts';
import type { RouteTable } from '../route/route-table.ts';
import type { ReplyMessage } from './reply-message.ts';
import type { WaitingRequests } from './waiting-requests.ts';

/** How a request is made. */
export interface RequestReplyOptions extends CallOptions {
  /** Time until the reply must be here, sending included. Default: `sendTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Send to this queue and no other. */
  readonly queue?: MessageQueue;
  /** Chooses the queue. */
  readonly selector?: QueueSelector;
}

/** How a reply is sent. */
export interface ReplyOptions extends CallOptions {
  /** Default: the producer's `sendTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** What a reply says: a body, or a body with more. */
export type ReplyContent =
  | string
  | Uint8Array
  | Pick<OutgoingMessage, 'body' | 'tags' | 'keys' | 'properties' | 'flag'>;

/** Answers a message; without a result (undefined) there is no reply. */
export type RequestHandler = (
  message: ReceivedMessage,
  signal: AbortSignal,
) => ReplyContent | undefined | Promise<ReplyContent | undefined>;

/** What asking and answering need of their client; `ClientInstance` is one. */
export interface AskingClient {
  readonly clientId: string;
  readonly requests: WaitingRequests;
  readonly nextMessageId: () => string;
  readonly routes: Pick<RouteTable, 'known' | 'findToSend'>;
  announce(): Promise<void>;
}

/** What asking and answering need from their producer. */
export interface RequestReplyDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly sendTimeoutMs: number;
  /** CLOSED when the producer is. */
  instance(): AskingClient;
  /** The topic as brokers know it. */
  topicOf(topic: string): string;
  send(
    message: OutgoingMessage,
    options: RequestReplyOptions,
    extras: MessageExtras,
  ): Promise<SendReceipt>;
}

/** Requests of one producer that wait at a time; more wait for their turn. */
const REQUESTS_MAX = 65_536;
/** Topics whose brokers were told who asks; beyond that they are told again. */
const TOPICS_MAX = 100_000;
// RocketMQ: MixAll#REPLY_MESSAGE_FLAG
const REPLY_TYPE = 'reply';

/** See the head of this file. */
export class RequestReply {
  readonly #deps: RequestReplyDeps;
  readonly #gate: Gate;
  readonly #asked = new Set<string>();

  constructor(deps: RequestReplyDeps) {
    this.#deps = deps;
    this.#gate = new Gate(REQUESTS_MAX, deps.scheduler);
  }

  /** Resolves when no request waits any more. */
  idle(): Promise<void> {
    return this.#gate.idle();
  }

  // RocketMQ: DefaultMQProducerImpl#request
  async request(message: OutgoingMessage, options: RequestReplyOptions): Promise<ReplyMessage> {
    const { clock, sendTimeoutMs } = this.#deps;
    const { signal, timeoutMs = sendTimeoutMs } = options;
    throwIfAborted(signal);
    const instance = this.#deps.instance();
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    await this.#gate.enter(timeoutMs, signal);
    try {
      await this.#introduce(instance, this.#deps.topicOf(message.topic), signal);
      const leftMs = Math.floor(deadlineMs - clock.monotonicMs());
      if (leftMs < 1) throw late(message.topic, timeoutMs);
      return await this.#ask(instance, message, { ...options, timeoutMs: leftMs }, timeoutMs);
    } finally {
      this.#gate.leave();
    }
  }

  // RocketMQ: MessageUtil#createReplyMessage
  async reply(
    request: ReceivedMessage,
    content: ReplyContent,
    options: ReplyOptions,
  ): Promise<SendReceipt> {
    const cluster = requestProperty(request, PropertyName.Cluster);
    const clientId = requestProperty(request, PropertyName.ReplyToClient);
    const properties = new Map<string, string>([
      [PropertyName.MessageType, REPLY_TYPE],
      [PropertyName.CorrelationId, requestProperty(request, PropertyName.CorrelationId)],
      [PropertyName.ReplyToClient, clientId],
    ]);
    const ttl = request.property(PropertyName.Ttl);
    if (ttl !== undefined) properties.set(PropertyName.Ttl, ttl);
    const topic = cluster + SystemTopic.ReplySuffix;
    const queue = await this.#replyQueue(topic, request.queue.brokerName, options.signal);
    const message = { ...contentOf(content), topic };
    const how = queue === undefined ? options : { ...options, queue };
    try {
      return await this.#deps.send(message, how, { properties, isReply: true });
    } catch (thrown) {
      throw replyError(MqError.from(thrown), clientId);
    }
  }

  /** A handler for consumers that sends what `handler` returns; see `Producer.replying`. */
  replying(
    handler: RequestHandler,
  ): (message: ReceivedMessage, signal: AbortSignal) => Promise<void> {
    return async (message, signal) => {
      const content = await handler(message, signal);
      if (content === undefined || !isRequest(message)) return;
      try {
        await this.reply(message, content, { signal });
      } catch (thrown) {
        const error = MqError.from(thrown);
        if (error.retryable) throw error;
        const { topic, messageId } = message;
        this.#deps.logger.warn({ error, topic, messageId }, 'Nobody waits for this reply any more');
      }
    };
  }

  /** Brokers pass replies on to clients that they know: before the first request they must. */
  async #introduce(instance: AskingClient, topic: string, signal?: AbortSignal): Promise<void> {
    if (this.#asked.has(topic)) return;
    await abortable(instance.routes.findToSend(topic), signal);
    await abortable(instance.announce(), signal);
    if (this.#asked.size < TOPICS_MAX) this.#asked.add(topic);
  }

  #ask(
    instance: AskingClient,
    message: OutgoingMessage,
    options: RequestReplyOptions,
    timeoutMs: number,
  ): Promise<ReplyMessage> {
    const { requests, clientId, nextMessageId } = instance;
    const correlationId = nextMessageId();
    const properties = new Map<string, string>([
      [PropertyName.CorrelationId, correlationId],
      [PropertyName.ReplyToClient, clientId],
      [PropertyName.Ttl, String(timeoutMs)],
    ]);
    const { signal, timeoutMs: leftMs = timeoutMs } = options;
    return new Promise<ReplyMessage>((resolve, reject) => {
      const end = (): void => {
        timer.cancel();
        removeAbort();
        requests.forget(correlationId);
      };
      const fail = (thrown: unknown): void => {
        end();
        reject(MqError.from(thrown));
      };
      const timer = this.#deps.scheduler.after(leftMs, () => fail(late(message.topic, timeoutMs)));
      const removeAbort = onAbort(signal, () => {
        if (signal !== undefined) fail(abortError(signal));
      });
      requests.expect(correlationId, (reply) => {
        end();
        resolve(reply);
      });
      this.#deps.send(message, options, { properties, isRequest: true }).catch(fail);
    });
  }

  /** A queue of the broker that the request came through: who asked is known there. */
  async #replyQueue(
    topic: string,
    brokerName: string,
    signal?: AbortSignal,
  ): Promise<MessageQueue | undefined> {
    const { routes } = this.#deps.instance();
    const route = routes.known(topic) ?? (await abortable(routes.findToSend(topic), signal));
    return route?.writable.find((queue) => queue.brokerName === brokerName);
  }
}

/** Whether somebody waits for a reply to this message. */
function isRequest(message: ReceivedMessage): boolean {
  return message.property(PropertyName.ReplyToClient) !== undefined;
}

function contentOf(content: ReplyContent): Omit<OutgoingMessage, 'topic'> {
  if (typeof content === 'string' || content instanceof Uint8Array) return { body: content };
  const { body, tags, keys, properties, flag } = content;
  return {
    body,
    ...(tags === undefined ? {} : { tags }),
    ...(keys === undefined ? {} : { keys }),
    ...(properties === undefined ? {} : { properties }),
    ...(flag === undefined ? {} : { flag }),
  };
}

function requestProperty(request: ReceivedMessage, name: string): string {
  const value = request.property(name);
  if (value !== undefined) return value;
  throw new MqError(
    MqErrorCode.InvalidArgument,
    `Message ${request.messageId} is no request, it has no property ${name}: ` +
      'only messages that were sent with Producer.request can be replied to',
  );
}

/** A broker that cannot pass the reply on says so with its general code, in these words. */
// RocketMQ: ReplyMessageProcessor#pushReplyMessage
const NOT_PASSED_ON = 'reply message';

function replyError(error: MqError, clientId: string): MqError {
  const refused = error.responseCode === ResponseCode.SystemError;
  if (!refused || !error.message.includes(NOT_PASSED_ON)) return error;
  return new MqError(
    MqErrorCode.Response,
    `The client ${clientId} did not get the reply, it has left or does not answer: ` +
      error.message,
    { responseCode: ResponseCode.SystemError, retryable: false, cause: error },
  );
}

function late(topic: string, timeoutMs: number): MqError {
  return new MqError(
    MqErrorCode.Timeout,
    `No reply to the request to ${topic} within ${timeoutMs} ms: is a consumer of the topic ` +
      'running that replies?',
    { retryable: true },
  );
}
