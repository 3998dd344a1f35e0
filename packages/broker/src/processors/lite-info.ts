/** What tools ask about lite topics: codes 200074 to 200079. */
import { liteNamesOf, liteQueueName } from '@skylarkmq/message';
import type { RemotingServer } from '@skylarkmq/remoting';
import type { MessageStore } from '@skylarkmq/store';
import {
  encodeBrokerLiteInfo,
  encodeLiteClientInfo,
  encodeLiteGroupInfo,
  encodeLiteGroupTopicInfo,
  encodeLiteTopicInfo,
  encodeParentTopicInfo,
  GetLiteClientInfo,
  GetLiteGroupInfo,
  GetLiteTopicInfo,
  GetParentTopicInfo,
  type LiteLag,
  type Outgoing,
  RequestCode,
  ResponseCode,
  TriggerLiteDispatch,
} from '@skylarkmq/wire';
import type { LiteService } from '../lite/lite-service.ts';
import type { ConsumerOffsets } from '../offset/consumer-offsets.ts';
import type { PopService } from '../pop/pop-service.ts';
import type { BrokerSettings } from '../settings.ts';
import type { GroupTable } from '../subscription/group-table.ts';
import type { TopicTable } from '../topic/topic-table.ts';

const NONE = -1;

export interface LiteInfoDeps {
  readonly lite: LiteService;
  readonly pop: PopService;
  readonly store: MessageStore;
  readonly topics: TopicTable;
  readonly groups: GroupTable;
  readonly offsets: ConsumerOffsets;
  settings(): BrokerSettings;
}

export function registerLiteInfoHandlers(server: RemotingServer, deps: LiteInfoDeps): void {
  server.register(RequestCode.GetBrokerLiteInfo, () => brokerInfo(deps));
  server.register(GetParentTopicInfo.code, (command) =>
    parentInfo(GetParentTopicInfo.request.decode(command.ext).topic, deps),
  );
  server.register(GetLiteTopicInfo.code, (command) => {
    const { parentTopic, liteTopic } = GetLiteTopicInfo.request.decode(command.ext);
    return topicInfo(parentTopic, liteTopic, deps);
  });
  server.register(GetLiteClientInfo.code, (command) => {
    const { parentTopic, group, clientId, maxCount } = GetLiteClientInfo.request.decode(
      command.ext,
    );
    if (maxCount < 0) {
      const remark = `[maxCount] field invalid: ${maxCount}, give 0 or more`;
      return { code: ResponseCode.SystemError, remark };
    }
    const client = deps.lite.subscriptions.find(clientId);
    const liteTopics = client === undefined ? undefined : [...client.queues].slice(0, maxCount);
    const body = encodeLiteClientInfo({
      ...{ parentTopic, group, clientId, liteTopics },
      lastAccessTime: client?.accessMs ?? NONE,
      lastConsumeTime: client?.consumeMs ?? 0,
      liteTopicCount: client?.queues.size ?? NONE,
    });
    return { code: ResponseCode.Success, body };
  });
  server.register(GetLiteGroupInfo.code, (command) => {
    const { group, liteTopic, topK } = GetLiteGroupInfo.request.decode(command.ext);
    return groupInfo(group, liteTopic ?? '', topK, deps);
  });
  server.register(TriggerLiteDispatch.code, (command) => {
    const { group } = TriggerLiteDispatch.request.decode(command.ext);
    const topic = deps.lite.boundTopic(group);
    if (topic === undefined) return notLite(group);
    deps.pop.holds.wake(group, topic, 0);
    return { code: ResponseCode.Success };
  });
}

// RocketMQ: LiteManagerProcessor#getBrokerLiteInfo
function brokerInfo({ lite, store, topics, groups, settings }: LiteInfoDeps): Outgoing {
  const topicMeta = new Map<string, number>();
  for (const [name, config] of topics.all()) {
    if (lite.isLite(config)) topicMeta.set(name, expiration(config.attributes));
  }
  const groupMeta = new Map<string, string[]>();
  for (const group of groups.all().keys()) {
    const topic = lite.boundTopic(group);
    if (topic !== undefined) groupMeta.set(topic, [...(groupMeta.get(topic) ?? []), group]);
  }
  const queues = [...store.queues()];
  const body = encodeBrokerLiteInfo({
    storeType: 'default',
    maxLmqNum: settings().maxLmqConsumeQueueNum,
    currentLmqNum: queues.filter(({ topic }) => liteNamesOf(topic) !== undefined).length,
    liteSubscriptionCount: lite.subscriptions.count,
    orderInfoCount: 0,
    cqTableSize: queues.length,
    offsetTableSize: 0,
    eventMapSize: 0,
    ...{ topicMeta, groupMeta },
  });
  return { code: ResponseCode.Success, body };
}

function parentInfo(topic: string, { lite, topics, groups }: LiteInfoDeps): Outgoing {
  const config = topics.get(topic);
  if (config === undefined) return topicMissing(topic);
  if (!lite.isLite(config)) return wrongType(topic);
  const bound = [...groups.all().keys()].filter((group) => lite.boundTopic(group) === topic);
  const queues = lite.queuesOf(topic);
  const body = encodeParentTopicInfo({
    topic,
    ttl: expiration(config.attributes),
    groups: bound,
    lmqNum: queues.length,
    liteTopicCount: queues.length,
  });
  return { code: ResponseCode.Success, body };
}

async function topicInfo(
  parentTopic: string,
  liteTopic: string,
  { lite, topics, store }: LiteInfoDeps,
): Promise<Outgoing> {
  const config = topics.get(parentTopic);
  if (config === undefined) return topicMissing(parentTopic);
  if (!lite.isLite(config)) return wrongType(parentTopic);
  const queue = liteQueueName(parentTopic, liteTopic);
  const maxOffset = store.maxOffset(queue, 0);
  const last = maxOffset > 0 ? await store.messageStoreTime(queue, 0, maxOffset - 1) : 0;
  const subscribers = lite.subscriptions.subscribers(queue);
  const body = encodeLiteTopicInfo({
    ...{ parentTopic, liteTopic, maxOffset },
    minOffset: store.minOffset(queue, 0),
    lastUpdateTimestamp: Math.max(0, last),
    subscriber: subscribers.map(({ clientId, group }) => ({ clientId, group })),
  });
  return { code: ResponseCode.Success, body };
}

async function groupInfo(
  group: string,
  liteTopic: string,
  topK: number,
  deps: LiteInfoDeps,
): Promise<Outgoing> {
  const { lite, store, offsets } = deps;
  const parentTopic = lite.boundTopic(group);
  if (parentTopic === undefined) return notLite(group);
  if (liteTopic !== '') {
    const queue = liteQueueName(parentTopic, liteTopic);
    const { lagCount, earliestUnconsumedTimestamp } = await lagOf(group, queue, deps);
    const body = encodeLiteGroupTopicInfo({
      ...{ group, parentTopic, liteTopic, earliestUnconsumedTimestamp },
      totalLagCount: lagCount,
      brokerOffset: store.maxOffset(queue, 0),
      consumerOffset: Math.max(0, offsets.query(group, queue, 0)),
    });
    return { code: ResponseCode.Success, body };
  }
  const lags: LiteLag[] = [];
  for (const queue of lite.queuesOf(parentTopic)) {
    const lag = await lagOf(group, queue, deps);
    if (lag.lagCount > 0) lags.push(lag);
  }
  const body = encodeLiteGroupInfo({
    ...{ group, parentTopic },
    totalLagCount: lags.reduce((sum, { lagCount }) => sum + lagCount, 0),
    lagCountTopK: lags.sort((a, b) => b.lagCount - a.lagCount).slice(0, Math.max(0, topK)),
  });
  return { code: ResponseCode.Success, body };
}

async function lagOf(
  group: string,
  queue: string,
  { store, offsets }: LiteInfoDeps,
): Promise<LiteLag> {
  const maxOffset = store.maxOffset(queue, 0);
  const committed = offsets.query(group, queue, 0);
  const next = committed < 0 ? store.minOffset(queue, 0) : committed;
  const lagCount = Math.max(0, maxOffset - next);
  const earliestUnconsumedTimestamp =
    lagCount > 0 ? await store.messageStoreTime(queue, 0, next) : NONE;
  const { liteTopic = '' } = liteNamesOf(queue) ?? {};
  return { liteTopic, lagCount, earliestUnconsumedTimestamp };
}

/** In minutes; -1: for ever. */
function expiration(attributes: ReadonlyMap<string, string>): number {
  return Number(attributes.get('lite.topic.expiration') ?? NONE);
}

function topicMissing(topic: string): Outgoing {
  return { code: ResponseCode.TopicNotExist, remark: `Topic [${topic}] not exist.` };
}

function wrongType(topic: string): Outgoing {
  return { code: ResponseCode.InvalidParameter, remark: `Topic [${topic}] type not match.` };
}

function notLite(group: string): Outgoing {
  return { code: ResponseCode.InvalidParameter, remark: `Group [${group}] is not a LITE group.` };
}
