/** What a request about popped messages must pass, in the official order and words. */
import { isReadable } from '@skylarkmq/message';
import {
  type Outgoing,
  ResponseCode,
  type SubscriptionGroup,
  type TopicConfig,
} from '@skylarkmq/wire';
import { FAQ } from '../faq.ts';
import type { MessageFilter } from '../filter/message-filter.ts';
import type { MessageFilters } from '../filter/message-filters.ts';
import type { BrokerIdentity } from '../identity.ts';
import type { BrokerSettings } from '../settings.ts';

export interface PopCheckDeps {
  readonly topics: { get(topic: string): TopicConfig | undefined };
  readonly groups: { find(group: string): SubscriptionGroup | undefined };
  readonly identity: BrokerIdentity;
  readonly pop: { readonly isStarted: boolean };
  settings(): BrokerSettings;
}

const MS_PER_SECOND = 1000;

/** It is not known yet what is in flight. */
export const STARTING: Outgoing = {
  code: ResponseCode.SystemBusy,
  remark: 'The broker is starting',
};

/** Where somebody wants to pop. */
export interface PopPlace {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly queueId: number;
}

/** The topic and the group, or why not. */
export type Checked =
  | { readonly topic: TopicConfig; readonly group: SubscriptionGroup; readonly refusal: null }
  | { readonly refusal: Outgoing };

/** RocketMQ: PopMessageProcessor#processRequest, NotificationProcessor, PeekMessageProcessor */
export function checkPop(
  place: PopPlace,
  verb: string,
  remoteAddress: string,
  deps: PopCheckDeps,
): Checked {
  const { topics, groups, settings, identity } = deps;
  if (!deps.pop.isStarted) return { refusal: STARTING };
  if (!isReadable(settings().brokerPermission)) {
    const host = identity.address.slice(0, identity.address.lastIndexOf(':'));
    return forbidden(`the broker[${host}] ${verb} message is forbidden`);
  }
  const topic = topics.get(place.topic);
  if (topic === undefined) return { refusal: topicMissing(place.topic) };
  if (!isReadable(topic.perm)) {
    return forbidden(`the topic[${place.topic}] ${verb} message is forbidden`);
  }
  if (place.queueId >= topic.readQueueNums) {
    return { refusal: queueIllegal(place, topic, remoteAddress) };
  }
  const group = groups.find(place.consumerGroup);
  if (group === undefined) {
    const remark = `subscription group [${place.consumerGroup}] does not exist, ${FAQ}`;
    return { refusal: { code: ResponseCode.SubscriptionGroupNotExist, remark } };
  }
  if (!group.consumeEnable) {
    return forbidden(`subscription group no permission, ${place.consumerGroup}`);
  }
  return { topic, group, refusal: null };
}

export function topicMissing(topic: string): Outgoing {
  const remark = `topic[${topic}] not exist, apply first please! ${FAQ}`;
  return { code: ResponseCode.TopicNotExist, remark };
}

/** RocketMQ: with another code in AckMessageProcessor than in PopMessageProcessor */
export function queueIllegal(
  place: PopPlace,
  topic: TopicConfig,
  remoteAddress: string,
  code: number = ResponseCode.InvalidParameter,
): Outgoing {
  const remark =
    `queueId[${place.queueId}] is illegal, topic:[${place.topic}] ` +
    `topicConfig.readQueueNums:[${topic.readQueueNums}] consumer:[${remoteAddress}]`;
  return { code, remark };
}

/** Nothing is invisible for longer than any other timer runs. */
// RocketMQ: MessageStoreConfig#timerMaxDelaySec
export function checkInvisible(
  invisibleTime: number,
  { timerMaxDelaySec }: Pick<BrokerSettings, 'timerMaxDelaySec'>,
): Outgoing | null {
  const max = timerMaxDelaySec * MS_PER_SECOND;
  if (invisibleTime >= 0 && invisibleTime <= max) return null;
  const remark = `invisibleTime is ${invisibleTime} ms: 0 to ${max} (timerMaxDelaySec)`;
  return { code: ResponseCode.InvalidParameter, remark };
}

/** The filter of an expression; null for all messages. INVALID_ARGUMENT when it is wrong. */
export function popFilter(
  expression: string | undefined,
  expressionType: string | undefined,
  filters: MessageFilters,
): MessageFilter | null {
  if (expression === undefined || expression === '') return null;
  return filters.parse(expression, expressionType ?? '');
}

function forbidden(remark: string): Checked {
  return { refusal: { code: ResponseCode.NoPermission, remark } };
}
