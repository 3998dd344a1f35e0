/**
 * Chooses the queue of a send that has neither an explicit queue nor a selector: round robin from
 * a random start, on a retry at another broker, and, when asked to, away from slow brokers.
 */
import type { Prng } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import type { LatencyFault } from './latency-fault.ts';

/** Keeps the counter far from the limit of exact integers. */
const COUNTER_MAX = 0x3fff_ffff;

/** What a broker must be to be picked, besides not being the one that failed just now. */
const Demand = { Available: 0, Reachable: 1, Nothing: 2 } as const;
type Demand = (typeof Demand)[keyof typeof Demand];

/** One picker per topic: the position is its only state. */
export class QueuePicker {
  #position: number;

  constructor(prng: Prng) {
    this.#position = prng.below(COUNTER_MAX);
  }

  /**
   * The next queue of a non-empty list. `lastBroker` is the broker of the failed attempt before,
   * `faults` is undefined unless latency fault tolerance is on.
   */
  // RocketMQ: MQFaultStrategy#selectOneMessageQueue, TopicPublishInfo#selectOneMessageQueue
  pick(
    queues: readonly MessageQueue[],
    lastBroker: string | undefined,
    faults: LatencyFault | undefined,
  ): MessageQueue | undefined {
    if (faults === undefined) {
      return this.#find(queues, lastBroker, Demand.Nothing, faults) ?? this.#next(queues);
    }
    return (
      this.#find(queues, lastBroker, Demand.Available, faults) ??
      this.#find(queues, lastBroker, Demand.Reachable, faults) ??
      this.#next(queues)
    );
  }

  #find(
    queues: readonly MessageQueue[],
    lastBroker: string | undefined,
    demand: Demand,
    faults: LatencyFault | undefined,
  ): MessageQueue | undefined {
    for (let tried = 0; tried < queues.length; tried++) {
      const queue = this.#next(queues);
      if (queue === undefined || queue.brokerName === lastBroker) continue;
      if (demand === Demand.Nothing || faults === undefined) return queue;
      if (demand === Demand.Available && faults.isAvailable(queue.brokerName)) return queue;
      if (demand === Demand.Reachable && faults.isReachable(queue.brokerName)) return queue;
    }
    return undefined;
  }

  #next(queues: readonly MessageQueue[]): MessageQueue | undefined {
    const queue = queues[this.#position % queues.length];
    this.#position = this.#position >= COUNTER_MAX ? 0 : this.#position + 1;
    return queue;
  }
}
