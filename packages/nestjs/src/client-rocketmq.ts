/**
 * Sends the messages of Nest's `ClientProxy`: `emit` sends one and completes when a broker has
 * stored it, `send` asks and completes with the reply.
 */
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import {
  MqError,
  MqErrorCode,
  type OutgoingMessage,
  Producer,
  type ProducerOptions,
  type ReplyMessage,
} from '@skylarkmq/client';
import { parsePattern } from './pattern.ts';
import { fromBody, isErrorReply, toBody } from './payload.ts';
import { RocketMqRecord } from './rocketmq-record.ts';

/** Options of {@link ClientRocketMq}: those of a producer. */
export interface ClientRocketMqOptions extends ProducerOptions {
  /** Time until a reply must be here. Default: `sendTimeoutMs`. */
  readonly replyTimeoutMs?: number;
  /** Makes the body. Default: bytes as they are, everything else as JSON. */
  readonly serialize?: (data: unknown) => string | Uint8Array;
  /** Makes the value of a reply. Default: parsed JSON; what is none comes as its bytes. */
  readonly deserialize?: (reply: ReplyMessage) => unknown;
}

/** There are none. */
export type ClientRocketMqEvents = Record<never, () => void>;

/** See the head of this file. */
export class ClientRocketMq extends ClientProxy<
  ClientRocketMqEvents,
  'connected' | 'disconnected'
> {
  readonly #options: ClientRocketMqOptions;
  readonly #producer: Producer;
  #connecting: Promise<void> | undefined;

  constructor(options: ClientRocketMqOptions) {
    super();
    const { replyTimeoutMs: _, serialize: __, deserialize: ___, ...producer } = options;
    this.#options = options;
    this.#producer = new Producer(producer);
  }

  /** Connects; `emit` and `send` do it too. May be called again when it failed. */
  connect(): Promise<void> {
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  /** Waits for what is under way, and leaves. */
  async close(): Promise<void> {
    await this.#producer.close();
    this._status$.next('disconnected');
  }

  /** The Producer. */
  unwrap<T = Producer>(): T {
    const producer: unknown = this.#producer;
    return producer as T;
  }

  protected publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const cancel = new AbortController();
    this.#ask(packet, cancel.signal).then(
      (response) => callback({ response, isDisposed: true }),
      (err: unknown) => callback({ err }),
    );
    return () => cancel.abort();
  }

  /** Resolves with the receipt. */
  protected async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    const receipt: unknown = await this.#producer.send(this.#messageOf(packet));
    return receipt as T;
  }

  async #connect(): Promise<void> {
    try {
      await this.#producer.start();
      this._status$.next('connected');
    } catch (thrown) {
      this.#connecting = undefined;
      throw thrown;
    }
  }

  async #ask(packet: ReadPacket, signal: AbortSignal): Promise<unknown> {
    const { deserialize = fromBody, replyTimeoutMs } = this.#options;
    const timeout = replyTimeoutMs === undefined ? {} : { timeoutMs: replyTimeoutMs };
    const message = this.#messageOf(packet);
    const reply = await this.#producer.request(message, { signal, ...timeout });
    if (isErrorReply(reply)) throw fromBody(reply);
    return deserialize(reply);
  }

  #messageOf({ pattern, data }: ReadPacket): OutgoingMessage {
    const text = this.normalizePattern(pattern);
    const { topic, tags = [], sql } = parsePattern(text);
    const [tag] = tags;
    if (tags.length > 1 || sql !== undefined) {
      const reason = `A message has one tag: ${text} is a pattern for handlers only`;
      throw new MqError(MqErrorCode.InvalidArgument, reason);
    }
    const { serialize = toBody } = this.#options;
    const record = data instanceof RocketMqRecord ? data : new RocketMqRecord<unknown>(data);
    const body = serialize(record.data);
    return { ...record.fields, topic, body, ...(tag === undefined ? {} : { tags: tag }) };
  }
}
