/**
 * Sends messages: looks up where a topic's queues are, chooses one, and tries another broker when
 * the first does not take the message. One producer serves the whole process; calls may overlap.
 */
import { MqError, MqErrorCode, throwIfAborted } from '@skylarkmq/base';
import { type MessageQueue, parseRecallHandle } from '@skylarkmq/message';
import { recallMessage } from '../api/recall-message.ts';
import { abortable, type CallOptions } from '../async/abortable.ts';
import { Gate } from '../async/gate.ts';
import type { ReceivedMessage } from '../consumer/received-message.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import { type InstanceLease, leaseInstance } from '../instance/instance-pool.ts';
import { withNamespace } from '../instance/namespace.ts';
import { type SendKind, SendLayers, type SendMiddleware } from '../middleware/send-layers.ts';
import { type ResolvedClientOptions, resolveClientOptions } from '../options/client-options.ts';
import type { ReplyMessage } from '../request/reply-message.ts';
import {
  type ReplyContent,
  type ReplyOptions,
  type RequestHandler,
  RequestReply,
  type RequestReplyOptions,
} from '../request/request-reply.ts';
import { TEMPLATE_TOPIC } from '../route/route-table.ts';
import { openSendTracer } from '../trace/open-tracers.ts';
import type { SendTracer } from '../trace/send-tracer.ts';
import { Accumulator } from './accumulator.ts';
import { BodyCompressor } from './body-compressor.ts';
import { Delivery } from './delivery.ts';
import {
  bodySizeOf,
  type OutgoingMessage,
  type PreparedMessage,
  prepareMessage,
} from './outgoing-message.ts';
import { type MessageExtras, Packer } from './packer.ts';
import {
  type ProducerOptions,
  type ResolvedProducerOptions,
  resolveProducerOptions,
} from './producer-options.ts';
import type { SendOptions } from './send-options.ts';
import type { SendReceipt } from './send-receipt.ts';

/** See the head of this file. */
export class Producer implements AsyncDisposable {
  readonly group: string;
  readonly #clientOptions: ResolvedClientOptions;
  readonly #options: ResolvedProducerOptions;
  readonly #packer: Packer;
  readonly #gate: Gate;
  readonly #delivery: Delivery;
  /** Undefined: every message goes by itself. */
  readonly #accumulator: Accumulator | undefined;
  readonly #tracer: SendTracer | undefined;
  readonly #requests: RequestReply;
  readonly #layers: SendLayers;
  #lease: InstanceLease | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ProducerOptions) {
    this.#clientOptions = resolveClientOptions(options);
    this.#options = resolveProducerOptions(options);
    const { codecs, clock, namespace, scheduler } = this.#clientOptions;
    const { compressLevel, compressOverBytes, compressType } = this.#options;
    const { inFlightBytesMax, inFlightMax } = this.#options;
    this.group = withNamespace(namespace, this.#options.group);
    const codec = codecs.find((one) => one.type === compressType);
    this.#gate = new Gate(inFlightMax, scheduler, inFlightBytesMax);
    this.#packer = new Packer({
      clock,
      compressor: new BodyCompressor(compressOverBytes, compressLevel, codec),
      group: this.group,
      bodyBytesMax: this.#options.bodyBytesMax,
      prepare: (message, isReply) => this.#prepare(message, isReply),
    });
    this.#requests = this.#createRequests();
    this.#layers = new SendLayers(this.#options.group, options.telemetry?.send);
    this.#tracer = openSendTracer({
      client: this.#clientOptions,
      trace: this.#options.trace,
      group: this.#options.group,
      create: (settings) => {
        const { telemetry: _, ...rest } = options;
        return new Producer({ ...rest, ...settings, batch: false, trace: false });
      },
    });
    this.#delivery = new Delivery({
      client: this.#clientOptions,
      options: this.#options,
      tracer: this.#tracer,
      live: () => this.#live(),
    });
    this.#accumulator = this.#createAccumulator();
  }

  /**
   * Connects and registers, so that a wrong address shows at once (`CONNECT`). Not needed: the
   * first send connects too.
   */
  async start(options: CallOptions = {}): Promise<void> {
    const instance = this.#instance();
    try {
      await abortable(instance.routes.lookUp(TEMPLATE_TOPIC), options.signal);
    } catch (thrown) {
      // The name server answers, and whoever may send to some topics need not know this one.
      if (MqError.from(thrown).code !== MqErrorCode.Permission) throw thrown;
    }
    await abortable(instance.announce(), options.signal);
  }

  /**
   * Puts a middleware around every send, inside of those that are there. Not around what was
   * begun before.
   */
  use(middleware: SendMiddleware): this {
    this.#layers.use(middleware);
    return this;
  }

  /** Sends one message and waits until a broker has stored it. */
  send(message: OutgoingMessage, options: SendOptions = {}): Promise<SendReceipt> {
    return this.#layers.active
      ? this.#sendLayered('send', message, options)
      : this.#sendOne(message, options);
  }

  /**
   * Sends a message and waits for the reply of the consumer that gets it. `TIMEOUT` when there is
   * none in time: whether a consumer had the message is unknown then.
   */
  request(message: OutgoingMessage, options: RequestReplyOptions = {}): Promise<ReplyMessage> {
    return this.#requests.request(message, options);
  }

  /**
   * Replies to a message that was sent with {@link request}, by this or another client. `RESPONSE`
   * when the client that asked is gone.
   */
  reply(
    request: ReceivedMessage,
    content: ReplyContent,
    options: ReplyOptions = {},
  ): Promise<SendReceipt> {
    return this.#requests.reply(request, content, options);
  }

  /**
   * A handler for a consumer's `run` that replies with what `handler` returns, and acknowledges the
   * request then. A reply that fails for the moment is tried again with the message; one that
   * nobody waits for any more is dropped.
   */
  replying(
    handler: RequestHandler,
  ): (message: ReceivedMessage, signal: AbortSignal) => Promise<void> {
    return this.#requests.replying(handler);
  }

  /**
   * Sends messages of one topic in one request: all of them are stored, or none. No delay levels,
   * and 4 MiB in all at most: see {@link splitBatch}. One receipt per message, in order.
   */
  sendBatch(
    messages: readonly OutgoingMessage[],
    options: SendOptions = {},
  ): Promise<readonly SendReceipt[]> {
    if (!this.#layers.active) return this.#sendBatch(messages, options);
    return this.#layers.run('batch', messages, (all) => this.#sendBatch(all, options));
  }

  /**
   * Sends one message without an answer: fast, and lost without notice when the broker does not
   * take it. Resolves when it is handed to the connection; throws `BUSY` while the broker does not
   * read what was sent before.
   */
  async sendOneway(message: OutgoingMessage, options: SendOptions = {}): Promise<void> {
    if (!this.#layers.active) return this.#sendOneway(message, options);
    await this.#layers.run('oneway', [message], async (messages) => {
      for (const one of messages) await this.#sendOneway(one, options);
      return [];
    });
  }

  /** Sends at once what waits for others (`batch`); resolves when brokers have answered. */
  async flush(): Promise<void> {
    await this.#accumulator?.flush();
  }

  /**
   * Takes back a message that waits for its time, by the `recallHandle` of its receipt; resolves
   * with its id. `RESPONSE` (code 604) when its time has come.
   */
  async recall(topic: string, handle: string, options: CallOptions = {}): Promise<string> {
    const { clock, namespace } = this.#clientOptions;
    const { uniqueKey } = parseRecallHandle(handle);
    const name = withNamespace(namespace, topic);
    const how = { ...options, timeoutMs: this.#options.sendTimeoutMs };
    const instance = this.#instance();
    if (!this.#gate.tryEnter()) await this.#wait(options);
    const traced = { topic, messageId: uniqueKey, startedAtMs: clock.nowMs() };
    try {
      const { messageId, regionId } = await recallMessage(instance, this.group, name, handle, how);
      this.#tracer?.recalled({ ...traced, regionId, success: true });
      return messageId;
    } catch (thrown) {
      this.#tracer?.recalled({ ...traced, regionId: undefined, success: false });
      throw thrown;
    } finally {
      this.#gate.leave();
    }
  }

  /** The queues of a topic that can be written, sorted by broker and id. */
  async queues(topic: string, options: CallOptions = {}): Promise<readonly MessageQueue[]> {
    const name = withNamespace(this.#clientOptions.namespace, topic);
    return (await this.#delivery.route(this.#instance(), name, options.signal)).writable;
  }

  /** For producers that add to what is sent. */
  protected sendWith(
    kind: SendKind,
    message: OutgoingMessage,
    options: SendOptions,
    extras: MessageExtras,
  ): Promise<SendReceipt> {
    return this.#layers.active
      ? this.#sendLayered(kind, message, options, extras)
      : this.#sendOne(message, options, extras);
  }

  protected get tracer(): SendTracer | undefined {
    return this.#tracer;
  }

  protected live(): ClientInstance {
    return this.#live();
  }

  protected get client(): ResolvedClientOptions {
    return this.#clientOptions;
  }

  /** Waits for sends that are under way, then leaves. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#accumulator?.close();
    await this.#requests.idle();
    await this.#gate.idle();
    await this.#tracer?.close();
    const lease = this.#lease;
    if (lease === undefined) return;
    try {
      await lease.instance.removeProducer(this.group);
    } finally {
      await lease.release();
    }
  }

  /** The instance of a call that was let in: it stays until the call has ended. */
  #live(): ClientInstance {
    return this.#lease?.instance ?? this.#instance();
  }

  #instance(): ClientInstance {
    if (this.#closing !== undefined) {
      throw new MqError(MqErrorCode.Closed, `The producer of group ${this.group} is closed`);
    }
    if (this.#lease === undefined) {
      this.#lease = leaseInstance(this.#clientOptions, 'producer', this.group);
      this.#lease.instance.addProducer(this.group);
    }
    return this.#lease.instance;
  }

  #createAccumulator(): Accumulator | undefined {
    const { batch, compressOverBytes } = this.#options;
    if (batch === undefined) return undefined;
    return new Accumulator({
      scheduler: this.#clientOptions.scheduler,
      options: batch,
      compressOverBytes,
      packer: this.#packer,
      queueOf: ({ prepared }, options) => this.#delivery.queueOf(prepared, options),
      deliver: (parcel, options, deadlineMs) => this.#delivery.deliver(parcel, options, deadlineMs),
    });
  }

  #createRequests(): RequestReply {
    const { clock, logger, namespace, scheduler } = this.#clientOptions;
    return new RequestReply({
      ...{ clock, scheduler, logger },
      sendTimeoutMs: this.#options.sendTimeoutMs,
      instance: () => this.#instance(),
      topicOf: (topic) => withNamespace(namespace, topic),
      send: (message, options, extras) =>
        this.#sendLayered(extras.isReply ? 'reply' : 'request', message, options, extras),
    });
  }

  async #sendOne(
    message: OutgoingMessage,
    options: SendOptions,
    extras?: MessageExtras,
  ): Promise<SendReceipt> {
    const deadlineMs = this.#deadlineOf(options);
    const bytes = bodySizeOf(message);
    if (!this.#gate.tryEnter(bytes)) await this.#wait(options, bytes);
    try {
      if (extras === undefined && this.#accumulator !== undefined) {
        if (this.#accumulator.takes(message)) {
          return await this.#accumulator.send(message, options, deadlineMs);
        }
        // What was sent before is not to be overtaken.
        void this.#accumulator.flush(message.topic);
      }
      const packed = this.#packer.pack(message, extras);
      const parcel = packed instanceof Promise ? await packed : packed;
      const [receipt] = await this.#delivery.deliver(parcel, options, deadlineMs);
      if (receipt === undefined) throw new MqError(MqErrorCode.Internal, 'The send has no receipt');
      return receipt;
    } finally {
      this.#gate.leave(bytes);
    }
  }

  #deadlineOf(options: SendOptions): number {
    throwIfAborted(options.signal);
    // A send that waits for its place when the producer is closed is still served.
    this.#instance();
    const timeoutMs = options.timeoutMs ?? this.#options.sendTimeoutMs;
    return this.#clientOptions.clock.monotonicMs() + timeoutMs;
  }

  #wait(options: SendOptions, bytes = 0): Promise<void> {
    const { signal, timeoutMs = this.#options.sendTimeoutMs } = options;
    return this.#gate.enter(timeoutMs, signal, bytes);
  }

  #prepare(message: OutgoingMessage, isReply: boolean): PreparedMessage {
    const { namespace } = this.#clientOptions;
    const topic = isReply ? message.topic : withNamespace(namespace, message.topic);
    const uniqueId = this.#live().nextMessageId();
    return prepareMessage(message, topic, uniqueId, this.#options.bodyBytesMax);
  }

  async #sendLayered(
    kind: SendKind,
    message: OutgoingMessage,
    options: SendOptions,
    extras?: MessageExtras,
  ): Promise<SendReceipt> {
    const [receipt] = await this.#layers.run(kind, [message], (messages) =>
      Promise.all(messages.map((one) => this.#sendOne(one, options, extras))),
    );
    if (receipt === undefined) throw new MqError(MqErrorCode.Internal, 'The send has no receipt');
    return receipt;
  }

  async #sendBatch(
    messages: readonly OutgoingMessage[],
    options: SendOptions,
  ): Promise<readonly SendReceipt[]> {
    const deadlineMs = this.#deadlineOf(options);
    const bytes = messages.reduce((sum, message) => sum + bodySizeOf(message), 0);
    if (!this.#gate.tryEnter(bytes)) await this.#wait(options, bytes);
    try {
      void this.#accumulator?.flush(messages[0]?.topic);
      return await this.#delivery.deliver(this.#packer.packBatch(messages), options, deadlineMs);
    } finally {
      this.#gate.leave(bytes);
    }
  }

  async #sendOneway(message: OutgoingMessage, options: SendOptions): Promise<void> {
    this.#deadlineOf(options);
    const bytes = bodySizeOf(message);
    if (!this.#gate.tryEnter(bytes)) await this.#wait(options, bytes);
    try {
      const packed = this.#packer.pack(message);
      const parcel = packed instanceof Promise ? await packed : packed;
      await this.#delivery.oneway(parcel, options);
    } finally {
      this.#gate.leave(bytes);
    }
  }
}
