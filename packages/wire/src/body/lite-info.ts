import { standardBody } from './json-body.ts';

/** What a broker has of lite topics. */
export interface BrokerLiteInfo {
  readonly storeType: string;
  readonly maxLmqNum: number;
  readonly currentLmqNum: number;
  readonly liteSubscriptionCount: number;
  readonly orderInfoCount: number;
  readonly cqTableSize: number;
  readonly offsetTableSize: number;
  readonly eventMapSize: number;
  /** Minutes that the lite topics of each parent topic live. */
  readonly topicMeta: ReadonlyMap<string, number>;
  /** Groups of each parent topic. */
  readonly groupMeta: ReadonlyMap<string, readonly string[]>;
}

export function encodeBrokerLiteInfo(info: BrokerLiteInfo): Buffer {
  return standardBody({ ...info });
}

/** A topic of type LITE. */
export interface ParentTopicInfo {
  readonly topic: string;
  readonly ttl: number;
  readonly groups: readonly string[];
  readonly lmqNum: number;
  readonly liteTopicCount: number;
}

export function encodeParentTopicInfo(info: ParentTopicInfo): Buffer {
  return standardBody({ ...info });
}

export interface LiteTopicInfo {
  readonly parentTopic: string;
  readonly liteTopic: string;
  readonly minOffset: number;
  readonly maxOffset: number;
  readonly lastUpdateTimestamp: number;
  readonly subscriber: readonly { readonly clientId: string; readonly group: string }[];
}

export function encodeLiteTopicInfo(info: LiteTopicInfo): Buffer {
  const { parentTopic, liteTopic, minOffset, maxOffset, lastUpdateTimestamp } = info;
  return standardBody({
    ...{ liteTopic, parentTopic, shardingToBroker: true },
    subscriber: info.subscriber.map((one) => ({ ...one })),
    topicOffset: { lastUpdateTimestamp, maxOffset, minOffset },
  });
}

export interface LiteClientInfo {
  readonly parentTopic: string;
  readonly group: string;
  readonly clientId: string;
  readonly lastAccessTime: number;
  readonly lastConsumeTime: number;
  readonly liteTopicCount: number;
  /** Undefined for a client that nobody knows. */
  readonly liteTopics: readonly string[] | undefined;
}

export function encodeLiteClientInfo({ liteTopics, ...info }: LiteClientInfo): Buffer {
  return standardBody({ ...info, liteTopicSet: liteTopics });
}

/** How far a group is behind in a lite topic. */
export interface LiteLag {
  readonly liteTopic: string;
  readonly lagCount: number;
  readonly earliestUnconsumedTimestamp: number;
}

export interface LiteGroupInfo {
  readonly group: string;
  readonly parentTopic: string;
  readonly totalLagCount: number;
  readonly lagCountTopK: readonly LiteLag[];
}

export function encodeLiteGroupInfo({ lagCountTopK, ...info }: LiteGroupInfo): Buffer {
  const lags = lagCountTopK.map((lag) => ({ ...lag }));
  const earliestUnconsumedTimestamp = -1;
  return standardBody({
    ...{ earliestUnconsumedTimestamp, ...info, lagCountTopK: lags, lagTimestampTopK: [] },
  });
}

export interface LiteGroupTopicInfo {
  readonly group: string;
  readonly parentTopic: string;
  readonly liteTopic: string;
  readonly totalLagCount: number;
  readonly earliestUnconsumedTimestamp: number;
  readonly brokerOffset: number;
  readonly consumerOffset: number;
}

export function encodeLiteGroupTopicInfo(info: LiteGroupTopicInfo): Buffer {
  const { brokerOffset, consumerOffset, ...rest } = info;
  const wrapper = { brokerOffset, consumerOffset, lastTimestamp: 0, pullOffset: 0 };
  return standardBody({ ...rest, liteTopicOffsetWrapper: wrapper });
}
