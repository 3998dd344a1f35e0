/**
 * Finds out, again and again, which queues this member of the group is responsible for, and tells
 * the consumer which to take and which to give up. It decides only; taking and giving up (locks,
 * offsets, pulling) is the consumer's.
 */
import { type Clock, type Logger, MqError, type Scheduler } from '@skylarkmq/base';
import { compareMessageQueues, type MessageQueue, messageQueueKey } from '@skylarkmq/message';
import type { AllocationStrategy } from '../allocation/allocation-strategy.ts';
import { pause } from '../async/pause.ts';

/** What a rebalancer needs from its consumer. */
export interface RebalancerDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly group: string;
  readonly clientId: string;
  readonly strategy: AllocationStrategy;
  /** Broadcasting: every member takes all queues and the others do not matter. */
  readonly broadcasting: boolean;
  /** The topics to share out, the retry topic among them. */
  topics(): readonly string[];
  /** All readable queues of a topic; undefined while no route is known. */
  queuesOf(topic: string): Promise<readonly MessageQueue[] | undefined>;
  /** The client ids of the group's members, as a broker of the topic knows them. */
  membersOf(topic: string): Promise<readonly string[]>;
  /** The queues of the topic that are held now. */
  held(topic: string): readonly MessageQueue[];
  /** Takes a queue; false if it could not be taken yet (locked by another, no start offset). */
  take(queue: MessageQueue): Promise<boolean>;
  /** Gives a queue up; false if that is not over yet. */
  giveUp(queue: MessageQueue): Promise<boolean>;
  /** The queues of a topic changed. */
  changed(topic: string, queues: readonly MessageQueue[]): Promise<void>;
}

// RocketMQ: RebalanceService (waitInterval, minInterval)
const INTERVAL_MS = 20_000;
const INTERVAL_MIN_MS = 1_000;

/** The loop; see the head of this file. */
export class Rebalancer {
  readonly #deps: RebalancerDeps;
  readonly #abort = new AbortController();
  #wake = new AbortController();
  #done: Promise<void> | undefined;
  #triggered = false;

  constructor(deps: RebalancerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Asks for a round now: members came or went, or a queue was dropped. */
  trigger(): void {
    this.#triggered = true;
    this.#wake.abort();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#wake.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { clock, scheduler } = this.#deps;
    while (!this.#abort.signal.aborted) {
      this.#triggered = false;
      const startedMs = clock.monotonicMs();
      const balanced = await this.#round();
      if (this.#abort.signal.aborted) return;
      await this.#wait(balanced ? INTERVAL_MS : INTERVAL_MIN_MS);
      const restMs = Math.ceil(INTERVAL_MIN_MS - (clock.monotonicMs() - startedMs));
      if (restMs > 0) await pause(scheduler, restMs, this.#abort.signal);
    }
  }

  async #wait(delayMs: number): Promise<void> {
    this.#wake = new AbortController();
    if (this.#triggered || this.#abort.signal.aborted) return;
    const { scheduler } = this.#deps;
    const paced = { after: (ms: number, work: () => void) => scheduler.pace(ms, work) };
    await pause(paced, delayMs, this.#wake.signal);
  }

  async #round(): Promise<boolean> {
    let balanced = true;
    for (const topic of this.#deps.topics()) {
      if (this.#abort.signal.aborted) return balanced;
      try {
        if (!(await this.#balance(topic))) balanced = false;
      } catch (thrown) {
        const { logger, group } = this.#deps;
        logger.warn({ error: MqError.from(thrown), group, topic }, 'Rebalance failed');
        balanced = false;
      }
    }
    return balanced;
  }

  // RocketMQ: RebalanceImpl#rebalanceByTopic
  async #balance(topic: string): Promise<boolean> {
    const queues = await this.#deps.queuesOf(topic);
    if (queues === undefined) return false;
    const sorted = [...queues].sort(compareMessageQueues);
    const share = await this.#shareOf(topic, sorted);
    if (share === undefined) return false;
    return this.#apply(topic, share);
  }

  async #shareOf(
    topic: string,
    queues: readonly MessageQueue[],
  ): Promise<readonly MessageQueue[] | undefined> {
    const { broadcasting, clientId, group, strategy } = this.#deps;
    if (broadcasting) return queues;
    const clientIds = [...(await this.#deps.membersOf(topic))].sort();
    // A broker that has not seen our heartbeat yet would make us give everything up.
    if (!clientIds.includes(clientId)) return undefined;
    return strategy.allocate({ group, clientId, queues, clientIds });
  }

  async #apply(topic: string, share: readonly MessageQueue[]): Promise<boolean> {
    const wanted = new Map(share.map((queue) => [messageQueueKey(queue), queue]));
    let changed = false;
    let complete = true;
    for (const queue of this.#deps.held(topic)) {
      if (wanted.has(messageQueueKey(queue))) continue;
      if (await this.#deps.giveUp(queue)) changed = true;
      else complete = false;
    }
    const held = new Set(this.#deps.held(topic).map(messageQueueKey));
    const missing = [...wanted].filter(([key]) => !held.has(key));
    if (this.#abort.signal.aborted) return complete;
    const taken = await Promise.all(missing.map(([, queue]) => this.#deps.take(queue)));
    if (taken.includes(true)) changed = true;
    if (taken.includes(false)) complete = false;
    if (changed) await this.#deps.changed(topic, this.#deps.held(topic));
    return complete;
  }
}
