/** What a send must pass before its message is looked at, in the official order. */
import type { Clock } from '@skylarkmq/base';
import { isSendAllowed, isWritable, topicNameProblem } from '@skylarkmq/message';
import { ResponseCode, type SendMessageScan, type TopicConfig } from '@skylarkmq/wire';
import { FAQ } from '../faq.ts';
import type { BrokerSettings } from '../settings.ts';
import type { Refusal } from './put-answer.ts';
import type { SendTarget } from './send-target.ts';

// RocketMQ: AbstractSendMessageProcessor#msgCheck
/** Before a topic that does not exist may be made. */
export function checkNewTopic(topic: string): Refusal | null {
  const problem = topicNameProblem(topic);
  if (problem !== undefined) return { code: ResponseCode.InvalidParameter, remark: problem };
  if (isSendAllowed(topic)) return null;
  return forbiddenTopic(topic);
}

export function checkTarget(
  target: SendTarget,
  scan: SendMessageScan,
  settings: BrokerSettings,
  brokerAddress: string,
  remoteAddress: string,
): Refusal | null {
  const { config } = target;
  if (config.order && !isWritable(settings.brokerPermission)) {
    const remark = `the broker[${hostOf(brokerAddress)}] sending message is forbidden`;
    return { code: ResponseCode.NoPermission, remark };
  }
  if (!target.isSendAllowed) return forbiddenTopic(config.topicName);
  if (!target.isWritable) return readOnly(config);
  if (scan.queueId >= target.queueIdEnd) {
    const remark =
      `request queueId[${scan.queueId}] is illegal, ${describe(config)} ` +
      `Producer: ${remoteAddress}`;
    return { code: ResponseCode.InvalidParameter, remark };
  }
  return null;
}

export function checkTime(settings: BrokerSettings, clock: Clock): Refusal | null {
  const startMs = settings.startAcceptSendRequestTimeStamp;
  if (startMs <= 0 || clock.nowMs() >= startMs) return null;
  const remark = `broker unable to service, until ${new Date(startMs).toISOString()}`;
  return { code: ResponseCode.SystemError, remark };
}

/** Official words first; then the cause and the cure. */
export function topicMissing(topic: string, settings: BrokerSettings): Refusal {
  const official = `topic[${topic}] not exist, apply first please!${FAQ}`;
  const cause = settings.autoCreateTopicEnable
    ? 'its default topic is not known here or does not let topics inherit from it'
    : 'autoCreateTopicEnable is off';
  const cure = 'create the topic, for example with mqadmin updateTopic';
  return {
    code: ResponseCode.TopicNotExist,
    remark: `${official}\nCause: ${cause}; ${cure}.`,
  };
}

export function groupMissing(group: string): Refusal {
  const remark = `subscription group not exist, ${group} ${FAQ}`;
  return { code: ResponseCode.SubscriptionGroupNotExist, remark };
}

function forbiddenTopic(topic: string): Refusal {
  const remark = `Sending message to topic[${topic}] is forbidden.`;
  return { code: ResponseCode.NoPermission, remark };
}

function readOnly({ topicName, perm }: TopicConfig): Refusal {
  const official = `the topic[${topicName}] sending message is forbidden`;
  const cure = 'allow it with mqadmin updateTopicPerm -p 6';
  return {
    code: ResponseCode.NoPermission,
    remark: `${official}. Cause: its perm is ${perm}; ${cure}.`,
  };
}

function describe(config: TopicConfig): string {
  const { topicName, readQueueNums, writeQueueNums, perm, order } = config;
  return (
    `TopicConfig [topicName=${topicName}, readQueueNums=${readQueueNums}, ` +
    `writeQueueNums=${writeQueueNums}, perm=${perm}, order=${order}]`
  );
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
