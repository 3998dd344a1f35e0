/**
 * Lite topics: many small topics under one parent of type LITE, each a light queue that lives as
 * long as it has messages. Here they are popped for their subscribers, and removed when their time
 * is over.
 */
import { type Clock, type Logger, MqError, type Scheduler, type Timer } from '@skylarkmq/base';
import { liteNamesOf, POP_ORDER_REVIVE_QUEUE, PopTopicKind } from '@skylarkmq/message';
import type { MessageStore } from '@skylarkmq/store';
import type { TopicConfig } from '@skylarkmq/wire';
import type { ConsumerOffsets } from '../offset/consumer-offsets.ts';
import type { OrderInfos } from '../pop/order-infos.ts';
import { Popped, type PopRequest } from '../pop/pop-request.ts';
import type { PopService } from '../pop/pop-service.ts';
import type { BrokerSettings } from '../settings.ts';
import { groupAttribute } from '../subscription/group-attributes.ts';
import type { GroupTable } from '../subscription/group-table.ts';
import type { TopicTable } from '../topic/topic-table.ts';
import { LiteSubscriptions } from './lite-subscriptions.ts';
import { WildcardQueues } from './wildcard-queues.ts';

const MS_PER_MINUTE = 60_000;

export interface LiteServiceDeps {
  readonly store: MessageStore;
  readonly topics: TopicTable;
  readonly groups: GroupTable;
  readonly offsets: ConsumerOffsets;
  readonly orders: OrderInfos;
  readonly pop: PopService;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  settings(): BrokerSettings;
}

export interface LitePop {
  readonly group: string;
  readonly clientId: string;
  readonly maxCount: number;
  readonly invisibleTime: number;
  readonly attemptId: string;
}

export class LiteService {
  readonly subscriptions: LiteSubscriptions;
  readonly #deps: LiteServiceDeps;
  readonly #wildcards: WildcardQueues;
  readonly #timers: Timer[] = [];
  #turn = 0;

  constructor(deps: LiteServiceDeps) {
    this.#deps = deps;
    const { clock, offsets, store } = deps;
    this.#wildcards = new WildcardQueues({
      store,
      isDone: (group, queue, maxOffset) => offsets.query(group, queue, 0) >= maxOffset,
    });
    this.subscriptions = new LiteSubscriptions(clock, (group) => this.#wildcards.forget(group));
  }

  start(): void {
    const { scheduler, settings, logger } = this.#deps;
    const { liteTtlCheckInterval, liteSubscriptionCheckInterval } = settings();
    this.#timers.push(
      scheduler.every(liteTtlCheckInterval, () => {
        this.removeExpired().catch((error: unknown) => {
          logger.warn({ reason: MqError.from(error).message }, 'A lite topic was not removed');
        });
      }),
      scheduler.every(liteSubscriptionCheckInterval, () => {
        this.subscriptions.removeSilent(settings().liteSubscriptionCheckTimeoutMills);
      }),
    );
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#wildcards.close();
  }

  /** The parent topic that a group is bound to; undefined for other groups. */
  boundTopic(group: string): string | undefined {
    return groupAttribute(this.#deps.groups.get(group), 'lite.bind.topic');
  }

  isExclusive(group: string): boolean {
    return groupAttribute(this.#deps.groups.get(group), 'lite.sub.model') === 'Exclusive';
  }

  /** Whether the group gets all lite topics of its parent. */
  isWildcard(group: string): boolean {
    return groupAttribute(this.#deps.groups.get(group), 'lite.sub.wildcard') !== undefined;
  }

  isLite(topic: TopicConfig | undefined): boolean {
    return topic?.attributes.get('message.type') === 'LITE';
  }

  /** Light queues of a parent topic that have or had messages. */
  queuesOf(parentTopic: string): string[] {
    const names: string[] = [];
    for (const { topic } of this.#deps.store.queues()) {
      if (liteNamesOf(topic)?.parentTopic === parentTopic) names.push(topic);
    }
    return names;
  }

  /** Begins in a lite topic at an offset, as a subscriber asks. */
  reset(group: string, queue: string, offset: number): void {
    const { offsets, orders } = this.#deps;
    offsets.reset(group, queue, 0, offset);
    orders.remove(group, queue, 0);
  }

  /** Whether a pop would find something. */
  hasMore(pop: LitePop): boolean {
    for (const queue of this.#queues(pop.clientId)) if (this.#hasMore(pop, queue)) return true;
    return false;
  }

  /** Messages of the client's lite topics, in order within each; they must be released. */
  // RocketMQ: PopLiteMessageProcessor#popByClientId
  async take(pop: LitePop): Promise<Popped> {
    const client = this.subscriptions.find(pop.clientId);
    const popped = new Popped(this.#deps.clock.nowMs(), POP_ORDER_REVIVE_QUEUE);
    const queues = [...this.#queues(pop.clientId)];
    const first = queues.length === 0 ? 0 : this.#turn++ % queues.length;
    try {
      for (const queue of [...queues.slice(first), ...queues.slice(0, first)]) {
        if (popped.count >= pop.maxCount) break;
        if (this.#hasMore(pop, queue)) await this.#takeFrom(pop, queue, popped);
        if (client?.isWildcard !== true) continue;
        this.#wildcards.looked(pop.group, queue, this.#deps.store.maxOffset(queue, 0));
      }
    } catch (error) {
      popped.release();
      throw error;
    }
    if (client !== undefined && popped.count > 0) client.consumeMs = this.#deps.clock.nowMs();
    return popped;
  }

  /** Removes lite topics whose last message is older than the parent topic says. */
  // RocketMQ: AbstractLiteLifecycleManager#cleanExpiredLiteTopic
  async removeExpired(): Promise<void> {
    const { store, topics, clock, settings, logger } = this.#deps;
    for (const { topic, maxOffset } of [...store.queues()]) {
      const names = liteNamesOf(topic);
      if (names === undefined) continue;
      const parent = topics.get(names.parentTopic);
      const ttl = Number(parent?.attributes.get('lite.topic.expiration') ?? -1) * MS_PER_MINUTE;
      const last = await store.messageStoreTime(topic, 0, maxOffset - 1);
      const keptMs = Math.max(ttl, settings().minLiteTTl);
      if (parent !== undefined && (ttl <= 0 || clock.nowMs() - last < keptMs)) continue;
      await this.#remove(topic);
      logger.info({ topic }, 'A lite topic is removed: its time is over');
    }
  }

  async #remove(queue: string): Promise<void> {
    const { store, offsets, pop } = this.#deps;
    this.subscriptions.removeQueue(queue);
    this.#wildcards.removeQueue(queue);
    pop.removeTopic(queue);
    offsets.removeTopic(queue);
    await store.deleteTopic(queue);
  }

  #queues(clientId: string): Iterable<string> {
    const client = this.subscriptions.find(clientId);
    if (client === undefined) return [];
    return client.isWildcard ? this.#wildcards.of(client.group, client.topic) : client.queues;
  }

  #hasMore(pop: LitePop, queue: string): boolean {
    const { store, topics, pop: service } = this.#deps;
    const config = topics.get(queue);
    if (config === undefined || store.findQueue(queue, 0) === undefined) return false;
    return service.popper.hasMore(requestOf(pop, queue, pop.maxCount), config);
  }

  async #takeFrom(pop: LitePop, queue: string, into: Popped): Promise<void> {
    const config = this.#deps.topics.get(queue);
    if (config === undefined) return;
    const request = requestOf(pop, queue, pop.maxCount - into.count);
    const found = await this.#deps.pop.popper.pop(request, config, into.popTime);
    into.addRecords(found);
    into.messageOffsets.push(...found.messageOffsets);
    for (const { offsets } of found.messageOffsets) {
      for (const queueOffset of offsets) {
        const known = found.orderCounts.find((one) => one.queueOffset === queueOffset);
        into.orderCounts.push({
          kind: PopTopicKind.Normal,
          queueId: 0,
          queueOffset,
          count: known?.count ?? 0,
        });
      }
    }
    into.count += found.count;
    into.bytes += found.bytes;
  }
}

function requestOf(pop: LitePop, topic: string, maxCount: number): PopRequest {
  const { group, invisibleTime, attemptId } = pop;
  const place = { group, topic, queueId: 0 };
  return { ...place, maxCount, invisibleTime, initMode: 1, isOrder: true, attemptId, filter: null };
}
