/** How far groups are: by offsets and by time. */
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  type BrokerConsumeStats,
  type ConsumeStats,
  encodeBrokerConsumeStats,
  encodeConsumeStats,
  encodeConsumeTimeSpans,
  GetBrokerConsumeStats,
  GetConsumeStats,
  QueryConsumeTimeSpan,
  type QueueProgress,
  type QueueTimeSpan,
  ResponseCode,
  type TopicConfig,
} from '@skylarkmq/wire';
import type { ProgressAdminDeps } from './progress-deps.ts';
import { noSuchTopic } from './refusal.ts';

export function registerProgressHandlers(server: RemotingServer, deps: ProgressAdminDeps): void {
  server.register(GetConsumeStats.code, async (command) => {
    const request = GetConsumeStats.request.decode(command.ext);
    const stats = await consumeStats(request, deps);
    return { code: ResponseCode.Success, body: encodeConsumeStats(stats) };
  });
  server.register(GetBrokerConsumeStats.code, async (command) => {
    const { isOrder } = GetBrokerConsumeStats.request.decode(command.ext);
    const body = encodeBrokerConsumeStats(await brokerConsumeStats(isOrder, deps));
    return { code: ResponseCode.Success, body };
  });
  server.register(QueryConsumeTimeSpan.code, async (command) => {
    const { topic, group } = QueryConsumeTimeSpan.request.decode(command.ext);
    const config = deps.topics.get(topic);
    if (config === undefined) return noSuchTopic(topic);
    const body = encodeConsumeTimeSpans(await timeSpans(config, group, deps));
    return { code: ResponseCode.Success, body };
  });
}

interface StatsRequest {
  readonly consumerGroup: string;
  readonly topic?: string | undefined;
  /** `;` between; wins over `topic`. */
  readonly topicList?: string | undefined;
}

/** RocketMQ: AdminBrokerProcessor#getConsumeStats */
async function consumeStats(request: StatsRequest, deps: ProgressAdminDeps): Promise<ConsumeStats> {
  const group = request.consumerGroup;
  const listed = (request.topicList ?? '').split(';').filter((topic) => topic.trim() !== '');
  const one = request.topic?.trim() ?? '';
  const topics = listed.length > 0 ? listed : one === '' ? deps.offsets.topicsOf(group) : [one];
  const queues: QueueProgress[] = [];
  let consumeTps = 0;
  for (const topic of topics) {
    const config = deps.topics.get(topic);
    if (config === undefined) continue;
    if (listed.length === 0 && isLeftOut(group, topic, deps)) continue;
    queues.push(...(await queueProgress(config, config.readQueueNums, group, deps)));
    consumeTps += tpsOf(group, topic, deps);
  }
  return { queues, consumeTps };
}

/** RocketMQ: AdminBrokerProcessor#fetchAllConsumeStatsInBroker */
async function brokerConsumeStats(
  isOrder: boolean,
  deps: ProgressAdminDeps,
): Promise<BrokerConsumeStats> {
  const groups = new Map<string, ConsumeStats[]>();
  let totalDiff = 0;
  let totalInflightDiff = 0;
  for (const group of [...deps.groups.all().keys()]) {
    const topics: ConsumeStats[] = [];
    groups.set(group, topics);
    for (const topic of deps.offsets.topicsOf(group)) {
      const config = deps.topics.get(topic);
      if (config === undefined || (isOrder && !config.order)) continue;
      if (isLeftOut(group, topic, deps)) continue;
      const queues = await queueProgress(config, config.writeQueueNums, group, deps);
      for (const { brokerOffset, consumerOffset, pullOffset } of queues) {
        totalDiff += brokerOffset - consumerOffset;
        totalInflightDiff += pullOffset - consumerOffset;
      }
      topics.push({ queues, consumeTps: tpsOf(group, topic, deps) });
    }
  }
  return { brokerAddr: deps.identity.address, groups, totalDiff, totalInflightDiff };
}

/** A group that is online and does not subscribe to the topic is done with it. */
function isLeftOut(group: string, topic: string, { consumers }: ProgressAdminDeps): boolean {
  return consumers.isOnline(group) && consumers.subscription(group, topic) === undefined;
}

async function queueProgress(
  config: TopicConfig,
  queueNums: number,
  group: string,
  deps: ProgressAdminDeps,
): Promise<QueueProgress[]> {
  const { store, offsets, identity, pop } = deps;
  const topic = config.topicName;
  const progress: QueueProgress[] = [];
  for (let queueId = 0; queueId < queueNums; queueId++) {
    const consumerOffset = Math.max(0, offsets.query(group, topic, queueId));
    const consumed =
      consumerOffset > 0 ? await store.messageStoreTime(topic, queueId, consumerOffset - 1) : 0;
    // What POP handed out is committed at once: tools show what is in flight as pulled and not yet
    // consumed, and cannot tell the two apart.
    const popped = consumerOffset + pop.flights.inFlight(group, topic, queueId);
    progress.push({
      queue: { topic, brokerName: identity.brokerName, queueId },
      brokerOffset: store.maxOffset(topic, queueId),
      consumerOffset,
      pullOffset: Math.max(popped, offsets.pullOffset(group, topic, queueId)),
      lastTimestamp: Math.max(0, consumed),
    });
  }
  return progress;
}

function tpsOf(group: string, topic: string, { stats }: ProgressAdminDeps): number {
  return stats.view('GROUP_GET_NUMS', `${topic}@${group}`)?.statsMinute.tps ?? 0;
}

/** RocketMQ: AdminBrokerProcessor#queryConsumeTimeSpan */
async function timeSpans(
  config: TopicConfig,
  group: string,
  deps: ProgressAdminDeps,
): Promise<QueueTimeSpan[]> {
  const { store, offsets, clock, identity } = deps;
  const topic = config.topicName;
  const spans: QueueTimeSpan[] = [];
  for (let queueId = 0; queueId < config.writeQueueNums; queueId++) {
    const storeTime = (offset: number): Promise<number> =>
      store.messageStoreTime(topic, queueId, offset);
    const maxOffset = store.maxOffset(topic, queueId);
    const consumerOffset = Math.max(0, offsets.query(group, topic, queueId));
    const minTimeStamp = await store.earliestStoreTime(topic, queueId);
    const nextTime = consumerOffset < maxOffset ? await storeTime(consumerOffset) : -1;
    spans.push({
      queue: { topic, brokerName: identity.brokerName, queueId },
      minTimeStamp,
      maxTimeStamp: maxOffset > 0 ? await storeTime(maxOffset - 1) : -1,
      consumeTimeStamp: consumerOffset > 0 ? await storeTime(consumerOffset - 1) : minTimeStamp,
      delayTime: nextTime < 0 ? 0 : Math.max(0, clock.nowMs() - nextTime),
    });
  }
  return spans;
}
