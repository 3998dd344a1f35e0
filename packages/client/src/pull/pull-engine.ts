/**
 * The machinery of a pull consumer: queues by assignment or rebalancing, caches filled ahead of
 * the polls, positions, commits. It speaks to brokers through {@link ConsumerNetwork} only.
 */
import { type Clock, type Logger, MqError, MqErrorCode, type Scheduler } from '@skylarkmq/base';
import { type MessageQueue, messageQueueKey, PropertyName, retryTopic } from '@skylarkmq/message';
import type { AllocationStrategy } from '../allocation/allocation-strategy.ts';
import { AssignedQueues } from '../consumer/assigned-queues.ts';
import type { ConsumerRunningState } from '../consumer/consumer-member.ts';
import type { ConsumerNetwork } from '../consumer/consumer-network.ts';
import { DeliveryLine } from '../consumer/delivery-line.ts';
import { type OffsetStore, OffsetTable, type QueueOffset } from '../consumer/offset-store.ts';
import type { CachedMessage, ProcessQueue } from '../consumer/process-queue.ts';
import type { FlowLimits, PullOutcome } from '../consumer/pull-loop.ts';
import type { PullPace } from '../consumer/pull-pace.ts';
import { queueState } from '../consumer/queue-state.ts';
import { Rebalancer } from '../consumer/rebalancer.ts';
import { type ConsumeFrom, startOffset } from '../consumer/start-offset.ts';
import { acceptsTag, type Subscription, tagSubscription } from '../consumer/subscription.ts';

/** What the engine works with; names as brokers know them. */
export interface PullEngineDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly network: ConsumerNetwork;
  readonly offsets: OffsetStore;
  readonly group: string;
  readonly broadcasting: boolean;
  readonly allocation: AllocationStrategy;
  readonly consumeFrom: ConsumeFrom;
  readonly subscriptions: readonly Subscription[];
  readonly batchSize: number;
  readonly batchBytes: number;
  readonly limits: FlowLimits;
  readonly pace: PullPace;
  /** Messages cached over all queues at most. */
  readonly messagesMax: number;
  /** Whether the positions of queues that are given up are committed. */
  readonly autoCommit: boolean;
  /** Told when rebalancing changed the queues of a topic. */
  readonly onAssignment?: (topic: string, queues: readonly MessageQueue[]) => void;
}

/** See the head of this file. */
export class PullEngine {
  readonly line: DeliveryLine;
  readonly assigned: AssignedQueues;
  readonly #deps: PullEngineDeps;
  readonly #subscriptions: Map<string, Subscription>;
  /** Next offset that the user has not been given, per queue. */
  readonly #positions = new OffsetTable();
  readonly #pausedQueues = new Set<string>();
  #rebalancer: Rebalancer | undefined;

  constructor(deps: PullEngineDeps) {
    this.#deps = deps;
    this.#subscriptions = new Map(deps.subscriptions.map((item) => [item.topic, item]));
    this.line = new DeliveryLine(deps.clock, ({ queue }) => !this.isPaused(queue));
    this.assigned = this.#createAssigned();
  }

  subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  /** Begins to share the subscribed topics with the group. */
  startRebalancing(): void {
    const { clock, scheduler, logger, network, group, allocation, broadcasting } = this.#deps;
    this.#rebalancer ??= new Rebalancer({
      clock,
      scheduler,
      logger,
      group,
      clientId: network.clientId,
      strategy: allocation,
      broadcasting,
      topics: () => [...this.#subscriptions.keys()],
      queuesOf: (topic) => network.queuesOf(topic),
      membersOf: (topic) => network.membersOf(topic),
      held: (topic) => this.assigned.held(topic),
      take: (queue) => this.assigned.take(queue),
      giveUp: (queue) => this.#giveUp(queue),
      changed: (topic, queues) => {
        this.#deps.onAssignment?.(topic, queues);
        return Promise.resolve();
      },
    });
    this.#rebalancer.start();
  }

  rebalance(): void {
    this.#rebalancer?.trigger();
  }

  /** Replaces the assignment by these queues. */
  async assign(queues: readonly MessageQueue[]): Promise<void> {
    const wanted = new Map(queues.map((queue) => [messageQueueKey(queue), queue]));
    for (const queue of this.assignment()) {
      if (!wanted.has(messageQueueKey(queue))) await this.#giveUp(queue);
    }
    for (const queue of wanted.values()) {
      if (this.assigned.find(queue) !== undefined) continue;
      const offset = await this.#startOffset(queue);
      this.assigned.takeAt(queue, offset);
    }
  }

  assignment(): readonly MessageQueue[] {
    return this.assigned.processQueues().map((processQueue) => processQueue.queue);
  }

  isPaused(queue: MessageQueue): boolean {
    return this.#pausedQueues.has(messageQueueKey(queue));
  }

  pause(queues: readonly MessageQueue[]): void {
    for (const queue of queues) this.#pausedQueues.add(messageQueueKey(queue));
  }

  resume(queues: readonly MessageQueue[]): void {
    for (const queue of queues) {
      this.#pausedQueues.delete(messageQueueKey(queue));
      this.assigned.wake(queue);
      const processQueue = this.assigned.find(queue);
      if (processQueue !== undefined) this.line.ready(processQueue);
    }
  }

  /** Next messages of one queue; an empty list when `signal` fires or the engine stops. */
  async take(max: number, signal?: AbortSignal): Promise<readonly CachedMessage[]> {
    return this.line.take(max, signal);
  }

  /** The user is done with these messages: the position moves behind them. */
  consumed(entries: readonly CachedMessage[]): void {
    const wasFull = this.#isFull();
    for (const entry of entries) {
      const { processQueue, message } = entry;
      if (!processQueue.settle(entry) || processQueue.dropped) continue;
      this.#positions.set(processQueue.queue, message.queueOffset + 1, true);
    }
    if (wasFull && !this.#isFull()) this.assigned.wakeAll();
  }

  /** Takes a message back that the user was given and dropped: it comes again. */
  abandon(entry: CachedMessage): void {
    entry.processQueue.giveBack(entry);
    this.line.ready(entry.processQueue);
  }

  /** Next offset that the user has not been given, undefined before the first poll. */
  position(queue: MessageQueue): number | undefined {
    return this.#positions.get(queue);
  }

  /** Goes on at an offset; cached messages are thrown away. */
  async seek(queue: MessageQueue, offset: number): Promise<void> {
    if (this.assigned.find(queue) === undefined) throw notAssigned(queue);
    const { network } = this.#deps;
    const [min, max] = await Promise.all([network.minOffset(queue), network.maxOffset(queue)]);
    if (!Number.isSafeInteger(offset) || offset < min || offset > max) {
      throw new MqError(
        MqErrorCode.InvalidArgument,
        `Offset ${offset} is outside of ${min} to ${max} of queue ${messageQueueKey(queue)}`,
      );
    }
    await this.#restartAt(queue, offset);
    this.#positions.set(queue, offset, false);
  }

  /** Commits positions, or given offsets; `surely` waits for the brokers. */
  async commit(given: readonly QueueOffset[] | undefined, surely: boolean): Promise<void> {
    const { offsets } = this.#deps;
    const wanted = given ?? this.#positions.all();
    for (const { queue, offset } of wanted) offsets.update(queue, offset, false);
    await offsets.persist(
      wanted.map(({ queue }) => queue),
      surely,
    );
  }

  /** Sets the offsets of a topic from outside and goes on there. */
  async resetOffsets(topic: string, wanted: readonly QueueOffset[]): Promise<void> {
    for (const { queue, offset } of wanted) {
      if (queue.topic !== topic) continue;
      await this.commit([{ queue, offset }], true);
      if (this.assigned.find(queue) === undefined) continue;
      await this.#restartAt(queue, offset);
      this.#positions.set(queue, offset, false);
    }
  }

  /** What the consumer tells tools about itself. */
  runningState(): ConsumerRunningState {
    return {
      properties: new Map([
        ['PROP_CONSUME_TYPE', 'CONSUME_ACTIVELY'],
        ['PROP_CONSUMEORDERLY', 'false'],
      ]),
      queues: this.assigned
        .processQueues()
        .map((processQueue) => queueState(processQueue, this.#deps.offsets, false)),
      topics: new Map(),
    };
  }

  async stop(): Promise<void> {
    this.line.close();
    await Promise.all([this.#rebalancer?.stop(), this.assigned.stopPulling()]);
    this.assigned.dropAll();
  }

  #createAssigned(): AssignedQueues {
    const { clock, scheduler, logger, offsets, limits, pace } = this.#deps;
    return new AssignedQueues({
      scheduler,
      logger,
      offsets,
      locks: undefined,
      startOffset: (queue) => this.#startOffset(queue),
      pullLoop: {
        clock,
        scheduler,
        logger,
        limitsOf: () => limits,
        intervalMs: 0,
        errorPauseMs: pace.pullErrorPauseMs,
        pull: (processQueue, offset, signal) => this.#pull(processQueue, offset, signal),
        mayPull: ({ queue }) => !this.isPaused(queue) && !this.#isFull(),
        filled: (processQueue) => this.line.ready(processQueue),
        skipped: (processQueue, nextOffset) => this.#skipped(processQueue, nextOffset),
        moved: (processQueue, nextOffset) => this.#moved(processQueue, nextOffset),
      },
    });
  }

  async #restartAt(queue: MessageQueue, offset: number): Promise<void> {
    await this.assigned.discard(queue);
    this.assigned.takeAt(queue, offset);
  }

  async #giveUp(queue: MessageQueue): Promise<boolean> {
    const position = this.#positions.get(queue);
    if (this.#deps.autoCommit && position !== undefined) {
      this.#deps.offsets.update(queue, position, false);
    }
    this.#positions.delete(queue);
    this.#pausedQueues.delete(messageQueueKey(queue));
    return this.assigned.giveUp(queue);
  }

  async #pull({ queue }: ProcessQueue, offset: number, signal: AbortSignal): Promise<PullOutcome> {
    const subscription =
      this.#subscriptions.get(queue.topic) ?? tagSubscription(queue.topic, '*', 0);
    const { batchBytes, batchSize, network, pace } = this.#deps;
    const outcome = await network.pull(
      {
        queue,
        offset,
        subscription,
        batchSize,
        batchBytes,
        holdMs: pace.pullHoldMs,
        timeoutMs: pace.pullTimeoutMs,
        commitOffset: undefined,
        lite: true,
      },
      signal,
    );
    if (outcome.status !== 'found' || subscription.tags.size === 0) return outcome;
    const messages = outcome.messages.filter((message) =>
      acceptsTag(subscription, message.properties.get(PropertyName.Tags)),
    );
    return { ...outcome, messages };
  }

  #startOffset(queue: MessageQueue): Promise<number> {
    const { consumeFrom, group, network, offsets } = this.#deps;
    return startOffset(queue, consumeFrom, queue.topic === retryTopic(group), {
      stored: () => offsets.stored(queue),
      maxOffset: () => network.maxOffset(queue),
      offsetByTime: (_queue, timestampMs) => network.offsetByTime(queue, timestampMs),
    });
  }

  #skipped(processQueue: ProcessQueue, nextOffset: number): void {
    if (processQueue.count === 0) this.#positions.set(processQueue.queue, nextOffset, true);
  }

  #moved(processQueue: ProcessQueue, nextOffset: number): void {
    const { queue } = processQueue;
    this.#deps.logger.warn({ queue, nextOffset }, 'The broker does not have the offset');
    void this.#restartAt(queue, nextOffset);
  }

  #isFull(): boolean {
    let count = 0;
    for (const processQueue of this.assigned.processQueues()) count += processQueue.count;
    return count >= this.#deps.messagesMax;
  }
}

function notAssigned(queue: MessageQueue): MqError {
  return new MqError(
    MqErrorCode.InvalidArgument,
    `Queue ${messageQueueKey(queue)} is not assigned to this consumer`,
  );
}
