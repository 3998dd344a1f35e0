/** What a pull must pass before the store is asked, in the official order. */
import { MqError } from '@skylarkmq/base';
import { isReadable, isRetryTopic, PullFlag } from '@skylarkmq/message';
import {
  type Outgoing,
  PullMessage,
  RequestCode,
  ResponseCode,
  type SubscriptionData,
  type SubscriptionGroup,
  type TopicConfig,
} from '@skylarkmq/wire';
import { FAQ } from '../faq.ts';
import type { MessageFilters } from '../filter/message-filters.ts';
import { isTagType } from '../filter/tag-filters.ts';
import type { BrokerSettings } from '../settings.ts';
import type { Pull } from './pull.ts';

/** Field forbiddenType of the answers with NO_PERMISSION. RocketMQ: ForbiddenType */
const Forbidden = { Broker: 1, Group: 2, Topic: 3, Broadcasting: 4, Subscription: 5 } as const;
/** Bit of what can be forbidden to a group at a topic. RocketMQ: PermName#INDEX_PERM_READ */
const FORBIDDEN_READ = 4;
const BROADCASTING = 'BROADCASTING';
const CONSUME_ACTIVELY = 'CONSUME_ACTIVELY';

export interface PullCheckDeps {
  readonly groups: { forbidden(group: string, topic: string): number };
  readonly consumers: {
    group(
      name: string,
    ): { readonly messageModel: string; readonly consumeType: string } | undefined;
    subscription(group: string, topic: string): SubscriptionData | undefined;
  };
  readonly filters: MessageFilters;
  /** Where the broker is, for remarks. */
  host(): string;
}

/** RocketMQ: PullMessageProcessor#processRequest */
export function checkBroker(
  pull: Pull,
  settings: BrokerSettings,
  deps: PullCheckDeps,
): Outgoing | null {
  if (!isReadable(settings.brokerPermission)) {
    return forbidden(`the broker[${deps.host()}] pulling message is forbidden`, Forbidden.Broker);
  }
  if (pull.code === RequestCode.LitePullMessage && !settings.litePullMessageEnable) {
    const remark = `the broker[${deps.host()}] for lite pull consumer is forbidden`;
    return forbidden(remark, Forbidden.Broker);
  }
  return null;
}

export function checkGroup(pull: Pull, group: SubscriptionGroup | undefined): Outgoing | null {
  if (group === undefined) {
    const remark = `subscription group [${pull.group}] does not exist, ${FAQ}`;
    return { code: ResponseCode.SubscriptionGroupNotExist, remark };
  }
  if (group.consumeEnable) return null;
  return forbidden(`subscription group no permission, ${pull.group}`, Forbidden.Group);
}

export function checkTopic(pull: Pull, topic: TopicConfig | undefined): Outgoing | null {
  if (topic === undefined) {
    const remark = `topic[${pull.topic}] not exist, apply first please! ${FAQ}`;
    return { code: ResponseCode.TopicNotExist, remark };
  }
  if (!isReadable(topic.perm)) {
    return forbidden(`the topic[${pull.topic}] pulling message is forbidden`, Forbidden.Topic);
  }
  if (pull.queueId >= 0 && pull.queueId < topic.readQueueNums) return null;
  const { remoteAddress } = pull.connection;
  const remark =
    `queueId[${pull.queueId}] is illegal, topic:[${pull.topic}] ` +
    `topicConfig.readQueueNums:[${topic.readQueueNums}] consumer:[${remoteAddress}]`;
  return { code: ResponseCode.InvalidParameter, remark };
}

/** Finds the filter of the pull: its own, or the one of its group's heartbeats. */
export function checkSubscription(
  pull: Pull,
  group: SubscriptionGroup,
  settings: BrokerSettings,
  deps: PullCheckDeps,
): Outgoing | null {
  if (!pull.has(PullFlag.Subscription)) return checkOnline(pull, group, settings, deps);
  try {
    pull.filter = deps.filters.parse(pull.subscription, pull.expressionType);
  } catch (error) {
    const remark = `parse the consumer's subscription failed: ${MqError.from(error).message}`;
    return { code: ResponseCode.SubscriptionParseFailed, remark };
  }
  const online = deps.consumers.group(pull.group);
  const isPushing = online !== undefined && online.consumeType !== CONSUME_ACTIVELY;
  if (settings.rejectPullConsumerEnable && !isPushing) {
    const remark = `the broker[${deps.host()}] for pull consumer is forbidden`;
    return forbidden(remark, Forbidden.Broker);
  }
  return checkFilter(pull, pull.expressionType, settings, deps);
}

function checkOnline(
  pull: Pull,
  group: SubscriptionGroup,
  settings: BrokerSettings,
  deps: PullCheckDeps,
): Outgoing | null {
  const { consumers, groups, filters } = deps;
  const online = consumers.group(pull.group);
  if (online === undefined) {
    const remark = `the consumer's group info not exist${FAQ}`;
    return { code: ResponseCode.SubscriptionNotExist, remark };
  }
  if (!group.consumeBroadcastEnable && online.messageModel === BROADCASTING) {
    const remark = `the consumer group[${pull.group}] can not consume by broadcast way`;
    return forbidden(remark, Forbidden.Broadcasting);
  }
  if ((groups.forbidden(pull.group, pull.topic) & FORBIDDEN_READ) !== 0) {
    const remark = `the consumer group[${pull.group}] is forbidden for topic[${pull.topic}]`;
    return forbidden(remark, Forbidden.Subscription);
  }
  const subscription = consumers.subscription(pull.group, pull.topic);
  if (subscription === undefined) {
    const remark = `the consumer's subscription not exist${FAQ}`;
    return { code: ResponseCode.SubscriptionNotExist, remark };
  }
  if (subscription.subVersion < pull.subVersion) {
    const remark = "the consumer's subscription not latest";
    return { code: ResponseCode.SubscriptionNotLatest, remark };
  }
  try {
    pull.filter = filters.of(subscription, pull.group);
  } catch (error) {
    const remark =
      "The broker's consumer filter data is not exist!Your expression may be wrong! " +
      MqError.from(error).message;
    return { code: ResponseCode.FilterDataNotExist, remark };
  }
  if (settings.rejectPullConsumerEnable && online.consumeType === CONSUME_ACTIVELY) {
    const remark = `the broker[${deps.host()}] for pull consumer is forbidden`;
    return forbidden(remark, Forbidden.Broker);
  }
  return checkFilter(pull, subscription.expressionType, settings, deps);
}

/** Whether SQL92 is allowed; what is tried again passes it again where that is set. */
function checkFilter(
  pull: Pull,
  expressionType: string,
  settings: BrokerSettings,
  deps: PullCheckDeps,
): Outgoing | null {
  if (!isTagType(expressionType) && !settings.enablePropertyFilter) {
    const remark = `The broker does not support consumer to filter message by ${expressionType}`;
    return { code: ResponseCode.SystemError, remark };
  }
  if (!settings.filterSupportRetry || !settings.enablePropertyFilter) return null;
  if (isRetryTopic(pull.topic)) pull.filter = deps.filters.ofRetries(pull.group);
  return null;
}

function forbidden(remark: string, forbiddenType: number): Outgoing {
  const ext = PullMessage.response.encode({ forbiddenType });
  return { code: ResponseCode.NoPermission, remark, ext };
}
