/** Makes topics on demand: at the first send, for retries and for dead letters. */
import { type Logger, MqError, MqErrorCode } from '@skylarkmq/base';
import {
  dlqTopic,
  isInherited,
  Permission,
  READ_WRITE,
  retryTopic,
  SystemTopic,
} from '@skylarkmq/message';
import { type TopicConfig, topicConfig } from '@skylarkmq/wire';
import type { BrokerSettings } from '../settings.ts';
import type { TopicTable } from './topic-table.ts';

const DLQ_QUEUES = 1;
/** RocketMQ: PopReviveService#addRetryTopicIfNotExist */
const POP_RETRY_QUEUES = 1;
const STATE_QUEUES = 1;
/** RocketMQ: AbstractTransactionalMessageCheckListener#TCMT_QUEUE_NUMS */
const GIVEN_UP_QUEUES = 1;
/** RocketMQ: TopicSysFlag, the bit of topics that units subscribe to. */
const UNIT_SUBSCRIPTION_FLAG = 2;

export interface TopicCreatorDeps {
  readonly topics: TopicTable;
  settings(): BrokerSettings;
  /** Registers changed topics at the name servers. */
  announce(): Promise<void>;
  readonly logger: Logger;
}

/** A topic is on disk and registered when the promise resolves. One at a time per topic. */
export class TopicCreator {
  readonly #deps: TopicCreatorDeps;
  readonly #creating = new Map<string, Promise<TopicConfig>>();

  constructor(deps: TopicCreatorDeps) {
    this.#deps = deps;
  }

  /**
   * The topic of a send, made after `defaultTopic` if needed; undefined when automatic creation is
   * off or the default topic is not one to be copied. BUSY at the limit of topics.
   */
  // RocketMQ: TopicConfigManager#createTopicInSendMessageMethod
  async forSend(
    topic: string,
    defaultTopic: string,
    clientQueueNums: number,
    remoteAddress: string,
  ): Promise<TopicConfig | undefined> {
    const known = this.#deps.topics.get(topic);
    if (known !== undefined) return known;
    const template = this.#deps.topics.get(defaultTopic);
    const isOff =
      defaultTopic === SystemTopic.Default && !this.#deps.settings().autoCreateTopicEnable;
    if (template === undefined || isOff || !isInherited(template.perm)) {
      this.#deps.logger.warn(
        { topic, defaultTopic, remoteAddress },
        'A topic is not made: automatic creation is off or its default topic does not allow it',
      );
      return undefined;
    }
    const queues = Math.max(0, Math.min(clientQueueNums, template.writeQueueNums));
    const perm = template.perm & ~Permission.Inherit;
    const more = { topicFilterType: template.topicFilterType };
    this.#deps.logger.info({ topic, queues, remoteAddress }, 'A topic is made for a send');
    return this.#create(topicConfig(topic, queues, perm, more));
  }

  /** The retry topic of a group. `isUnit` marks groups of consumers in unit mode. */
  forRetry(group: string, queueNums: number, isUnit = false): Promise<TopicConfig> {
    const more = { topicSysFlag: isUnit ? UNIT_SUBSCRIPTION_FLAG : 0 };
    return this.#ensure(topicConfig(retryTopic(group), queueNums, READ_WRITE, more));
  }

  /** The retry topic of a group for one topic, as POP uses it. */
  forPopRetry(name: string): Promise<TopicConfig> {
    return this.#ensure(topicConfig(name, POP_RETRY_QUEUES, READ_WRITE));
  }

  /** The dead letter topic of a group. */
  forDlq(group: string): Promise<TopicConfig> {
    return this.#ensure(topicConfig(dlqTopic(group), DLQ_QUEUES, READ_WRITE));
  }

  /** The topic of what became of dead letters. */
  forDeadLetterStates(): Promise<TopicConfig> {
    return this.#ensure(topicConfig(SystemTopic.DeadLetterState, STATE_QUEUES, READ_WRITE));
  }

  /** The topic of transactions that nobody decided. */
  forGivenUp(): Promise<TopicConfig> {
    return this.#ensure(topicConfig(SystemTopic.TransactionCheckMax, GIVEN_UP_QUEUES, READ_WRITE));
  }

  async #ensure(config: TopicConfig): Promise<TopicConfig> {
    return this.#deps.topics.get(config.topicName) ?? this.#create(config);
  }

  #create(config: TopicConfig): Promise<TopicConfig> {
    const { topicName } = config;
    const creating = this.#creating.get(topicName);
    if (creating !== undefined) return creating;
    const created = this.#store(config).finally(() => this.#creating.delete(topicName));
    this.#creating.set(topicName, created);
    return created;
  }

  async #store(config: TopicConfig): Promise<TopicConfig> {
    const { topics } = this.#deps;
    const max = this.#deps.settings().topicsMax;
    if (topics.all().size >= max) {
      const hint = 'delete topics that nobody uses or raise topicsMax';
      throw new MqError(MqErrorCode.Busy, `The broker has all its ${max} topics: ${hint}`);
    }
    await topics.create(config);
    await this.#deps.announce();
    return topics.get(config.topicName) ?? config;
  }
}
