/** Topics and the ends of their queues, for tools that look. */
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  encodeTopicConfig,
  encodeTopicStats,
  encodeTopicTable,
  GetAllTopicConfig,
  GetTopicConfig,
  GetTopicStatsInfo,
  type QueueStats,
  ResponseCode,
  type TopicConfig,
} from '@skylarkmq/wire';
import { pageOf } from './page.ts';
import { noSuchTopic } from './refusal.ts';
import type { TopicAdminDeps } from './topic-deps.ts';

export function registerTopicQueryHandlers(server: RemotingServer, deps: TopicAdminDeps): void {
  const { topics } = deps;
  server.register(GetTopicConfig.code, (command) => {
    const { topic, lo } = GetTopicConfig.request.decode(command.ext);
    const config = topics.get(topic);
    if (config === undefined) {
      const remark = `No topic in this broker. topic: ${topic}`;
      return { code: ResponseCode.TopicNotExist, remark };
    }
    const mapping = lo === false ? null : deps.staticTopics.get(topic);
    return { code: ResponseCode.Success, body: encodeTopicConfig(config, mapping) };
  });
  server.register(GetAllTopicConfig.code, (command) => {
    const { topicSeq, maxTopicNum, dataVersion } = GetAllTopicConfig.request.decode(command.ext);
    const request = { from: topicSeq, max: maxTopicNum, dataVersion };
    const version = topics.dataVersion;
    const page = pageOf(topics.all(), version, request, deps.settings());
    return {
      code: ResponseCode.Success,
      ext: GetAllTopicConfig.response.encode({ totalTopicNum: topics.all().size }),
      body: encodeTopicTable({ dataVersion: version, topics: page }, deps.staticTopics.all()),
    };
  });
  server.register(GetTopicStatsInfo.code, async (command) => {
    const { topic } = GetTopicStatsInfo.request.decode(command.ext);
    const config = topics.get(topic);
    if (config === undefined) return noSuchTopic(topic);
    const tps = deps.stats.view('TOPIC_PUT_NUMS', topic)?.statsMinute.tps ?? 0;
    return {
      code: ResponseCode.Success,
      body: encodeTopicStats(await queueStats(config, deps), tps),
    };
  });
}

/** RocketMQ: AdminBrokerProcessor#getTopicStatsInfo */
async function queueStats(config: TopicConfig, deps: TopicAdminDeps): Promise<QueueStats[]> {
  const { store, identity } = deps;
  const topic = config.topicName;
  const stats: QueueStats[] = [];
  const queues = Math.max(config.readQueueNums, config.writeQueueNums);
  for (let queueId = 0; queueId < queues; queueId++) {
    const minOffset = store.minOffset(topic, queueId);
    const maxOffset = store.maxOffset(topic, queueId);
    const lastUpdateTimestamp =
      maxOffset > 0 ? await store.messageStoreTime(topic, queueId, maxOffset - 1) : 0;
    stats.push({
      queue: { topic, brokerName: identity.brokerName, queueId },
      minOffset,
      maxOffset,
      lastUpdateTimestamp: Math.max(0, lastUpdateTimestamp),
    });
  }
  return stats;
}
