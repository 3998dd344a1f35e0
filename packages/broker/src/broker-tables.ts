/** The tables of a broker and who uses clients' connections: made and loaded, not yet running. */
import { JsonFile, type Logger } from '@skylarkmq/base';
import { MessageRequestModes } from './assignment/message-request-modes.ts';
import type { BrokerOptions } from './broker-options.ts';
import { ConsumerRegistry } from './consumer-group/consumer-registry.ts';
import { ProducerRegistry } from './consumer-group/producer-registry.ts';
import { QueueLocks } from './consumer-group/queue-locks.ts';
import { DelayOffsets } from './delay/delay-offsets.ts';
import { ConsumerFilters } from './filter/consumer-filters.ts';
import { MessageFilters } from './filter/message-filters.ts';
import { ConsumerOffsets } from './offset/consumer-offsets.ts';
import { OrderInfos } from './pop/order-infos.ts';
import type { BrokerSettings } from './settings.ts';
import { StaticTopics } from './static-topic/static-topics.ts';
import { GroupTable } from './subscription/group-table.ts';
import { addSystemTopics } from './topic/system-topics.ts';
import { TopicTable } from './topic/topic-table.ts';
import { TransactionMetrics } from './transaction/transaction-metrics.ts';

export interface BrokerTables {
  readonly topics: TopicTable;
  readonly staticTopics: StaticTopics;
  readonly groups: GroupTable;
  readonly offsets: ConsumerOffsets;
  readonly delayOffsets: DelayOffsets;
  readonly transactionMetrics: TransactionMetrics;
  readonly orders: OrderInfos;
  readonly modes: MessageRequestModes;
  readonly locks: QueueLocks;
  readonly consumers: ConsumerRegistry;
  readonly producers: ProducerRegistry;
  readonly consumerFilters: ConsumerFilters;
  readonly messageFilters: MessageFilters;
}

/** Reads `config/*.json` below the store's root. CORRUPT when a file has not Apache's form. */
export function loadTables(
  options: BrokerOptions,
  names: { readonly brokerName: string; readonly brokerClusterName: string },
  settings: () => BrokerSettings,
): BrokerTables {
  const { clock, scheduler, logger, directory } = options;
  const file = (name: string): JsonFile => jsonFile(options, `${directory}/config/${name}`, logger);
  const topics = new TopicTable({ file: file('topics.json'), clock, scheduler, logger });
  topics.load();
  addSystemTopics(topics, names, settings());
  topics.save();
  const mappingFile = file('topicQueueMapping.json');
  const staticTopics = new StaticTopics({ file: mappingFile, clock, scheduler, logger });
  staticTopics.load();
  const groupFile = file('subscriptionGroup.json');
  const groups = new GroupTable({ file: groupFile, clock, scheduler, logger, settings });
  groups.load();
  groups.save();
  const hasLightTable = options.lightOffsetTable ?? false;
  const usual = file('consumerOffset.json');
  const light = file('lmqConsumerOffset.json');
  const offsets = new ConsumerOffsets({
    ...{ scheduler, logger, settings, hasLightTable },
    file: hasLightTable ? light : usual,
    otherFile: hasLightTable ? usual : light,
  });
  offsets.load();
  const delayOffsets = new DelayOffsets({ file: file('delayOffset.json'), clock });
  delayOffsets.load();
  const metricsFile = file('transactionMetrics');
  const filterFile = file('consumerFilter.json');
  const consumerFilters = new ConsumerFilters({
    ...{ file: filterFile, clock, scheduler, logger, settings },
  });
  consumerFilters.load();
  const consumers = new ConsumerRegistry({ clock, scheduler, logger, settings, groups });
  consumers.onGroupGone((group) => consumerFilters.unregister(group));
  const orderFile = file('consumerOrderInfo.json');
  const nowMs = (): number => clock.nowMs();
  const orders = new OrderInfos({ file: orderFile, scheduler, logger, settings, nowMs });
  orders.load();
  const modeFile = file('messageRequestMode.json');
  const modes = new MessageRequestModes({ file: modeFile, scheduler, logger });
  modes.load();
  return {
    ...{ consumers, consumerFilters },
    messageFilters: new MessageFilters({ logger, consumerFilters }),
    ...{ orders, modes },
    ...{ topics, staticTopics, groups, offsets, delayOffsets },
    transactionMetrics: new TransactionMetrics({
      ...{ clock, scheduler, logger, settings },
      file: metricsFile,
    }),
    locks: loadLocks(file('skylarkQueueLocks.json'), options, settings),
    producers: new ProducerRegistry({ clock, scheduler, logger, settings }),
  };
}

function loadLocks(
  file: JsonFile,
  { clock, scheduler, logger }: BrokerOptions,
  settings: () => BrokerSettings,
): QueueLocks {
  const lockMs = (): number => settings().rebalanceLockMaxLiveTime;
  const locks = new QueueLocks({ file, clock, scheduler, logger, lockMs });
  locks.load();
  return locks;
}

/** Ends what runs by itself and writes what changed. */
export function closeTables(tables: BrokerTables): void {
  tables.consumers.close();
  tables.producers.close();
  tables.transactionMetrics.close();
  tables.consumerFilters.close();
  tables.orders.close();
  tables.modes.close();
  tables.locks.close();
  tables.offsets.close();
  tables.groups.close();
  tables.staticTopics.close();
  tables.topics.close();
}

function jsonFile({ fileSystem }: BrokerOptions, path: string, logger: Logger): JsonFile {
  return new JsonFile(fileSystem, path, logger);
}
