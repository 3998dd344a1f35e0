/**
 * What sends to a topic need of it, looked up once: its configuration, its queues in the store, its
 * counters. A topic whose configuration is another object than before is looked up again.
 */
import type { Prng } from '@skylarkmq/base';
import { isRetryTopic, isSendAllowed, isWritable } from '@skylarkmq/message';
import type { MessageStore, QueueHandle } from '@skylarkmq/store';
import type { TopicConfig } from '@skylarkmq/wire';
import type { BrokerStats, TopicStats } from '../stats/broker-stats.ts';
import { type RequiredType, requiredType } from './message-type.ts';

/** A batch is stored with the first record version only, whose topics are short. */
const BATCH_TOPIC_LENGTH_MAX = 127;

export interface SendTargetsDeps {
  readonly store: Pick<MessageStore, 'queue'>;
  readonly topics: { get(topic: string): TopicConfig | undefined };
  readonly stats: BrokerStats;
  readonly prng: Prng;
}

export class SendTarget {
  readonly config: TopicConfig;
  readonly stats: TopicStats;
  readonly isRetry: boolean;
  readonly isSendAllowed: boolean;
  /** False for topics that are read only. */
  readonly isWritable: boolean;
  readonly takesBatches: boolean;
  readonly isMultiTag: boolean;
  /** Only the newest message of each key counts, so that each must have one. */
  readonly needsKeys: boolean;
  /** The only type of messages that the topic is for, or null. */
  readonly requiredType: RequiredType | null;
  /** Queue ids from here on are refused. */
  readonly queueIdEnd: number;
  readonly #deps: SendTargetsDeps;
  readonly #queues: (QueueHandle | undefined)[] = [];

  constructor(config: TopicConfig, deps: SendTargetsDeps) {
    const { topicName } = config;
    this.config = config;
    this.#deps = deps;
    this.stats = deps.stats.topic(topicName);
    this.isRetry = isRetryTopic(topicName);
    this.isSendAllowed = isSendAllowed(topicName);
    this.isWritable = isWritable(config.perm);
    this.takesBatches = !this.isRetry && topicName.length <= BATCH_TOPIC_LENGTH_MAX;
    this.isMultiTag = config.topicFilterType === 'MULTI_TAG';
    this.needsKeys = config.attributes.get('cleanup.policy') === 'COMPACTION';
    this.requiredType = requiredType(config.attributes);
    this.queueIdEnd = Math.max(config.readQueueNums, config.writeQueueNums);
  }

  queue(queueId: number): QueueHandle {
    let queue = this.#queues[queueId];
    if (queue === undefined) {
      queue = this.#deps.store.queue(this.config.topicName, queueId);
      this.#queues[queueId] = queue;
    }
    return queue;
  }

  /** A queue for a sender who left the choice to the broker. */
  anyQueueId(): number {
    return this.#deps.prng.below(Math.max(1, this.config.writeQueueNums));
  }
}

/** Targets by topic; as many as there are topics. */
export class SendTargets {
  readonly #deps: SendTargetsDeps;
  readonly #targets = new Map<string, SendTarget>();

  constructor(deps: SendTargetsDeps) {
    this.#deps = deps;
  }

  /** Undefined for a topic that does not exist. */
  get(topic: string): SendTarget | undefined {
    const config = this.#deps.topics.get(topic);
    const known = this.#targets.get(topic);
    if (known !== undefined && known.config === config) return known;
    if (config === undefined) {
      this.#targets.delete(topic);
      return undefined;
    }
    const target = new SendTarget(config, this.#deps);
    this.#targets.set(topic, target);
    return target;
  }
}
