/** Requests that clients and tools send to brokers, as short as they can be. */
import type { TwinRequest } from './twin-brokers.ts';

type Attributes = Readonly<Record<string, string>>;

export function makeTopic(topic: string, queues: number, attributes = ''): TwinRequest {
  const fields = {
    ...{ topic, defaultTopic: 'TBW102', readQueueNums: queues, writeQueueNums: queues, perm: 6 },
    ...{ topicFilterType: 'SINGLE_TAG', topicSysFlag: 0, order: false },
    ...(attributes === '' ? {} : { attributes }),
  };
  return { code: 17, fields };
}

export function makeGroup(groupName: string, more: Readonly<Record<string, unknown>> = {}) {
  return { code: 200, body: JSON.stringify({ groupName, ...more }) };
}

/** Attributes of a group, each with its sign. */
export function withAttributes(attributes: Attributes): Readonly<Record<string, unknown>> {
  return { attributes };
}

export function send(topic: string, body: string, properties: Attributes = {}): TwinRequest {
  const pairs = Object.entries(properties).map(([name, value]) => `${name}\u0001${value}\u0002`);
  const i = pairs.join('');
  const fields = { a: 'P', b: topic, c: 'TBW102', d: 4, e: 0, f: 0, g: 1, h: 0, i, j: 0 };
  return { code: 310, fields: { ...fields, k: false }, body };
}

export function heartbeat(
  clientID: string,
  groupName: string,
  topic: string,
  messageModel: 'CLUSTERING' | 'BROADCASTING' = 'CLUSTERING',
): TwinRequest {
  const consumer = {
    ...{ groupName, consumeType: 'CONSUME_PASSIVELY', messageModel },
    ...{ consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET', unitMode: false },
    subscriptionDataSet: [
      { topic, subString: '*', expressionType: 'TAG', subVersion: 1, tagsSet: [], codeSet: [] },
    ],
  };
  const body = { clientID, producerDataSet: [], consumerDataSet: [consumer] };
  return { code: 34, body: JSON.stringify(body) };
}

/** Without a subscription of its own: by the heartbeat's. */
export function pull(topic: string, consumerGroup: string, queueId = 0): TwinRequest {
  const fields = {
    ...{ topic, consumerGroup, queueId, queueOffset: 0, maxMsgNums: 32, sysFlag: 0 },
    ...{ commitOffset: 0, suspendTimeoutMillis: 0, subscription: '*', subVersion: 1 },
  };
  return { code: 11, fields: { ...fields, expressionType: 'TAG' } };
}

export function pop(topic: string, consumerGroup: string, maxMsgNums = 1): TwinRequest {
  const fields = {
    ...{ consumerGroup, topic, queueId: -1, maxMsgNums, invisibleTime: 60_000, pollTime: 0 },
    ...{ bornTime: Date.now(), initMode: 0, exp: '*', expType: 'TAG', order: false },
  };
  return { code: 200_050, fields };
}

export function popLite(topic: string, consumerGroup: string, clientId: string): TwinRequest {
  const fields = {
    ...{ clientId, consumerGroup, topic, maxMsgNum: 32, invisibleTime: 60_000, pollTime: 0 },
    ...{ bornTime: Date.now() },
  };
  return { code: 200_070, fields };
}

export function subscribeLite(
  action: string,
  { topic, group, clientId, liteTopics }: LiteWish,
): TwinRequest {
  const wish = { action, clientId, group, topic, liteTopicSet: liteTopics };
  return { code: 200_071, body: JSON.stringify({ subscriptionSet: [wish] }) };
}

export interface LiteWish {
  readonly topic: string;
  readonly group: string;
  readonly clientId: string;
  readonly liteTopics: readonly string[];
}
