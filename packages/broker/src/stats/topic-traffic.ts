/** The counters of one topic: of its queues, and of the groups that read it. */
import { TrafficCounter } from './traffic-counter.ts';

/** Counters of the whole broker that every message counts in, too. */
interface BrokerTraffic {
  readonly put: TrafficCounter;
  readonly get: TrafficCounter;
  readonly putWithoutSystem: TrafficCounter;
  readonly getWithoutSystem: TrafficCounter;
}

/** What the makers of counters share. */
export interface TrafficContext {
  readonly broker: BrokerTraffic;
  /** Monotonic. */
  nowMs(): number;
  /** Whether queues are counted one by one. */
  detailed(): boolean;
  found(messages: number): void;
}

/** One counter per queue, made when the queue is used first. */
class QueueCounters {
  readonly #counters: (TrafficCounter | undefined)[] = [];

  add(queueId: number, messages: number, bytes: number, nowMs: () => number): void {
    let counter = this.#counters[queueId];
    if (counter === undefined) {
      counter = new TrafficCounter(nowMs());
      this.#counters[queueId] = counter;
    }
    counter.add(messages, bytes);
  }

  get(queueId: number): TrafficCounter | undefined {
    return this.#counters[queueId];
  }

  sample(nowMs: number): void {
    for (const counter of this.#counters) counter?.sample(nowMs);
  }
}

export class GroupTraffic {
  readonly total: TrafficCounter;
  readonly sentBack: TrafficCounter;
  readonly dead: TrafficCounter;
  readonly queues: QueueCounters = new QueueCounters();
  readonly #context: TrafficContext;
  readonly #isSystem: boolean;

  constructor(context: TrafficContext, isSystem: boolean) {
    const now = context.nowMs();
    this.#context = context;
    this.#isSystem = isSystem;
    this.total = new TrafficCounter(now);
    this.sentBack = new TrafficCounter(now);
    this.dead = new TrafficCounter(now);
  }

  /** Counts a pull that found `messages` with `bytes`. */
  get(queueId: number, messages: number, bytes: number): void {
    const context = this.#context;
    this.total.add(messages, bytes);
    if (context.detailed()) this.queues.add(queueId, messages, bytes, context.nowMs);
    context.broker.get.add(messages, bytes);
    if (!this.#isSystem) context.broker.getWithoutSystem.add(messages, bytes);
    context.found(messages);
  }

  /** Counts a message that the group sent back. */
  sendBack(): void {
    this.sentBack.add(1, 0);
  }

  /** Counts a message that went to the group's dead letters. */
  deadLetter(): void {
    this.dead.add(1, 0);
  }

  sample(nowMs: number): void {
    this.total.sample(nowMs);
    this.sentBack.sample(nowMs);
    this.dead.sample(nowMs);
    this.queues.sample(nowMs);
  }
}

export class TopicTraffic {
  readonly total: TrafficCounter;
  readonly queues: QueueCounters = new QueueCounters();
  readonly groups: Map<string, GroupTraffic> = new Map();
  readonly isSystem: boolean;
  readonly #context: TrafficContext;

  constructor(context: TrafficContext, isSystem: boolean) {
    this.#context = context;
    this.isSystem = isSystem;
    this.total = new TrafficCounter(context.nowMs());
  }

  /** Counts an accepted send (one call) of `messages` with `bytes` in the log. */
  put(queueId: number, messages: number, bytes: number): void {
    const context = this.#context;
    this.total.add(messages, bytes);
    if (context.detailed()) this.queues.add(queueId, messages, bytes, context.nowMs);
    context.broker.put.add(messages, bytes);
    if (!this.isSystem) context.broker.putWithoutSystem.add(messages, bytes);
  }

  sample(nowMs: number): void {
    this.total.sample(nowMs);
    this.queues.sample(nowMs);
    for (const group of this.groups.values()) group.sample(nowMs);
  }
}
