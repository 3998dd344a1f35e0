import type { MessageQueue } from '@skylarkmq/message';
import { Producer as SkylarkProducer } from '../../producer/producer.ts';
import type { ProducerOptions } from '../../producer/producer-options.ts';
import type { SendStatus } from '../../producer/send-receipt.ts';
import { Lifecycle } from './lifecycle.ts';
import { type Message, toOutgoing } from './message.ts';
import { type AliOnsOptions, clientOptions } from './options.ts';

/** Options of {@link Producer}. */
export interface AliOnsProducerOptions extends AliOnsOptions {
  readonly producerGroup?: string;
  /** Default 3000 ms. */
  readonly sendMsgTimeout?: number;
  /** Default 4096 bytes. */
  readonly compressMsgBodyOverHowmuch?: number;
  /** Default 3. */
  readonly retryTimesWhenSendFailed?: number;
  readonly retryAnotherBrokerWhenNotStoreOK?: boolean;
  readonly maxMessageSize?: number;
}

/** What became of a message. */
export interface SendResult {
  readonly sendStatus:
    | 'SEND_OK'
    | 'FLUSH_DISK_TIMEOUT'
    | 'FLUSH_SLAVE_TIMEOUT'
    | 'SLAVE_NOT_AVAILABLE';
  /** The place of the message at its broker. */
  readonly msgId: string;
  readonly messageQueue: MessageQueue & { readonly key: string };
  readonly queueOffset: number;
}

const STATUS: Readonly<Record<SendStatus, SendResult['sendStatus']>> = {
  ok: 'SEND_OK',
  'flush-disk-timeout': 'FLUSH_DISK_TIMEOUT',
  'flush-slave-timeout': 'FLUSH_SLAVE_TIMEOUT',
  'slave-not-available': 'SLAVE_NOT_AVAILABLE',
};
const RETRIES_DEFAULT = 3;
/** In `ali-ons` a name for "none was given". */
const GROUP_DEFAULT = 'DEFAULT_PRODUCER';

/** Sends messages; starts by itself. */
export class Producer extends Lifecycle {
  readonly options: AliOnsProducerOptions;
  #producer: SkylarkProducer | undefined;

  constructor(options: AliOnsProducerOptions) {
    super(() => this.#start());
    this.options = options;
  }

  /** The group with its namespace. */
  get producerGroup(): string {
    const { namespace = '', producerGroup = GROUP_DEFAULT } = this.options;
    return namespace === '' ? producerGroup : `${namespace}%${producerGroup}`;
  }

  /** Sends a message and waits until a broker has stored it. */
  async send(message: Message): Promise<SendResult> {
    await this.ready();
    const producer = this.#producer;
    if (producer === undefined) throw new Error('The producer has not started');
    const receipt = await producer.send(toOutgoing(message));
    return {
      sendStatus: STATUS[receipt.status],
      msgId: receipt.offsetMessageId,
      messageQueue: withKey(receipt.queue),
      queueOffset: receipt.queueOffset,
    };
  }

  /** Waits for sends that are under way, and leaves. */
  async close(): Promise<void> {
    await this.#producer?.close();
    this.removeAllListeners();
  }

  async #start(): Promise<void> {
    const producer = new SkylarkProducer(producerOptions(this.options, await this.#client()));
    this.#producer = producer;
    await producer.start();
  }

  #client(): ReturnType<typeof clientOptions> {
    return clientOptions(this.options);
  }
}

/** A queue with the text by which `ali-ons` knows it. */
export function withKey(queue: MessageQueue): MessageQueue & { readonly key: string } {
  const { topic, brokerName, queueId } = queue;
  const key = `[topic="${topic}", brokerName="${brokerName}", queueId="${queueId}"]`;
  return { topic, brokerName, queueId, key };
}

function producerOptions(
  options: AliOnsProducerOptions,
  client: Awaited<ReturnType<typeof clientOptions>>,
): ProducerOptions {
  const { compressMsgBodyOverHowmuch, maxMessageSize, producerGroup, sendMsgTimeout } = options;
  return {
    ...client,
    retries: options.retryTimesWhenSendFailed ?? RETRIES_DEFAULT,
    retryWhenNotDurable: options.retryAnotherBrokerWhenNotStoreOK ?? false,
    ...(producerGroup === undefined || producerGroup === GROUP_DEFAULT
      ? {}
      : { group: producerGroup }),
    ...(sendMsgTimeout === undefined ? {} : { sendTimeoutMs: sendMsgTimeout }),
    ...(maxMessageSize === undefined ? {} : { bodyBytesMax: maxMessageSize }),
    ...(compressMsgBodyOverHowmuch === undefined
      ? {}
      : { compressOverBytes: compressMsgBodyOverHowmuch }),
  };
}
