/** Reads the dead letter topic of a group without being a consumer: nothing is committed. */
import { MqError, MqErrorCode, throwIfAborted } from '@skylarkmq/base';
import { dlqTopic, type MessageQueue, type StoredMessage } from '@skylarkmq/message';
import { deadLetterStates } from '../api/dead-letter-states.ts';
import { maxOffset, minOffset, offsetByTime } from '../api/offsets.ts';
import { pullMessage } from '../api/pull-message.ts';
import { tagSubscription } from '../consumer/subscription.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import { DeadLetter, type DeadLetterContext } from './dead-letter.ts';

/** A group that every broker has for tools. */
const TOOLS_GROUP = 'TOOLS_CONSUMER';
const BATCH = 32;
const BATCH_BYTES: number = 1024 * 1024;
const TIMEOUT_MS = 10_000;

/** Offsets of a queue that are to be read: from, inclusive, to, exclusive. */
export interface QueueRange {
  readonly queue: MessageQueue;
  readonly from: number;
  readonly to: number;
}

/** See the head of this file. Names are as brokers know them. */
export class LetterReader {
  readonly #instance: ClientInstance;
  readonly #group: string;
  readonly #context: DeadLetterContext;

  constructor(instance: ClientInstance, group: string, context: DeadLetterContext) {
    this.#instance = instance;
    this.#group = group;
    this.#context = context;
  }

  /** What there is now, from a time on; nothing when the group has no dead letters. */
  async ranges(fromMs: number | undefined): Promise<readonly QueueRange[]> {
    const topic = dlqTopic(this.#group);
    const route = await this.#instance.routes.lookUp(topic);
    if (route === undefined) return [];
    if (route.readable.length === 0) {
      const cure = `allow it with: mqadmin updateTopicPerm -t ${topic} -p 6`;
      const text = `The dead letters of ${this.#context.group} cannot be read: ${cure}`;
      throw new MqError(MqErrorCode.NoRoute, text);
    }
    return Promise.all(route.readable.map((queue) => this.#range(queue, fromMs)));
  }

  /** The letters of a range, oldest first, in portions, each with what became of it. */
  async *read(
    range: QueueRange,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<readonly DeadLetter[]> {
    const { queue, to } = range;
    for (let offset = range.from; offset < to; ) {
      throwIfAborted(signal);
      const { messages, nextOffset } = await this.#pull(queue, offset, signal);
      const within = messages.filter((message) => message.queueOffset < to);
      if (within.length > 0) yield await this.#wrap(queue, within);
      // A broker that names the same offset again has nothing more.
      if (nextOffset <= offset) return;
      offset = nextOffset;
    }
  }

  async #range(queue: MessageQueue, fromMs: number | undefined): Promise<QueueRange> {
    const address = await this.#address(queue);
    const [first, to] = await Promise.all([
      minOffset(this.#instance, address, queue),
      maxOffset(this.#instance, address, queue),
    ]);
    if (fromMs === undefined || fromMs <= 0) return { queue, from: first, to };
    const from = await offsetByTime(this.#instance, address, queue, fromMs);
    return { queue, from: Math.max(first, from), to };
  }

  async #pull(
    queue: MessageQueue,
    offset: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly messages: readonly StoredMessage[]; readonly nextOffset: number }> {
    const address = await this.#address(queue);
    const never = new AbortController().signal;
    const { outcome } = await pullMessage(
      this.#instance,
      address,
      TOOLS_GROUP,
      {
        ...{ queue, offset, commitOffset: undefined, lite: true },
        subscription: tagSubscription(queue.topic, '*', this.#instance.options.clock.nowMs()),
        ...{ batchSize: BATCH, batchBytes: BATCH_BYTES, holdMs: 0, timeoutMs: TIMEOUT_MS },
      },
      { fromMaster: true, signal: signal ?? never },
    );
    const messages = outcome.status === 'found' ? outcome.messages : [];
    return { messages, nextOffset: outcome.nextOffset };
  }

  async #wrap(
    queue: MessageQueue,
    messages: readonly StoredMessage[],
  ): Promise<readonly DeadLetter[]> {
    const address = await this.#address(queue);
    const { queueId } = queue;
    const places = messages.map(({ queueOffset }) => ({ queueId, offset: queueOffset }));
    const states = await deadLetterStates(this.#instance, address, this.#group, places);
    return messages.map(
      (message, index) => new DeadLetter(message, queue, states?.[index], this.#context),
    );
  }

  #address(queue: MessageQueue): Promise<string> {
    return this.#instance.masterOf(queue.brokerName, queue.topic);
  }
}
