import { type JsonInput, stringifyJson } from '@skylarkmq/base';
import type {
  ConsumerMember,
  PopQueueState,
  QueueState,
  TopicState,
} from '../consumer/consumer-member.ts';
import type { Subscription } from '../consumer/subscription.ts';
import { queueKey } from './group-offsets.ts';

const MEBIBYTE: number = 1024 * 1024;

/** The body that answers `GET_CONSUMER_RUNNING_INFO`; the odd spellings are the protocol's. */
// RocketMQ: ConsumerRunningInfo
export function encodeRunningInfo(member: ConsumerMember, withStack = false): Buffer {
  const { popQueues = [], properties, queues, topics } = member.runningInfo();
  const body = {
    ...(withStack ? { jstack: queues.map(queueLine).join('') } : {}),
    mqPopTable: new Map(popQueues.map((one) => [queueKey(one.queue), popJson(one)] as const)),
    mqTable: new Map(queues.map((state) => [queueKey(state.queue), queueJson(state)] as const)),
    properties,
    statusTable: new Map([...topics].map(([topic, state]) => [topic, topicJson(state)] as const)),
    subscriptionSet: member.subscriptions().map(subscriptionJson),
    userConsumerInfo: {},
  };
  return Buffer.from(stringifyJson(body, { javaKeys: true }), 'utf8');
}

/** In place of the stacks of threads, of which there is one here: what each queue waits for. */
function queueLine(state: QueueState): string {
  const { queue, cachedCount, cachedBytes, lastPullAtMs, lastDeliveryAtMs } = state;
  const where = `${queue.topic} ${queue.brokerName} ${queue.queueId}`;
  const pulled = `last pull ${timeText(lastPullAtMs)}`;
  const delivered = `last delivery ${timeText(lastDeliveryAtMs)}`;
  const cached = `${cachedCount} messages (${cachedBytes} bytes) not settled`;
  return `${where}: ${cached}, ${pulled}, ${delivered}\n`;
}

function timeText(atMs: number): string {
  return atMs <= 0 ? 'never' : new Date(atMs).toISOString();
}

function queueJson(state: QueueState): JsonInput {
  return {
    cachedMsgCount: state.cachedCount,
    cachedMsgMaxOffset: state.cachedMaxOffset,
    cachedMsgMinOffset: state.cachedMinOffset,
    cachedMsgSizeInMiB: Math.floor(state.cachedBytes / MEBIBYTE),
    commitOffset: state.commitOffset,
    droped: state.dropped,
    lastConsumeTimestamp: state.lastDeliveryAtMs,
    lastLockTimestamp: 0,
    lastPullTimestamp: state.lastPullAtMs,
    locked: state.locked,
    transactionMsgCount: 0,
    transactionMsgMaxOffset: 0,
    transactionMsgMinOffset: 0,
    tryUnlockTimes: 0,
  };
}

// RocketMQ: PopProcessQueueInfo
function popJson({ lastPopAtMs, unsettled }: PopQueueState): JsonInput {
  return { droped: false, lastPopTimestamp: lastPopAtMs, waitAckCount: unsettled };
}

function topicJson(state: TopicState): JsonInput {
  return {
    consumeFailedMsgs: state.consumeFailedCount,
    consumeFailedTPS: state.consumeFailedTps,
    consumeOKTPS: state.consumeOkTps,
    consumeRT: state.consumeRtMs,
    pullRT: state.pullRtMs,
    pullTPS: state.pullTps,
  };
}

function subscriptionJson(subscription: Subscription): JsonInput {
  return {
    classFilterMode: false,
    codeSet: [...subscription.tagCodes],
    expressionType: subscription.expressionType,
    subString: subscription.expression,
    subVersion: subscription.version,
    tagsSet: [...subscription.tags],
    topic: subscription.topic,
  };
}
