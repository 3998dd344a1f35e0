import type { Logger } from '@skylarkmq/base';
import type { MessageStore } from '@skylarkmq/store';
import type { DataVersion, StaticTopic, TopicConfig } from '@skylarkmq/wire';
import type { BrokerIdentity } from '../../identity.ts';
import type { BrokerSettings } from '../../settings.ts';
import type { StatsView } from '../../stats/traffic-counter.ts';

/** The topics; `TopicTable` is one. */
export interface AdminTopics {
  get(topic: string): TopicConfig | undefined;
  all(): ReadonlyMap<string, TopicConfig>;
  readonly dataVersion: DataVersion;
  /** False when it is exactly so already. */
  put(config: TopicConfig): boolean;
  delete(topic: string): boolean;
  /** What else belongs to the topic changed: name servers are told of it anew. */
  touch(topic: string): void;
  /** Resolves when all changes are on disk. */
  saved(): Promise<void>;
}

/** Where the queues of static topics are; `StaticTopics` is one. */
interface AdminStaticTopics {
  get(topic: string): StaticTopic | null;
  all(): ReadonlyMap<string, StaticTopic>;
  put(topic: StaticTopic): void;
  delete(topic: string): boolean;
  saved(): Promise<void>;
}

export interface TopicAdminDeps {
  readonly topics: AdminTopics;
  readonly staticTopics: AdminStaticTopics;
  readonly store: Pick<
    MessageStore,
    | 'minOffset'
    | 'maxOffset'
    | 'messageStoreTime'
    | 'deleteTopic'
    | 'cleanUnusedTopics'
    | 'deleteExpiredFiles'
    | 'flush'
  >;
  readonly offsets: {
    groupsOf(topic: string): readonly string[];
    removeTopic(topic: string): void;
  };
  readonly stats: {
    removeTopic(topic: string): void;
    view(name: string, key: string): StatsView | undefined;
  };
  readonly pop: { removeTopic(topic: string): void };
  /** Registers changed topics at the name servers. */
  announce(): Promise<void>;
  readonly identity: BrokerIdentity;
  readonly logger: Logger;
  settings(): BrokerSettings;
}
