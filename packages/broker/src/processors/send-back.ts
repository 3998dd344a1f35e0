/** A consumer hands a message back (36): it comes again later, or is a dead letter. */
import type { Clock } from '@skylarkmq/base';
import {
  encodeHost,
  isWritable,
  PropertyName,
  parseDelayLevels,
  type StoredMessage,
} from '@skylarkmq/message';
import type { Connection, RemotingServer } from '@skylarkmq/remoting';
import type { MessageStore } from '@skylarkmq/store';
import {
  type Command,
  ConsumerSendMsgBack,
  type ConsumerSendMsgBackRequest,
  MqVersion,
  type Outgoing,
  ResponseCode,
  type SubscriptionGroup,
  type TopicConfig,
} from '@skylarkmq/wire';
import type { ConsumerRegistry } from '../consumer-group/consumer-registry.ts';
import { noteDeath, noteFirstFailure } from '../dead-letter/failure-notes.ts';
import type { BrokerIdentity } from '../identity.ts';
import { retryLevel } from '../retry/retry-delay.ts';
import { delayMessage } from '../send/delayed-properties.ts';
import { refusalOf, storedCode } from '../send/put-answer.ts';
import { groupMissing } from '../send/send-checks.ts';
import type { BrokerSettings } from '../settings.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';
import type { GroupTable } from '../subscription/group-table.ts';
import type { TopicCreator } from '../topic/topic-creator.ts';

const SUCCESS: Outgoing = { code: ResponseCode.Success };

export interface SendBackDeps {
  readonly store: Pick<MessageStore, 'lookMessage' | 'put' | 'statusReason'>;
  readonly groups: Pick<GroupTable, 'find' | 'saved'>;
  readonly topicCreator: TopicCreator;
  readonly consumers: Pick<ConsumerRegistry, 'group'>;
  readonly clock: Clock;
  readonly stats: BrokerStats;
  readonly identity: BrokerIdentity;
  settings(): BrokerSettings;
}

export function registerSendBackHandlers(server: RemotingServer, deps: SendBackDeps): void {
  server.register(ConsumerSendMsgBack.code, (command, connection) =>
    sendBack(command, connection, deps),
  );
}

// RocketMQ: AbstractSendMessageProcessor#consumerSendMsgBack
async function sendBack(
  command: Command,
  connection: Connection,
  deps: SendBackDeps,
): Promise<Outgoing> {
  const request = ConsumerSendMsgBack.request.decode(command.ext);
  const group = deps.groups.find(request.group);
  if (group === undefined) return groupMissing(request.group);
  await deps.groups.saved();
  if (!isWritable(deps.settings().brokerPermission)) {
    const { address } = deps.identity;
    const host = address.slice(0, address.lastIndexOf(':'));
    return forbidden(`the broker[${host}]`);
  }
  if (group.retryQueueNums <= 0) return SUCCESS;
  const { unitMode = false } = request;
  const retry = await deps.topicCreator.forRetry(group.groupName, group.retryQueueNums, unitMode);
  if (!isWritable(retry.perm)) return forbidden(`the topic[${retry.topicName}]`);
  const message = await deps.store.lookMessage(request.offset);
  if (message === null) {
    const remark = `look message by offset failed, ${request.offset}`;
    return { code: ResponseCode.SystemError, remark };
  }
  const isDead = isDeadLetter(command, request, group, message);
  if (!isDead)
    return storeAgain(message, retry, request, retryOf(message, group, request, deps), deps);
  const clientId = deps.consumers.group(group.groupName)?.clients.get(connection)?.clientId;
  const letter = propertiesAgain(message, 0, deps);
  // Other than with Apache, a letter does not go to the message's light queues once more.
  letter.delete(PropertyName.InnerMultiDispatch);
  letter.delete(PropertyName.InnerMultiQueueOffset);
  noteDeath(letter, {
    ...{ group: group.groupName, clientId, attempts: message.reconsumeTimes + 1 },
    ...{ nowMs: deps.clock.nowMs(), error: request.lastError },
  });
  const dead = await deps.topicCreator.forDlq(group.groupName);
  const answer = await storeAgain(message, dead, request, letter, deps);
  if (answer === SUCCESS) deps.stats.group(originTopic(message), request.group).deadLetter();
  return answer;
}

/** Properties of a message that is to come again. */
function retryOf(
  message: StoredMessage,
  group: SubscriptionGroup,
  request: ConsumerSendMsgBackRequest,
  deps: SendBackDeps,
): Map<string, string> {
  const levelsMs = parseDelayLevels(deps.settings().messageDelayLevel);
  const level = request.delayLevel || retryLevel(group, message.reconsumeTimes, levelsMs);
  return propertiesAgain(message, level, deps);
}

function isDeadLetter(
  command: Command,
  request: ConsumerSendMsgBackRequest,
  group: SubscriptionGroup,
  message: StoredMessage,
): boolean {
  const theirs = command.version >= MqVersion.V3_4_9 ? request.maxReconsumeTimes : undefined;
  return message.reconsumeTimes >= (theirs ?? group.retryMaxTimes) || request.delayLevel < 0;
}

/** Stores the message for its retry or as a dead letter. */
async function storeAgain(
  message: StoredMessage,
  target: TopicConfig,
  request: ConsumerSendMsgBackRequest,
  properties: Map<string, string>,
  deps: SendBackDeps,
): Promise<Outgoing> {
  // Messages are handed back one by one: turns spread them over the queues of the retry topic.
  const queueId = message.queueOffset % Math.max(1, target.writeQueueNums);
  const levels = parseDelayLevels(deps.settings().messageDelayLevel).length;
  const delayed = delayMessage(properties, target.topicName, queueId, levels);
  const place = delayed ?? { topic: target.topicName, queueId };
  const { status } = await deps.store.put({
    ...place,
    body: message.body,
    properties,
    flag: message.flag,
    sysFlag: message.sysFlag,
    bornTimestamp: message.bornTimestamp,
    bornHost: encodeHost(message.bornHost),
    reconsumeTimes: message.reconsumeTimes + 1,
  });
  if (storedCode(status) === undefined) {
    return refusalOf(status, deps.store.statusReason, deps.settings().maxMessageSize);
  }
  deps.stats.group(originTopic(message), request.group).sendBack();
  return SUCCESS;
}

/** The message's own properties with what retries are known by. */
function propertiesAgain(
  message: StoredMessage,
  level: number,
  { identity, clock }: Pick<SendBackDeps, 'identity' | 'clock'>,
): Map<string, string> {
  const properties = new Map(message.properties);
  properties.delete(PropertyName.Crc32);
  if (!properties.has(PropertyName.RetryTopic)) {
    properties.set(PropertyName.RetryTopic, message.topic);
  }
  if (!properties.has(PropertyName.OriginMessageId)) {
    properties.set(PropertyName.OriginMessageId, message.offsetMessageId);
  }
  properties.set(PropertyName.Wait, 'false');
  properties.set(PropertyName.DelayLevel, String(level));
  noteFirstFailure(properties, message, identity.brokerName, clock.nowMs());
  return properties;
}

function originTopic(message: StoredMessage): string {
  return message.properties.get(PropertyName.RetryTopic) ?? message.topic;
}

function forbidden(what: string): Outgoing {
  return { code: ResponseCode.NoPermission, remark: `${what} sending message is forbidden` };
}
