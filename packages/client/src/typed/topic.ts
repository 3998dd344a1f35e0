/**
 * A topic whose payloads have a type: what is sent is checked before it leaves, what is received
 * before it is handled.
 */
import { type Logger, MqErrorCode, silentLogger } from '@skylarkmq/base';
import type { ReceivedMessage } from '../consumer/received-message.ts';
import type { OutgoingMessage } from '../producer/outgoing-message.ts';
import type { ConsumerMessage } from '../push/consumer-message.ts';
import type { MessageHandler } from '../push/push-consumer.ts';
import { jsonCodec, type PayloadCodec } from './payload-codec.ts';
import { PayloadError } from './payload-error.ts';
import type { StandardSchema } from './standard-schema.ts';

/** Options of {@link topic}. */
export interface TopicOptions<Input, Output> {
  readonly name: string;
  /** Of zod, valibot, arktype, or whatever implements Standard Schema. */
  readonly schema: StandardSchema<Input, Output>;
  /** Default: JSON. */
  readonly codec?: PayloadCodec;
}

/** What a message has besides its topic and body. */
export type MessageFields = Omit<OutgoingMessage, 'topic' | 'body'>;

/**
 * What becomes of a received message whose payload is not valid: `dead-letter` puts it among the
 * group's dead letters at once, `retry` has it again later (a newer member may know its form),
 * `ignore` acknowledges it; a function decides itself, and acknowledges by returning.
 */
export type OnInvalid =
  | 'dead-letter'
  | 'retry'
  | 'ignore'
  | ((message: ConsumerMessage, error: PayloadError) => unknown);

/** Options of a typed handler. */
export interface TypedHandlerOptions {
  /** Default `dead-letter`. */
  readonly onInvalid?: OnInvalid;
  /** Told of every payload that is not valid. Default: silent. */
  readonly logger?: Logger;
}

/** Handles a value; `message` is what it came in. */
export type TypedHandler<Output> = (
  value: Output,
  message: ConsumerMessage,
  signal: AbortSignal,
) => unknown;

/** Anything that sends a message: a producer, or what is like one. */
export interface MessageSender<Options, Receipt> {
  send(message: OutgoingMessage, options?: Options): Promise<Receipt>;
}

/**
 * Makes a typed topic. `Input` is what is sent and what is in the body, `Output` what handlers get:
 * they differ where the schema transforms or has defaults.
 */
export function topic<Input, Output>(options: TopicOptions<Input, Output>): Topic<Input, Output> {
  return new Topic(options);
}

/** See {@link topic}. */
export class Topic<Input, Output = Input> {
  readonly name: string;
  readonly #schema: StandardSchema<Input, Output>;
  readonly #codec: PayloadCodec;

  constructor({ name, schema, codec }: TopicOptions<Input, Output>) {
    this.name = name;
    this.#schema = schema;
    this.#codec = codec ?? jsonCodec;
  }

  /** A message with this payload; throws a {@link PayloadError} if it is not valid. */
  async message(value: Input, fields: MessageFields = {}): Promise<OutgoingMessage> {
    const result = await this.#schema['~standard'].validate(value);
    const code = MqErrorCode.InvalidArgument;
    if (result.issues !== undefined) throw new PayloadError(code, this.name, result.issues);
    try {
      return { ...fields, topic: this.name, body: this.#codec.encode(value) };
    } catch (thrown) {
      throw new PayloadError(code, this.name, [{ message: textOf(thrown) }], thrown);
    }
  }

  /** Sends a payload; see {@link message}. */
  async send<Options, Receipt>(
    sender: MessageSender<Options, Receipt>,
    value: Input,
    fields: MessageFields = {},
    options?: Options,
  ): Promise<Receipt> {
    return sender.send(await this.message(value, fields), options);
  }

  /** The payload of a received message; throws a {@link PayloadError} if it is not valid. */
  async read(message: ReceivedMessage): Promise<Output> {
    const code = MqErrorCode.Corrupt;
    let value: unknown;
    try {
      value = this.#codec.decode(message.body);
    } catch (thrown) {
      throw new PayloadError(code, this.name, [{ message: textOf(thrown) }], thrown);
    }
    const result = await this.#schema['~standard'].validate(value);
    if (result.issues !== undefined) throw new PayloadError(code, this.name, result.issues);
    return result.value;
  }

  /** A handler for `consumer.run` that is given payloads. */
  handler(handle: TypedHandler<Output>, options: TypedHandlerOptions = {}): MessageHandler {
    const { onInvalid = 'dead-letter', logger = silentLogger } = options;
    return async (message, signal) => {
      let value: Output;
      try {
        value = await this.read(message);
      } catch (thrown) {
        if (!(thrown instanceof PayloadError)) throw thrown;
        const { messageId } = message;
        logger.warn({ error: thrown, topic: this.name, messageId }, 'A payload is not valid');
        await settleInvalid(message, thrown, onInvalid);
        return;
      }
      await handle(value, message, signal);
    };
  }
}

/** One handler for a consumer of several topics: chooses by the message's topic. */
export function byTopic(handlers: Readonly<Record<string, MessageHandler>>): MessageHandler {
  const table = new Map(Object.entries(handlers));
  return (message, signal) => {
    const handler = table.get(message.topic);
    if (handler !== undefined) return handler(message, signal);
    throw new PayloadError(MqErrorCode.Corrupt, message.topic, [
      { message: `there is no handler, only for ${[...table.keys()].join(', ')}` },
    ]);
  };
}

async function settleInvalid(
  message: ConsumerMessage,
  error: PayloadError,
  onInvalid: OnInvalid,
): Promise<void> {
  if (typeof onInvalid === 'function') await onInvalid(message, error);
  else if (onInvalid === 'dead-letter') await message.reject({ cause: error });
  else if (onInvalid === 'retry') await message.retry({ cause: error });
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
