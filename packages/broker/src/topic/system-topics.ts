/** The topics that every broker has from its first start. */
import { Permission, READ_WRITE, SystemTopic } from '@skylarkmq/message';
import { type TopicConfig, topicConfig } from '@skylarkmq/wire';
import type { BrokerIdentity } from '../identity.ts';
import type { BrokerSettings } from '../settings.ts';
import type { TopicTable } from './topic-table.ts';

const BENCHMARK_QUEUES = 1024;
const CLUSTER_QUEUES = 16;
const SCHEDULE_QUEUES = 18;
const REVIVE_QUEUES = 8;
const INHERITED = READ_WRITE | Permission.Inherit;

type Names = Pick<BrokerIdentity, 'brokerName' | 'brokerClusterName'>;

/** The platform's own topics of a broker, as Apache makes them. */
// RocketMQ: TopicConfigManager#init
function systemTopics(names: Names, settings: BrokerSettings): TopicConfig[] {
  const { brokerName, brokerClusterName: cluster } = names;
  const inheritIf = (allowed: boolean): number => (allowed ? INHERITED : READ_WRITE);
  const topics = [
    topicConfig(SystemTopic.SelfTest, 1, READ_WRITE),
    topicConfig(SystemTopic.Benchmark, BENCHMARK_QUEUES, READ_WRITE),
    topicConfig(cluster, CLUSTER_QUEUES, inheritIf(settings.clusterTopicEnable)),
    topicConfig(brokerName, 1, inheritIf(settings.brokerTopicEnable)),
    topicConfig(SystemTopic.OffsetMoved, 1, READ_WRITE),
    topicConfig(SystemTopic.Schedule, SCHEDULE_QUEUES, READ_WRITE),
    topicConfig(cluster + SystemTopic.ReplySuffix, 1, READ_WRITE),
    topicConfig(SystemTopic.ReviveLogPrefix + cluster, REVIVE_QUEUES, READ_WRITE),
    topicConfig(SystemTopic.SyncBrokerMemberPrefix + brokerName, 1, Permission.Inherit),
    topicConfig(SystemTopic.Timer, 1, READ_WRITE),
    topicConfig(SystemTopic.TransactionHalf, 1, READ_WRITE),
    topicConfig(SystemTopic.TransactionOperation, 1, READ_WRITE),
  ];
  if (settings.autoCreateTopicEnable) {
    topics.push(topicConfig(SystemTopic.Default, settings.defaultTopicQueueNums, INHERITED));
  }
  if (settings.traceTopicEnable) {
    topics.push(topicConfig(settings.msgTraceTopicName, 1, READ_WRITE));
  }
  return topics;
}

/** Adds the system topics that the table does not have; what was loaded stays as it is. */
export function addSystemTopics(table: TopicTable, names: Names, settings: BrokerSettings): void {
  for (const config of systemTopics(names, settings)) {
    if (table.get(config.topicName) === undefined) table.put(config);
  }
}
