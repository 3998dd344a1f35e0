/**
 * The machinery of a push consumer: rebalancing, pulling, delivering, settling, offsets and locks,
 * wired together for one group. It speaks to brokers through {@link ConsumerNetwork} only and does
 * not know how users take their messages.
 */
import {
  type Clock,
  type Logger,
  MqError,
  MqErrorCode,
  type Scheduler,
  type Timer,
} from '@skylarkmq/base';
import {
  type MessageQueue,
  PropertyName,
  retryTopic,
  type StoredMessage,
} from '@skylarkmq/message';
import { AssignedQueues } from '../consumer/assigned-queues.ts';
import type { ConsumerNetwork } from '../consumer/consumer-network.ts';
import { DeliveryLine } from '../consumer/delivery-line.ts';
import { errorText } from '../consumer/error-text.ts';
import type { OffsetStore, QueueOffset } from '../consumer/offset-store.ts';
import type { CachedMessage, ProcessQueue } from '../consumer/process-queue.ts';
import type { PullOutcome } from '../consumer/pull-loop.ts';
import { Rebalancer } from '../consumer/rebalancer.ts';
import { startOffset } from '../consumer/start-offset.ts';
import {
  acceptsTag,
  renewed,
  type Subscription,
  tagSubscription,
} from '../consumer/subscription.ts';
import { ConcurrentSettlement, type SettlementDeps } from './concurrent-settlement.ts';
import type { ConsumeEngine } from './consume-engine.ts';
import { ConsumeStatistics } from './consume-statistics.ts';
import { LOCK_RENEWAL_MS, OrderLocks } from './order-locks.ts';
import { OrderedSettlement } from './ordered-settlement.ts';
import type { ResolvedPushOptions } from './push-consumer-options.ts';
import { QueueLimits } from './queue-limits.ts';
import type { Settlement } from './settlement.ts';
import { handBackStale } from './stale-deliveries.ts';

/** What the engine works with. */
export interface PushEngineDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly network: ConsumerNetwork;
  readonly offsets: OffsetStore;
  readonly offsetPersistMs: number;
  /** Options with the names of group and topics as brokers know them. */
  readonly options: ResolvedPushOptions;
}

/** See the head of this file. */
export class PushEngine implements ConsumeEngine {
  readonly settlement: Settlement;
  readonly statistics: ConsumeStatistics;
  readonly assigned: AssignedQueues;
  readonly line: DeliveryLine;
  readonly locks: OrderLocks | undefined;
  readonly #deps: PushEngineDeps;
  readonly #options: ResolvedPushOptions;
  readonly #subscriptions: Map<string, Subscription>;
  readonly #retryTopic: string;
  readonly #rebalancer: Rebalancer;
  readonly #limits: QueueLimits;
  readonly #timers: Timer[] = [];
  #paused = false;

  constructor(deps: PushEngineDeps) {
    const { clock, logger, network, options } = deps;
    this.#deps = deps;
    this.#options = options;
    this.#retryTopic = retryTopic(options.group);
    this.#subscriptions = new Map(options.subscriptions.map((item) => [item.topic, item]));
    if (options.model === 'clustering') {
      const version = clock.nowMs();
      this.#subscriptions.set(this.#retryTopic, tagSubscription(this.#retryTopic, '*', version));
    }
    this.statistics = new ConsumeStatistics(clock);
    const locked = options.ordered && options.model === 'clustering';
    this.locks = locked ? new OrderLocks(network, clock, logger) : undefined;
    this.line = new DeliveryLine(clock, (processQueue) => this.#mayDeliver(processQueue));
    this.settlement = this.#createSettlement();
    this.#limits = new QueueLimits(options, (topic) => this.assigned.held(topic).length);
    this.assigned = this.#createAssigned();
    this.#rebalancer = this.#createRebalancer();
  }

  /** What the consumer announces to brokers. */
  subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  /** Begins; the consumer must be registered and its offsets loaded. */
  start(): void {
    const { scheduler, offsetPersistMs } = this.#deps;
    const { consumeTimeoutMs, ordered } = this.#options;
    this.#timers.push(scheduler.every(offsetPersistMs, () => this.#persistSoon()));
    if (this.locks !== undefined) {
      this.#timers.push(scheduler.every(LOCK_RENEWAL_MS, () => this.#renewLocks()));
    }
    if (!ordered) {
      const check = (): void =>
        handBackStale(this.assigned, this.settlement, this.#deps.clock.nowMs() - consumeTimeoutMs);
      this.#timers.push(scheduler.every(consumeTimeoutMs, check));
    }
    this.#rebalancer.start();
  }

  /** Looks at once which queues are ours. */
  rebalance(): void {
    this.#rebalancer.trigger();
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Stops pulling and delivering; what is out stays out. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.assigned.wakeAll();
    for (const processQueue of this.assigned.processQueues()) this.line.ready(processQueue);
  }

  /**
   * Ends: waits for messages that are out, persists offsets, gives locks back. `impatient` is
   * called when the time for that is over.
   */
  async stop(impatient: () => void): Promise<void> {
    const { offsets, logger } = this.#deps;
    this.line.close();
    for (const timer of this.#timers) timer.cancel();
    await Promise.all([this.#rebalancer.stop(), this.assigned.stopPulling()]);
    if (!(await this.#drained())) impatient();
    try {
      await offsets.persist(this.#queues(), true);
    } catch (thrown) {
      logger.warn({ error: MqError.from(thrown) }, 'Offsets were not persisted at the end');
    }
    this.assigned.dropAll();
    await this.locks?.releaseAll();
  }

  /** False if messages are still out when the time for draining is over. */
  #drained(): Promise<boolean> {
    return new Promise((resolve) => {
      const { drainTimeoutMs } = this.#options;
      const timer = this.#deps.scheduler.after(drainTimeoutMs, () => resolve(false));
      void this.assigned.idle().then(() => {
        timer.cancel();
        resolve(true);
      });
    });
  }

  /** Sets the offsets of a topic from outside and begins there anew. */
  // RocketMQ: MQClientInstance#resetOffset
  async resetOffsets(topic: string, wanted: readonly QueueOffset[]): Promise<void> {
    const { offsets } = this.#deps;
    for (const { queue, offset } of wanted) {
      if (queue.topic !== topic) continue;
      await this.assigned.discard(queue);
      offsets.remove(queue);
      offsets.update(queue, offset, false);
      await offsets.persist([queue], true);
      offsets.remove(queue);
    }
    this.rebalance();
  }

  /** Takes a message back that its receiver dropped without settling it: it comes again. */
  abandon(entry: CachedMessage): void {
    entry.processQueue.giveBack(entry);
    this.assigned.settled(entry.processQueue);
    this.line.ready(entry.processQueue);
  }

  /** The queues that this member has now, those of the retry topic left out. */
  assignment(): readonly MessageQueue[] {
    return this.#queues().filter((queue) => !this.isRetryTopic(queue.topic));
  }

  /** Whether messages of this topic are the group's own retries. */
  isRetryTopic(topic: string): boolean {
    return topic === this.#retryTopic;
  }

  /** The topic that users see: of a retry, the topic that it came from. */
  // RocketMQ: DefaultMQPushConsumerImpl#resetRetryAndNamespace
  visibleTopic(message: StoredMessage): string {
    if (message.topic !== this.#retryTopic) return message.topic;
    return message.properties.get(PropertyName.RetryTopic) ?? message.topic;
  }

  #createSettlement(): Settlement {
    const { scheduler, logger, network } = this.#deps;
    const { maxReconsumeTimes, ordered, orderedRetryMs, model, backoff } = this.#options;
    const deps: SettlementDeps = {
      scheduler,
      logger,
      sendBack: (entry, delayLevel, error) =>
        network.sendBack(entry.message, entry.processQueue.queue.brokerName, {
          delayLevel,
          maxReconsumeTimes,
          reconsumeTimes: entry.reconsumeTimes,
          lastError: errorText(error),
        }),
      progressed: (processQueue) => this.#progressed(processQueue),
      ready: (processQueue) => {
        this.assigned.settled(processQueue);
        this.line.ready(processQueue);
      },
    };
    return ordered
      ? new OrderedSettlement(deps, { maxReconsumeTimes, suspendMs: orderedRetryMs, backoff })
      : new ConcurrentSettlement(deps, { broadcasting: model === 'broadcasting', backoff });
  }

  #createAssigned(): AssignedQueues {
    const { clock, scheduler, logger, offsets } = this.#deps;
    const options = this.#options;
    return new AssignedQueues({
      scheduler,
      logger,
      offsets,
      locks: this.locks,
      startOffset: (queue) => this.#startOffset(queue),
      pullLoop: {
        clock,
        scheduler,
        logger,
        intervalMs: options.pullIntervalMs,
        errorPauseMs: options.pace.pullErrorPauseMs,
        limitsOf: (queue) => this.#limits.of(queue),
        pull: (processQueue, offset, signal) => this.#pull(processQueue, offset, signal),
        mayPull: ({ queue }) => !this.#paused && (this.locks?.isHeld(queue) ?? true),
        filled: (processQueue) => this.line.ready(processQueue),
        skipped: (processQueue, nextOffset) => this.#skipped(processQueue, nextOffset),
        moved: (processQueue, nextOffset) => this.#moved(processQueue, nextOffset),
      },
    });
  }

  #createRebalancer(): Rebalancer {
    const { clock, scheduler, logger, network } = this.#deps;
    const { group, allocation, model } = this.#options;
    return new Rebalancer({
      clock,
      scheduler,
      logger,
      group,
      clientId: network.clientId,
      strategy: allocation,
      broadcasting: model === 'broadcasting',
      topics: () => [...this.#subscriptions.keys()],
      queuesOf: (topic) => network.queuesOf(topic),
      membersOf: (topic) => network.membersOf(topic),
      held: (topic) => this.assigned.held(topic),
      take: (queue) => this.assigned.take(queue),
      giveUp: (queue) => this.assigned.giveUp(queue),
      changed: (topic, queues) => this.#assignmentChanged(topic, queues),
    });
  }

  /** Brokers keep the newest subscription: after a change of queues it is announced again. */
  // RocketMQ: RebalancePushImpl#messageQueueChanged
  async #assignmentChanged(topic: string, queues: readonly MessageQueue[]): Promise<void> {
    this.#limits.changed(topic);
    const subscription = this.#subscriptions.get(topic);
    if (subscription === undefined) return;
    this.#subscriptions.set(topic, renewed(subscription, this.#deps.clock.nowMs()));
    await this.#deps.network.heartbeat();
    if (!this.isRetryTopic(topic)) this.#options.onAssignment?.(topic, queues);
  }

  #mayDeliver(processQueue: ProcessQueue): boolean {
    if (this.#paused) return false;
    if (!this.#options.ordered) return true;
    return (
      processQueue.deliveredCount === 0 &&
      !this.assigned.isLeaving(processQueue) &&
      (this.locks?.isHeld(processQueue.queue) ?? true)
    );
  }

  async #pull(
    processQueue: ProcessQueue,
    offset: number,
    signal: AbortSignal,
  ): Promise<PullOutcome> {
    const { clock, network, offsets } = this.#deps;
    const { queue } = processQueue;
    const subscription = this.#subscriptions.get(queue.topic);
    if (subscription === undefined) {
      throw new MqError(MqErrorCode.Internal, `No subscription of ${queue.topic}`);
    }
    const clustering = this.#options.model === 'clustering';
    const startedMs = clock.monotonicMs();
    const outcome = await network.pull(
      {
        queue,
        offset,
        subscription,
        batchSize: this.#options.pullBatchSize,
        batchBytes: this.#options.pullBatchBytes,
        holdMs: this.#options.pace.pullHoldMs,
        timeoutMs: this.#options.pace.pullTimeoutMs,
        // Brokers handle requests side by side: a pull that is under way when the last offset is
        // committed may be the later one of the two. So it never carries one that will be older.
        commitOffset: clustering && processQueue.count === 0 ? offsets.known(queue) : undefined,
        lite: false,
      },
      signal,
    );
    if (outcome.status !== 'found') return outcome;
    const tookMs = clock.monotonicMs() - startedMs;
    this.statistics.pulled(queue.topic, outcome.messages.length, tookMs);
    if (subscription.tags.size === 0) return outcome;
    const messages = outcome.messages.filter((message) =>
      acceptsTag(subscription, message.properties.get(PropertyName.Tags)),
    );
    return { ...outcome, messages };
  }

  async #startOffset(queue: MessageQueue): Promise<number> {
    const { network, offsets } = this.#deps;
    const from = this.#options.consumeFrom;
    const offset = await startOffset(queue, from, this.isRetryTopic(queue.topic), {
      stored: () => offsets.stored(queue),
      maxOffset: () => network.maxOffset(queue),
      offsetByTime: (_queue, timestampMs) => network.offsetByTime(queue, timestampMs),
    });
    return offset;
  }

  #progressed(processQueue: ProcessQueue): void {
    const offset = processQueue.committableOffset;
    if (!processQueue.dropped && offset >= 0) {
      this.#deps.offsets.update(processQueue.queue, offset, !this.#options.ordered);
    }
    this.assigned.settled(processQueue);
  }

  // RocketMQ: DefaultMQPushConsumerImpl#correctTagsOffset
  #skipped(processQueue: ProcessQueue, nextOffset: number): void {
    if (processQueue.count > 0) return;
    this.#deps.offsets.update(processQueue.queue, nextOffset, true);
  }

  #moved(processQueue: ProcessQueue, nextOffset: number): void {
    const { logger } = this.#deps;
    const { queue } = processQueue;
    logger.warn({ queue, nextOffset }, 'The broker does not have the offset, it names another');
    this.resetOffsets(queue.topic, [{ queue, offset: nextOffset }]).catch((thrown: unknown) => {
      logger.warn({ error: MqError.from(thrown), queue }, 'Offset was not corrected');
      void this.assigned.discard(queue).then(() => this.rebalance());
    });
  }

  #persistSoon(): void {
    this.#deps.offsets.persist(this.#queues(), false).catch((thrown: unknown) => {
      this.#deps.logger.warn({ error: MqError.from(thrown) }, 'Offsets were not persisted');
    });
  }

  #renewLocks(): void {
    void this.locks?.renewAll().then((regained) => {
      for (const queue of regained) {
        this.assigned.wake(queue);
        const processQueue = this.assigned.find(queue);
        if (processQueue !== undefined) this.line.ready(processQueue);
      }
    });
  }

  #queues(): readonly MessageQueue[] {
    return this.assigned.processQueues().map((processQueue) => processQueue.queue);
  }
}
