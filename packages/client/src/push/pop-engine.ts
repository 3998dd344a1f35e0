/**
 * The machinery of a push consumer that pops: brokers say where to take messages, each is held for
 * a while and settled by its receipt. No offsets, no locks: brokers keep both.
 */
import { type Clock, type Logger, MqError, MqErrorCode, type Scheduler } from '@skylarkmq/base';
import {
  type MessageQueue,
  messageQueueKey,
  PropertyName,
  type StoredMessage,
} from '@skylarkmq/message';
import { averagely } from '../allocation/averagely.ts';
import type { PopArguments } from '../api/pop-message.ts';
import { DeliveryLine } from '../consumer/delivery-line.ts';
import { type CachedMessage, CachedState, ProcessQueue } from '../consumer/process-queue.ts';
import { Rebalancer } from '../consumer/rebalancer.ts';
import { acceptsTag, renewed, type Subscription } from '../consumer/subscription.ts';
import { PopLoop } from '../pop/pop-loop.ts';
import type { PopNetwork } from '../pop/pop-network.ts';
import type { Popped } from '../pop/popped.ts';
import type { ConsumeEngine } from './consume-engine.ts';
import { ConsumeStatistics } from './consume-statistics.ts';
import { OrderedPopSettlement } from './ordered-pop-settlement.ts';
import { PopRenewal } from './pop-renewal.ts';
import { PopSettlement, type PopSettlementDeps } from './pop-settlement.ts';
import type { ResolvedPushOptions } from './push-consumer-options.ts';

/** What the engine works with. */
export interface PopEngineDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly network: PopNetwork;
  readonly clientId: string;
  /** Options with the names of group and topics as brokers know them. */
  readonly options: ResolvedPushOptions;
  /** Where brokers want this member to take messages of a topic; undefined while not known. */
  assigned(topic: string): Promise<readonly MessageQueue[] | undefined>;
  heartbeat(): Promise<void>;
  bury(message: StoredMessage, brokerName: string, args: BuryArguments): Promise<void>;
  /** Present where lite topics are popped. */
  readonly lite?: LitePopping;
}

/** What lite topics need: their messages come in order, from pops that brokers hold. */
interface LitePopping {
  /** Ends all subscriptions: pops get nothing any more. */
  leave(): Promise<void>;
}

/** A message that is to be a dead letter. */
export interface BuryArguments {
  readonly reconsumeTimes: number;
  readonly error: unknown;
}

/** Messages that came together and lie in one queue. */
interface Batch {
  readonly loop: PopLoop;
  /** Monotonic time from which on others may have the messages. */
  readonly untilMs: number;
  readonly liteTopic: string | undefined;
}

/** Messages of one pop that lie in one queue, or in one lite topic. */
interface Arrived {
  readonly queue: MessageQueue;
  readonly liteTopic: string | undefined;
  readonly stored: StoredMessage[];
}

// RocketMQ: DefaultMQPushConsumerImpl#BROKER_SUSPEND_MAX_TIME_MILLIS
const HOLD_MS = 15_000;
/** A message that is given back is there again after this time, milliseconds. */
const GIVE_BACK_MS = 1_000;
// RocketMQ: DefaultMQPushConsumerImpl#getMaxReconsumeTimes
const RETRIES_DEFAULT = 16;

/** See the head of this file. */
export class PopEngine implements ConsumeEngine {
  readonly line: DeliveryLine;
  readonly settlement: PopSettlement;
  readonly statistics: ConsumeStatistics;
  readonly #deps: PopEngineDeps;
  readonly #subscriptions: Map<string, Subscription>;
  readonly #rebalancer: Rebalancer;
  readonly #renewal: PopRenewal;
  readonly #loops = new Map<string, PopLoop>();
  readonly #popped = new WeakMap<StoredMessage, Popped>();
  readonly #batches = new Map<ProcessQueue, Batch>();
  #idleWaiters: (() => void)[] = [];
  #paused = false;

  constructor(deps: PopEngineDeps) {
    const { clock, logger, network, options, scheduler } = deps;
    this.#deps = deps;
    this.#subscriptions = new Map(options.subscriptions.map((item) => [item.topic, item]));
    this.statistics = new ConsumeStatistics(clock);
    this.line = new DeliveryLine(clock, (processQueue) => this.#mayDeliver(processQueue));
    this.#renewal = new PopRenewal({
      ...{ clock, scheduler, logger, network },
      invisibleMs: options.popInvisibleMs,
      handlerMsMax: options.consumeTimeoutMs,
      delivered: () => this.#delivered(),
      poppedOf: (entry) => this.#popped.get(entry.message),
    });
    this.settlement = this.#settlement();
    this.#rebalancer = new Rebalancer({
      ...{ clock, scheduler, logger, group: options.group, clientId: deps.clientId },
      // The brokers have shared the queues out already: what is assigned is taken.
      broadcasting: true,
      strategy: averagely,
      topics: () => [...this.#subscriptions.keys()],
      queuesOf: (topic) => deps.assigned(topic),
      membersOf: () => Promise.resolve([]),
      held: (topic) => this.assignment().filter((queue) => queue.topic === topic),
      take: (queue) => Promise.resolve(this.#take(queue)),
      giveUp: (queue) => this.#giveUp(queue),
      changed: (topic, queues) => this.#assignmentChanged(topic, queues),
    });
  }

  #settlement(): PopSettlement {
    const { bury, lite, logger, network, options, scheduler } = this.#deps;
    const deps: PopSettlementDeps = {
      ...{ scheduler, logger, network },
      maxReconsumeTimes: options.maxReconsumeTimes ?? RETRIES_DEFAULT,
      backoff: options.backoff,
      poppedOf: (entry) => this.#popped.get(entry.message),
      renewalOf: (popped) => this.#renewal.of(popped),
      bury: ({ message, processQueue, reconsumeTimes }, error) =>
        bury(message, processQueue.queue.brokerName, { reconsumeTimes, error }),
      settled: (entry) => {
        if (entry.processQueue.settle(entry)) this.#progressed(entry.processQueue);
      },
    };
    if (lite === undefined) return new PopSettlement(deps);
    return new OrderedPopSettlement(deps, {
      suspendMs: options.orderedRetryMs,
      progressed: (processQueue) => this.#progressed(processQueue),
      ready: (processQueue) => this.line.ready(processQueue),
    });
  }

  subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  start(): void {
    if (this.#deps.options.popRenewal) this.#renewal.start();
    this.#rebalancer.start();
  }

  rebalance(): void {
    this.#rebalancer.trigger();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.wake();
    for (const processQueue of this.#batches.keys()) this.line.ready(processQueue);
  }

  /** Gives back what nobody has looked at, waits for what is out, then for the answers. */
  async stop(impatient: () => void): Promise<void> {
    this.line.close();
    await this.#deps.lite?.leave();
    const loops = [...this.#loops.values()];
    await Promise.all([this.#rebalancer.stop(), ...loops.map((loop) => loop.stop())]);
    await this.#giveAllBack();
    if (!(await this.#drained())) impatient();
    // What was out and came back meanwhile.
    await this.#giveAllBack();
    this.#renewal.stop();
    for (const processQueue of this.#batches.keys()) processQueue.dropped = true;
    this.#batches.clear();
    await this.settlement.idle();
  }

  /** Gives back what waits here of a lite topic that is not this member's any more. */
  async giveBackLite(liteTopic: string): Promise<void> {
    const queues = [...this.#batches].filter(([, batch]) => batch.liteTopic === liteTopic);
    await Promise.all(queues.flatMap(([processQueue]) => this.#giveBack(processQueue)));
  }

  /** Ends pauses: there may be something to take. */
  wake(): void {
    for (const loop of this.#loops.values()) loop.wake();
  }

  /** The offsets are the brokers': they reset them themselves. */
  resetOffsets(): Promise<void> {
    return Promise.resolve();
  }

  abandon(entry: CachedMessage): void {
    const { processQueue } = entry;
    processQueue.giveBack(entry);
    this.line.ready(processQueue);
    this.#checkIdle();
  }

  /** Where messages are taken; queue -1 stands for all queues of a broker. */
  assignment(): readonly MessageQueue[] {
    return [...this.#loops.values()].map((loop) => loop.queue);
  }

  /** The loops, for tools. */
  loops(): readonly PopLoop[] {
    return [...this.#loops.values()];
  }

  visibleTopic(message: StoredMessage): string {
    return this.#popped.get(message)?.topic ?? message.topic;
  }

  #take(queue: MessageQueue): boolean {
    const { clock, logger, network, options, scheduler } = this.#deps;
    const loop = new PopLoop(queue, {
      ...{ clock, scheduler, logger, unsettledMax: options.popUnsettledMax },
      mayPop: () => !this.#paused,
      pop: (_queue, signal) => this.#pop(queue, signal),
      news: (_queue, signal) =>
        network.news({ ...this.#arguments(queue), holdMs: HOLD_MS }, signal),
      arrived: (messages, one) => this.#arrived(messages, one),
    });
    this.#loops.set(messageQueueKey(queue), loop);
    loop.start();
    return true;
  }

  async #giveUp(queue: MessageQueue): Promise<boolean> {
    const key = messageQueueKey(queue);
    const loop = this.#loops.get(key);
    this.#loops.delete(key);
    await loop?.stop();
    return true;
  }

  async #assignmentChanged(topic: string, queues: readonly MessageQueue[]): Promise<void> {
    const subscription = this.#subscriptions.get(topic);
    if (subscription === undefined) return;
    this.#subscriptions.set(topic, renewed(subscription, this.#deps.clock.nowMs()));
    await this.#deps.heartbeat();
    this.#deps.options.onAssignment?.(topic, queues);
  }

  async #pop(queue: MessageQueue, signal: AbortSignal): Promise<readonly Popped[]> {
    const { clock, lite, logger, network } = this.#deps;
    const startedMs = clock.monotonicMs();
    const args = this.#arguments(queue);
    // What is not held at the broker is not broken off: that would only lose what it takes. What is
    // held is broken off when the broker knows that it must not take anything.
    const holdMs = lite === undefined ? 0 : HOLD_MS;
    const until = lite === undefined ? undefined : signal;
    const { messages } = await network.pop({ ...args, holdMs }, until);
    if (messages.length === 0) return messages;
    const tookMs = clock.monotonicMs() - startedMs;
    this.statistics.pulled(queue.topic, messages.length, tookMs);
    if (args.subscription.tags.size === 0) return messages;
    const accepted = (one: Popped): boolean =>
      acceptsTag(args.subscription, one.message.properties.get(PropertyName.Tags));
    const others = messages.filter((one) => !accepted(one));
    network.ackAll(others).catch((thrown: unknown) => {
      logger.warn({ error: MqError.from(thrown) }, 'Messages of other tags were not dismissed');
    });
    return messages.filter(accepted);
  }

  #arguments(queue: MessageQueue): Omit<PopArguments, 'holdMs'> {
    const { consumeFrom, popBatchSize, popInvisibleMs } = this.#deps.options;
    const subscription = this.#subscriptions.get(queue.topic);
    if (subscription === undefined) {
      throw new MqError(MqErrorCode.Internal, `No subscription of ${queue.topic}`);
    }
    const from = consumeFrom === 'first' ? 'first' : 'last';
    return {
      queue,
      subscription,
      max: popBatchSize,
      invisibleMs: popInvisibleMs,
      from,
      ordered: false,
    };
  }

  /** Puts messages in line, those of each queue together. */
  #arrived(messages: readonly Popped[], loop: PopLoop): void {
    const untilMs = this.#deps.clock.monotonicMs() + this.#deps.options.popInvisibleMs;
    const byQueue = new Map<string, Arrived>();
    for (const popped of messages) {
      const { handle, liteTopic } = popped;
      const { brokerName, queueId } = handle;
      const queue = { topic: popped.message.topic, brokerName, queueId };
      const stored = { ...popped.message, reconsumeTimes: popped.reconsumeTimes };
      this.#popped.set(stored, popped);
      this.#renewal.arrived(popped, untilMs);
      const key = `${messageQueueKey(queue)} ${liteTopic ?? ''}`;
      const same = byQueue.get(key);
      if (same === undefined) byQueue.set(key, { queue, liteTopic, stored: [stored] });
      else same.stored.push(stored);
    }
    for (const { queue, liteTopic, stored } of byQueue.values()) {
      const processQueue = new ProcessQueue(queue);
      processQueue.put(stored);
      this.#batches.set(processQueue, { loop, untilMs, liteTopic });
      this.line.ready(processQueue);
    }
  }

  /** Others may have what lay here for too long: it is not handed out any more. */
  // RocketMQ: ConsumeMessagePopConcurrentlyService.ConsumeRequest#isPopTimeout
  #mayDeliver(processQueue: ProcessQueue): boolean {
    if (this.#paused) return false;
    const batch = this.#batches.get(processQueue);
    if (batch === undefined) return false;
    // In order: the next when the one before is settled.
    if (this.#deps.lite !== undefined && processQueue.deliveredCount > 0) return false;
    if (this.#deps.clock.monotonicMs() < this.#heldUntilMs(processQueue, batch)) return true;
    if (processQueue.deliveredCount === 0) this.#drop(processQueue, batch);
    return false;
  }

  /** In order, what waits is renewed together with what is out before it. */
  #heldUntilMs({ oldest }: ProcessQueue, { untilMs }: Batch): number {
    if (this.#deps.lite === undefined || oldest === undefined) return untilMs;
    const popped = this.#popped.get(oldest.message);
    return popped === undefined ? untilMs : this.#renewal.heldUntilMs(popped);
  }

  #drop(processQueue: ProcessQueue, { loop }: Batch): void {
    this.#batches.delete(processQueue);
    const { count } = processQueue;
    processQueue.dropped = true;
    processQueue.clear();
    loop.settled(count);
  }

  #progressed(processQueue: ProcessQueue): void {
    const batch = this.#batches.get(processQueue);
    batch?.loop.settled(1);
    if (batch !== undefined && processQueue.count === 0) this.#batches.delete(processQueue);
    // What is left of the batch may be out of date: it is dropped then.
    else this.line.ready(processQueue);
    this.#checkIdle();
  }

  *#delivered(): Generator<CachedMessage, void, undefined> {
    const { clock, lite, options } = this.#deps;
    const since = clock.nowMs() - options.consumeTimeoutMs;
    for (const processQueue of this.#batches.keys()) {
      if (processQueue.deliveredCount === 0) continue;
      const out = processQueue.unsettled().filter(({ state }) => state === CachedState.Delivered);
      // Without those behind it, a lite topic would be the group's again in the middle.
      const all = lite !== undefined && out.some(({ deliveredAtMs }) => deliveredAtMs >= since);
      yield* all ? processQueue.unsettled() : out;
    }
  }

  /** Gives the messages of a batch back that nobody has. */
  #giveBack(processQueue: ProcessQueue): Promise<void>[] {
    const waiting = processQueue.unsettled().filter(({ state }) => state === CachedState.Waiting);
    for (const entry of waiting) processQueue.settle(entry);
    this.#batches.get(processQueue)?.loop.settled(waiting.length);
    if (processQueue.count === 0) this.#batches.delete(processQueue);
    this.#checkIdle();
    return waiting.map(async ({ message }) => {
      const popped = this.#popped.get(message);
      if (popped !== undefined) await this.settlement.giveBack(popped, GIVE_BACK_MS);
    });
  }

  async #giveAllBack(): Promise<void> {
    await Promise.all([...this.#batches.keys()].flatMap((one) => this.#giveBack(one)));
  }

  /** False if messages are still out when the time for draining is over. */
  #drained(): Promise<boolean> {
    return new Promise((resolve) => {
      const { drainTimeoutMs } = this.#deps.options;
      const timer = this.#deps.scheduler.after(drainTimeoutMs, () => resolve(false));
      this.#idleWaiters.push(() => {
        timer.cancel();
        resolve(true);
      });
      this.#checkIdle();
    });
  }

  #checkIdle(): void {
    if (this.#idleWaiters.length === 0) return;
    for (const processQueue of this.#batches.keys()) if (processQueue.deliveredCount > 0) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}
