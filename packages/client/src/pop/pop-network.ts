/** The requests of consumers that pop, made through their client instance. All throw MqError. */
import type { MessageQueue } from '@skylarkmq/message';
import { type PopArguments, type PopResult, popMessages } from '../api/pop-message.ts';
import { type PopNews, popNotification } from '../api/pop-notification.ts';
import { ackMessage, ackMessages, changeInvisible } from '../api/pop-settle.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { Popped } from './popped.ts';

/** What popping consumers ask brokers for. */
export interface PopNetwork {
  /** One queue -1 per broker that has the topic; none while no route is known. */
  brokersOf(topic: string): Promise<readonly MessageQueue[]>;
  /** A pop that is not held is better not broken off: what it takes would be lost for a while. */
  pop(args: PopArguments, signal?: AbortSignal): Promise<PopResult>;
  /** Waits for something to pop without taking it. */
  news(args: PopArguments, signal: AbortSignal): Promise<PopNews>;
  ack(popped: Popped): Promise<void>;
  /** Acknowledges messages of any brokers, with one request for each. */
  ackAll(messages: readonly Popped[]): Promise<void>;
  /** Changes the message's receipt on the way. */
  changeInvisible(popped: Popped, invisibleMs: number): Promise<void>;
  /** An id for the attempts of an ordered pop. */
  attemptId(): string;
}

/** Popping from any queue of a broker. */
const ANY_QUEUE = -1;

/** The real one. */
export class InstancePopNetwork implements PopNetwork {
  readonly #instance: ClientInstance;
  readonly #group: string;

  constructor(instance: ClientInstance, group: string) {
    this.#instance = instance;
    this.#group = group;
  }

  async brokersOf(topic: string): Promise<readonly MessageQueue[]> {
    const { routes } = this.#instance;
    const route = await routes.find(topic);
    const names = new Set(route?.readable.map((queue) => queue.brokerName) ?? []);
    return [...names].map((brokerName) => ({ topic, brokerName, queueId: ANY_QUEUE }));
  }

  async pop(args: PopArguments, signal?: AbortSignal): Promise<PopResult> {
    const address = await this.#address(args.queue);
    return popMessages(this.#instance, address, this.#group, args, signal);
  }

  async news(args: PopArguments, signal: AbortSignal): Promise<PopNews> {
    const address = await this.#address(args.queue);
    return popNotification(this.#instance, address, this.#group, args, signal);
  }

  async ack(popped: Popped): Promise<void> {
    await ackMessage(this.#instance, await this.#addressOf(popped), this.#group, popped);
  }

  async ackAll(messages: readonly Popped[]): Promise<void> {
    const byBroker = new Map<string, Popped[]>();
    for (const popped of messages) {
      const { brokerName } = popped.handle;
      const same = byBroker.get(brokerName);
      if (same === undefined) byBroker.set(brokerName, [popped]);
      else same.push(popped);
    }
    await Promise.all([...byBroker.values()].map((same) => this.#ackSame(same)));
  }

  async changeInvisible(popped: Popped, invisibleMs: number): Promise<void> {
    const address = await this.#addressOf(popped);
    popped.handle = await changeInvisible(
      this.#instance,
      address,
      this.#group,
      popped,
      invisibleMs,
    );
  }

  attemptId(): string {
    return this.#instance.nextMessageId();
  }

  async #ackSame(messages: readonly Popped[]): Promise<void> {
    const [first] = messages;
    if (first === undefined) return;
    if (messages.length === 1) return this.ack(first);
    await ackMessages(this.#instance, await this.#addressOf(first), this.#group, messages);
  }

  #addressOf({ handle, topic }: Popped): Promise<string> {
    return this.#instance.masterOf(handle.brokerName, topic);
  }

  #address({ brokerName, topic }: MessageQueue): Promise<string> {
    return this.#instance.masterOf(brokerName, topic);
  }
}
