/**
 * Where the queues of a topic are, in the two views that clients need: queues that can be written
 * (at masters only) and queues that can be read.
 */
import type { JsonObject } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { staticQueues } from './static-queues.ts';

/** One broker group's part of a topic, as name servers tell it. */
interface RouteQueueData {
  readonly brokerName: string;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
  readonly perm: number;
}

/** One broker group, as name servers tell it. */
export interface RouteBrokerData {
  readonly brokerName: string;
  readonly cluster: string;
  /** Broker id to address; id 0 is the master. */
  readonly brokerAddrs: ReadonlyMap<number, string>;
}

/** The answer to a route query, as far as clients use it. */
export interface RouteData {
  readonly queueDatas: readonly RouteQueueData[];
  readonly brokerDatas: readonly RouteBrokerData[];
  readonly orderTopicConf?: string | null | undefined;
  /** Of a static topic: broker to the logical queues that take messages there. */
  readonly mappings?: ReadonlyMap<string, JsonObject> | undefined;
}

/** A topic's queues and the brokers that have them. */
export interface TopicRoute {
  readonly topic: string;
  readonly writable: readonly MessageQueue[];
  readonly readable: readonly MessageQueue[];
  readonly brokers: ReadonlyMap<string, RouteBrokerData>;
}

const PERM_WRITE = 2;
const PERM_READ = 4;
export const MASTER_ID = 0;
const QUEUES_MAX = 100_000;

/** Reads the answer of a name server. */
// RocketMQ: MQClientInstance#topicRouteData2TopicPublishInfo, #topicRouteData2TopicSubscribeInfo
export function topicRouteOf(topic: string, data: RouteData): TopicRoute {
  const brokers = new Map(data.brokerDatas.map((broker) => [broker.brokerName, broker]));
  const parts = [...data.queueDatas].sort((a, b) => (a.brokerName < b.brokerName ? -1 : 1));
  const writable: MessageQueue[] = [];
  const readable: MessageQueue[] = [];
  const owners = data.mappings === undefined ? undefined : staticQueues(data.mappings);
  for (const part of parts) {
    const { brokerName } = part;
    const hasMaster = brokers.get(brokerName)?.brokerAddrs.has(MASTER_ID) === true;
    const add = (target: MessageQueue[], count: number): void =>
      owners === undefined
        ? addQueues(target, topic, brokerName, count)
        : addStaticQueues(target, topic, brokerName, owners);
    if ((part.perm & PERM_WRITE) !== 0 && hasMaster) add(writable, part.writeQueueNums);
    if ((part.perm & PERM_READ) !== 0) add(readable, part.readQueueNums);
  }
  const order = data.orderTopicConf ?? '';
  return {
    topic,
    writable: order === '' ? writable : orderedQueues(topic, order),
    readable,
    brokers,
  };
}

/** The route of a topic that is created at the first send, from its template topic's route. */
export function routeFromTemplate(
  topic: string,
  template: RouteData,
  queueNums: number,
): TopicRoute {
  const queueDatas = template.queueDatas.map((part) => {
    const nums = Math.min(queueNums, part.readQueueNums);
    return { ...part, readQueueNums: nums, writeQueueNums: nums };
  });
  return topicRouteOf(topic, { brokerDatas: template.brokerDatas, queueDatas });
}

/** An order configuration names brokers and queue counts: `broker-a:4;broker-b:2`. */
function orderedQueues(topic: string, conf: string): MessageQueue[] {
  const queues: MessageQueue[] = [];
  for (const item of conf.split(';')) {
    const colon = item.lastIndexOf(':');
    const count = Number(item.slice(colon + 1));
    if (colon > 0 && Number.isInteger(count)) addQueues(queues, topic, item.slice(0, colon), count);
  }
  return queues;
}

function addStaticQueues(
  target: MessageQueue[],
  topic: string,
  brokerName: string,
  owners: ReadonlyMap<number, string>,
): void {
  for (const [queueId, owner] of owners) {
    if (owner === brokerName && target.length < QUEUES_MAX) {
      target.push({ topic, brokerName, queueId });
    }
  }
}

function addQueues(target: MessageQueue[], topic: string, brokerName: string, count: number): void {
  for (let queueId = 0; queueId < count && target.length < QUEUES_MAX; queueId++) {
    target.push({ topic, brokerName, queueId });
  }
}
