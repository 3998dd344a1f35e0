/** Chooses the queue of a send: the one asked for, the one of its key, or the next in turn. */
import { MqError, MqErrorCode, type Prng } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import type { TopicRoute } from '../route/topic-route.ts';
import type { LatencyFault } from './latency-fault.ts';
import { QueuePicker } from './queue-picker.ts';
import { type QueueSelector, queueIndexByHash } from './queue-selector.ts';

/** What a send says about its queue. */
export interface QueueWish {
  readonly queue?: MessageQueue;
  readonly selector?: QueueSelector;
}

const PICKERS_MAX = 100_000;

/** See the head of this file. */
export class QueueChoice {
  readonly #prng: Prng;
  readonly #faults: LatencyFault | undefined;
  readonly #pickers = new Map<string, QueuePicker>();

  /** `faults` undefined: slow brokers are not avoided. */
  constructor(prng: Prng, faults: LatencyFault | undefined) {
    this.#prng = prng;
    this.#faults = faults;
  }

  /** The queue that a send must go to; undefined if any will do. */
  fixed(
    { topic, shardingKey }: { readonly topic: string; readonly shardingKey: string | undefined },
    route: TopicRoute,
    { queue, selector }: QueueWish,
  ): MessageQueue | undefined {
    if (queue !== undefined) return { ...queue, topic };
    if (selector === undefined) {
      if (shardingKey === undefined) return undefined;
      return route.writable[queueIndexByHash(shardingKey, route.writable.length)];
    }
    const chosen = selector(route.writable);
    if (chosen !== undefined) return chosen;
    throw new MqError(MqErrorCode.InvalidArgument, `The selector chose no queue of ${topic}`);
  }

  /** The next queue, at another broker than `lastBroker` if there is one. */
  pick(route: TopicRoute, lastBroker: string | undefined, topic: string): MessageQueue {
    let picker = this.#pickers.get(topic);
    if (picker === undefined) {
      picker = new QueuePicker(this.#prng);
      if (this.#pickers.size < PICKERS_MAX) this.#pickers.set(topic, picker);
    }
    const queue = picker.pick(route.writable, lastBroker, this.#faults);
    if (queue === undefined) throw new MqError(MqErrorCode.NoRoute, `Topic ${topic} has no queue`);
    return queue;
  }
}
