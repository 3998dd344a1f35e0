/** What clients say of themselves: heartbeat (34), unregister (35), check of subscriptions (46). */
import {
  type Clock,
  jsonObjectOr,
  type Logger,
  MqError,
  MqErrorCode,
  parseFastjson,
} from '@skylarkmq/base';
import type { Connection, RemotingServer } from '@skylarkmq/remoting';
import {
  type Command,
  type ConsumerData,
  decodeHeartbeat,
  decodeSubscriptionData,
  type Heartbeat,
  type Outgoing,
  RequestCode,
  ResponseCode,
  UnregisterClient,
} from '@skylarkmq/wire';
import type { ClientChannel } from '../consumer-group/client-channel.ts';
import type { ConsumerRegistry } from '../consumer-group/consumer-registry.ts';
import type { ProducerRegistry } from '../consumer-group/producer-registry.ts';
import type { ConsumerFilters } from '../filter/consumer-filters.ts';
import type { MessageFilters } from '../filter/message-filters.ts';
import { isTagType } from '../filter/tag-filters.ts';
import type { BrokerSettings } from '../settings.ts';
import type { GroupTable } from '../subscription/group-table.ts';
import type { TopicCreator } from '../topic/topic-creator.ts';

const CLIENT_ID_LENGTH_MAX = 1024;
/** RocketMQ: MixAll. */
const SUPPORTS_V2 = 'IS_SUPPORT_HEART_BEAT_V2';
const SUBSCRIPTION_CHANGED = 'IS_SUB_CHANGE';

export interface ClientDeps {
  readonly consumers: ConsumerRegistry;
  readonly producers: ProducerRegistry;
  readonly groups: GroupTable;
  readonly consumerFilters: Pick<ConsumerFilters, 'register'>;
  readonly messageFilters: Pick<MessageFilters, 'of' | 'parse'>;
  readonly topicCreator: TopicCreator;
  readonly clock: Clock;
  readonly logger: Logger;
  settings(): BrokerSettings;
}

export function registerClientHandlers(server: RemotingServer, deps: ClientDeps): void {
  server.register(RequestCode.HeartBeat, async (command, connection) => {
    const heartbeat = decodeHeartbeat(command.body);
    checkClientId(heartbeat.clientID);
    const client = channelOf(heartbeat.clientID, command, connection, deps);
    const isKnown = await takeConsumers(heartbeat, client, deps);
    if (deps.settings().enableRegisterProducer) {
      for (const { groupName } of heartbeat.producerDataSet) {
        deps.producers.register(groupName, client);
      }
    }
    if (connection.closed) {
      // It closed while its topics were made: the listener of closed connections has been here.
      deps.consumers.connectionClosed(connection);
      deps.producers.connectionClosed(connection);
    }
    const ext = new Map([
      [SUPPORTS_V2, 'true'],
      [SUBSCRIPTION_CHANGED, String(!isKnown)],
    ]);
    return { code: ResponseCode.Success, ext };
  });
  server.register(UnregisterClient.code, (command, connection) => {
    const { clientID, producerGroup, consumerGroup } = UnregisterClient.request.decode(command.ext);
    if (producerGroup !== undefined) {
      deps.producers.unregister(clientID, producerGroup, connection);
    }
    if (consumerGroup !== undefined) {
      deps.consumers.unregister(clientID, consumerGroup, connection);
    }
    return { code: ResponseCode.Success };
  });
  server.register(RequestCode.CheckClientConfig, (command) => checkClientConfig(command, deps));
}

/** Takes the consumer groups in; false when the client must send a group's subscriptions. */
// RocketMQ: ClientManageProcessor#heartBeat
async function takeConsumers(
  heartbeat: Heartbeat,
  client: ClientChannel,
  deps: ClientDeps,
): Promise<boolean> {
  const { heartbeatFingerprint: fingerprint, withoutSub } = heartbeat;
  const { rejectPullConsumerEnable } = deps.settings();
  let isKnown = true;
  for (const data of heartbeat.consumerDataSet) {
    if (rejectPullConsumerEnable && data.consumeType === 'CONSUME_ACTIVELY') continue;
    if (!(await prepareGroup(data, deps))) continue;
    if (withoutSub) {
      isKnown = deps.consumers.refresh(data.groupName, client, fingerprint) && isKnown;
    } else {
      checkAgreement(data, client, deps);
      registerFilters(data, deps);
      deps.consumers.register(data, client, fingerprint);
    }
  }
  // The classic form has nothing to compare: the client always says everything.
  return isKnown && fingerprint !== 0;
}

/**
 * Makes group and retry topic when this is the first heartbeat of the group; both are on disk and
 * registered before the answer, since tools and consumers look for them then. False: no group.
 */
async function prepareGroup(data: ConsumerData, deps: ClientDeps): Promise<boolean> {
  const group = deps.groups.find(data.groupName);
  if (group === undefined) return false;
  await deps.groups.saved();
  // With 0 queues, too: members would ask for its route for ever.
  await deps.topicCreator.forRetry(data.groupName, group.retryQueueNums, data.unitMode);
  return true;
}

/** INVALID_ARGUMENT for a member that wants other messages than its group, where that is set. */
function checkAgreement(data: ConsumerData, client: ClientChannel, deps: ClientDeps): void {
  if (!deps.settings().rejectInconsistentSubscription) return;
  const found = deps.consumers.guard.check(data, client);
  if (found === undefined) return;
  const message =
    `Group ${found.group}: ${found.clientId} subscribes differently than ${found.other}, which ` +
    `this broker refuses (rejectInconsistentSubscription): ${found.about}. All members of a ` +
    'group must have the same subscriptions; give this consumer a group of its own.';
  throw new MqError(MqErrorCode.InvalidArgument, message);
}

function registerFilters(data: ConsumerData, deps: ClientDeps): void {
  const { groupName, subscriptionDataSet } = data;
  deps.consumerFilters.register(groupName, subscriptionDataSet, (subscription) => {
    try {
      deps.messageFilters.parse(subscription.subString, subscription.expressionType);
      return true;
    } catch (error) {
      // Its pulls are answered with what is wrong.
      const reason = MqError.from(error).message;
      const { topic } = subscription;
      deps.logger.warn({ group: groupName, topic, reason }, 'A subscription cannot be used');
      return false;
    }
  });
}

function channelOf(
  clientId: string,
  command: Command,
  connection: Connection,
  deps: ClientDeps,
): ClientChannel {
  const { language, version } = command;
  const lastUpdateMs = deps.clock.monotonicMs();
  return { clientId, connection, language, version, lastUpdateMs };
}

function checkClientId(clientId: string): void {
  if (clientId.trim() !== '' && clientId.length <= CLIENT_ID_LENGTH_MAX) return;
  const message = `A clientID must have 1 to ${CLIENT_ID_LENGTH_MAX} characters`;
  throw new MqError(MqErrorCode.InvalidArgument, message);
}

/** Whether the broker can filter by a subscription. */
// RocketMQ: ClientManageProcessor#checkClientConfig
function checkClientConfig(command: Command, deps: ClientDeps): Outgoing {
  const body = command.body === null ? undefined : parseFastjson(command.body.toString('utf8'));
  const wanted = jsonObjectOr(body, 'body').get('subscriptionData');
  if (wanted === undefined || wanted === null) return { code: ResponseCode.Success };
  const { expressionType, subString } = decodeSubscriptionData(wanted);
  if (isTagType(expressionType)) return { code: ResponseCode.Success };
  if (!deps.settings().enablePropertyFilter) {
    const remark = `The broker does not support consumer to filter message by ${expressionType}`;
    return { code: ResponseCode.SystemError, remark };
  }
  try {
    deps.messageFilters.parse(subString, expressionType);
  } catch (error) {
    const remark = MqError.from(error).message;
    return { code: ResponseCode.SubscriptionParseFailed, remark };
  }
  return { code: ResponseCode.Success };
}
