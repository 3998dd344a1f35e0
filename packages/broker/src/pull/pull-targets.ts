/** What the pulls of a group at a topic need, looked up once. */
import type { MessageStore, QueueHandle } from '@skylarkmq/store';
import type { SubscriptionGroup, TopicConfig } from '@skylarkmq/wire';
import type { BrokerStats, GroupStats } from '../stats/broker-stats.ts';

/** Pairs of group and topic that are kept; beyond that all are looked up again. */
const TARGETS_MAX = 100_000;

export class PullTarget {
  readonly topic: TopicConfig;
  readonly group: SubscriptionGroup;
  readonly stats: GroupStats;
  readonly #store: Pick<MessageStore, 'queue'>;
  readonly #queues: (QueueHandle | undefined)[] = [];

  constructor(
    topic: TopicConfig,
    group: SubscriptionGroup,
    stats: GroupStats,
    store: Pick<MessageStore, 'queue'>,
  ) {
    this.topic = topic;
    this.group = group;
    this.stats = stats;
    this.#store = store;
  }

  queue(queueId: number): QueueHandle {
    let queue = this.#queues[queueId];
    if (queue === undefined) {
      queue = this.#store.queue(this.topic.topicName, queueId);
      this.#queues[queueId] = queue;
    }
    return queue;
  }
}

export class PullTargets {
  readonly #store: Pick<MessageStore, 'queue'>;
  readonly #stats: BrokerStats;
  readonly #groups = new Map<string, Map<string, PullTarget>>();
  #count = 0;

  constructor(store: Pick<MessageStore, 'queue'>, stats: BrokerStats) {
    this.#store = store;
    this.#stats = stats;
  }

  /** The target for exactly these two configurations; a change of either makes a new one. */
  get(topic: TopicConfig, group: SubscriptionGroup): PullTarget {
    const known = this.#groups.get(group.groupName)?.get(topic.topicName);
    if (known !== undefined && known.topic === topic && known.group === group) return known;
    if (this.#count >= TARGETS_MAX) {
      this.#groups.clear();
      this.#count = 0;
    }
    const stats = this.#stats.group(topic.topicName, group.groupName);
    const target = new PullTarget(topic, group, stats, this.#store);
    let topics = this.#groups.get(group.groupName);
    if (topics === undefined) {
      topics = new Map();
      this.#groups.set(group.groupName, topics);
    }
    if (known === undefined) this.#count++;
    topics.set(topic.topicName, target);
    return target;
  }
}
