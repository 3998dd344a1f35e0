/** The hot path with everything real around it, and nothing else of a broker. */

import {
  type Clock,
  createPrng,
  type FileSystem,
  MemoryFileSystem,
  realClock,
  realScheduler,
  type Scheduler,
  silentLogger,
} from '@skylarkmq/base';
import { encodeHost } from '@skylarkmq/message';
import { RemotingServer } from '@skylarkmq/remoting';
import { LogStore, type StoreOptions } from '@skylarkmq/store';
import { topicConfig } from '@skylarkmq/wire';
import { ConsumerRegistry } from '../src/consumer-group/consumer-registry.ts';
import { QueueLocks } from '../src/consumer-group/queue-locks.ts';
import { ConsumerFilters } from '../src/filter/consumer-filters.ts';
import { MessageFilters } from '../src/filter/message-filters.ts';
import type { BrokerIdentity } from '../src/identity.ts';
import { PullHolds } from '../src/long-poll/pull-holds.ts';
import { ConsumerOffsets } from '../src/offset/consumer-offsets.ts';
import { registerOffsetHandlers } from '../src/processors/offset.ts';
import { registerPullHandlers } from '../src/processors/pull.ts';
import { registerQueryHandlers } from '../src/processors/query-message.ts';
import { registerSendHandlers } from '../src/processors/send.ts';
import { type BrokerSettings, DEFAULT_SETTINGS } from '../src/settings.ts';
import { LogicalOffsets } from '../src/static-topic/logical-offsets.ts';
import { StaticTopics } from '../src/static-topic/static-topics.ts';
import { BrokerStats } from '../src/stats/broker-stats.ts';
import { GroupTable } from '../src/subscription/group-table.ts';
import { TopicCreator } from '../src/topic/topic-creator.ts';
import { TopicTable } from '../src/topic/topic-table.ts';
import { TransactionMetrics } from '../src/transaction/transaction-metrics.ts';
import { Transactions } from '../src/transaction/transactions.ts';
import { noPeers } from './no-peers.ts';

export interface HotPathOptions {
  /** Default in memory. */
  readonly fileSystem?: FileSystem;
  readonly directory?: string;
  readonly clock?: Clock;
  readonly scheduler?: Scheduler;
  /** Default 0: a free one. */
  readonly port?: number;
  readonly store?: Partial<StoreOptions>;
}

export interface HotPathBroker {
  readonly port: number;
  readonly store: LogStore;
  readonly topics: TopicTable;
  readonly groups: GroupTable;
  readonly consumers: ConsumerRegistry;
  readonly offsets: ConsumerOffsets;
  readonly locks: QueueLocks;
  readonly stats: BrokerStats;
  readonly holds: PullHolds;
  readonly identity: BrokerIdentity;
  /** Changes settings while it runs. */
  change(settings: Partial<BrokerSettings>): void;
  close(): Promise<void>;
}

/** Serves sends, pulls and queries; the topic `T` with 4 queues is there. */
export async function startHotPath(options: HotPathOptions = {}): Promise<HotPathBroker> {
  const { clock = realClock, scheduler = realScheduler, port = 0 } = options;
  const logger = silentLogger;
  const prng = createPrng(7);
  let settings = DEFAULT_SETTINGS;
  const now = (): BrokerSettings => settings;
  const address = '127.0.0.1:10911';
  const identity: BrokerIdentity = {
    brokerName: 'broker-a',
    brokerClusterName: 'DefaultCluster',
    brokerId: 0,
    address,
    storeHost: encodeHost(address),
  };
  const store = await LogStore.open({
    directory: options.directory ?? '/store',
    fileSystem: options.fileSystem ?? new MemoryFileSystem(),
    ...{ clock, scheduler, logger, prng },
    storeHost: identity.storeHost,
    flush: 'async',
    commitLogFileBytes: 64 * 1024 * 1024,
    ...options.store,
  });
  const topics = new TopicTable({ file: null, clock, scheduler, logger });
  topics.load();
  topics.put(topicConfig('T', 4, 6));
  topics.put(topicConfig('TBW102', 8, 7));
  const announce = async (): Promise<void> => undefined;
  const topicCreator = new TopicCreator({ topics, settings: now, logger, announce });
  const groups = new GroupTable({ file: null, clock, scheduler, logger, settings: now });
  const consumers = new ConsumerRegistry({ clock, scheduler, logger, settings: now, groups });
  const offsets = new ConsumerOffsets({ file: null, scheduler, logger, settings: now });
  const locks = new QueueLocks({ file: null, clock, scheduler, logger, lockMs: () => 60_000 });
  const clusterName = identity.brokerClusterName;
  const stats = new BrokerStats({ store, clock, scheduler, clusterName, settings: now });
  const holds = new PullHolds({ store, scheduler, settings: now });
  const server = new RemotingServer({ port, clock: realClock, scheduler: realScheduler, logger });
  const shared = { store, topics, groups, stats, identity, clock, logger, settings: now };
  const metrics = new TransactionMetrics({ file: null, clock, scheduler, logger, settings: now });
  const transactions = new Transactions({
    ...{ store, offsets, metrics, clock, scheduler, logger, settings: now },
    storeHost: identity.storeHost,
  });
  await transactions.start();
  const timers = { countAt: (): number => 0 };
  const staticTopics = new StaticTopics({ file: null, clock, scheduler, logger });
  const peers = noPeers();
  const logicalOffsets = new LogicalOffsets({ staticTopics, peers, store, offsets, logger });
  const logical = { staticTopics, peers, logicalOffsets };
  const sends = { transactions, topicCreator, locks, consumers, timers, prng };
  registerSendHandlers(server, { ...shared, ...sends, staticTopics });
  const consumerFilters = new ConsumerFilters({
    ...{ file: null, clock, scheduler, logger, settings: now },
  });
  const messageFilters = new MessageFilters({ logger, consumerFilters });
  registerPullHandlers(server, {
    ...shared,
    ...logical,
    consumers,
    messageFilters,
    offsets,
    holds,
  });
  registerQueryHandlers(server, { store, settings: now });
  registerOffsetHandlers(server, { store, logicalOffsets });
  stats.start();
  holds.start();
  const ports = await server.listen();
  return {
    ...{ store, topics, groups, consumers, offsets, locks, stats, holds, identity },
    port: ports.port,
    change(changes) {
      settings = { ...settings, ...changes };
    },
    async close() {
      await transactions.close();
      holds.close();
      stats.close();
      consumers.close();
      await server.close();
      await store.close();
    },
  };
}
