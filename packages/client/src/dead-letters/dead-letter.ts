import {
  type CompressionCodec,
  DeadLetterProperty,
  type MessageQueue,
  PropertyName,
  type StoredMessage,
} from '@skylarkmq/message';
import type { DeadLetterState } from '@skylarkmq/wire';
import { ReceivedMessage } from '../consumer/received-message.ts';
import { withoutNamespace } from '../instance/namespace.ts';

/** What became of a dead letter. `claimed`: somebody is about to send it again. */
export type DeadLetterStatus = DeadLetterState['status'];

/** What a dead letter is wrapped with. */
export interface DeadLetterContext {
  readonly group: string;
  readonly namespace: string | undefined;
  readonly codecs: readonly CompressionCodec[];
}

/**
 * A message that a group gave up. Brokers of Skylark say why in its properties; of a letter that
 * Apache's broker wrote only the original topic and the number of attempts are known.
 */
export class DeadLetter extends ReceivedMessage {
  /** The group whose consumers gave it up, without the namespace. */
  readonly group: string;
  /** Undefined where the broker keeps no state: Apache's does not. */
  readonly state: DeadLetterState | undefined;
  readonly #namespace: string | undefined;

  constructor(
    message: StoredMessage,
    queue: MessageQueue,
    state: DeadLetterState | undefined,
    context: DeadLetterContext,
  ) {
    const { codecs, group, namespace } = context;
    const topic = withoutNamespace(namespace, queue.topic);
    super(message, queue, message.reconsumeTimes, topic, codecs);
    this.group = group;
    this.state = state;
    this.#namespace = namespace;
  }

  /** What became of it; `open` also where the broker keeps no state. */
  get status(): DeadLetterStatus {
    return this.state?.status ?? 'open';
  }

  /** The topic that the message was sent to first; undefined when nothing says so. */
  get originTopic(): string | undefined {
    const name = this.storedOriginTopic;
    return name === undefined ? undefined : withoutNamespace(this.#namespace, name);
  }

  /** The same, as brokers know it. */
  get storedOriginTopic(): string | undefined {
    return this.property(DeadLetterProperty.OriginTopic) ?? this.property(PropertyName.RetryTopic);
  }

  /** The lite topic that it was sent to. */
  override get liteTopic(): string | undefined {
    return super.liteTopic ?? this.property(DeadLetterProperty.OriginLiteTopic);
  }

  /** The id that the broker gave the message when it was stored first. */
  get originMessageId(): string | undefined {
    const id = this.property(DeadLetterProperty.OriginMessageId);
    return id ?? this.property(PropertyName.OriginMessageId);
  }

  /** Where the message was first. */
  get originQueue(): MessageQueue | undefined {
    const topic = this.originTopic;
    const brokerName = this.property(DeadLetterProperty.OriginBroker);
    const queueId = this.#number(DeadLetterProperty.OriginQueueId);
    if (topic === undefined || brokerName === undefined || queueId === undefined) return undefined;
    return { topic, brokerName, queueId };
  }

  /** Its offset there. */
  get originOffset(): number | undefined {
    return this.#number(DeadLetterProperty.OriginOffset);
  }

  /** How often it was consumed in vain. */
  get attempts(): number {
    return this.#number(DeadLetterProperty.Attempts) ?? this.reconsumeTimes;
  }

  /** What the last attempt failed with, if the consumer said so: those of this SDK do. */
  get error(): string | undefined {
    return this.property(DeadLetterProperty.Error);
  }

  /** Client id of the consumer that gave it up. */
  get consumer(): string | undefined {
    return this.property(DeadLetterProperty.Consumer);
  }

  /** When the first attempt failed: the broker's clock, milliseconds. */
  get firstFailedMs(): number | undefined {
    return this.#number(DeadLetterProperty.FirstFailedMs);
  }

  /** When it became a dead letter: the broker's clock, milliseconds. */
  get lastFailedMs(): number {
    return this.#number(DeadLetterProperty.LastFailedMs) ?? this.storeTimestamp;
  }

  #number(name: string): number | undefined {
    const text = this.property(name);
    const number = Number(text);
    return text === undefined || !Number.isSafeInteger(number) ? undefined : number;
  }
}
