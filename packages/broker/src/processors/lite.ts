/** Lite topics: subscribing (200071) and taking messages (200070). */
import type { Clock, Logger } from '@skylarkmq/base';
import { isReadable, liteNamesOf, liteQueueName } from '@skylarkmq/message';
import type { Connection, RemotingServer } from '@skylarkmq/remoting';
import type { MessageStore } from '@skylarkmq/store';
import {
  type Command,
  decodeLiteSubscriptionChanges,
  type LiteOffsetOption,
  type LiteSubscriptionChange,
  NotifyUnsubscribeLite,
  type Outgoing,
  PopLiteMessage,
  type PopLiteMessageRequest,
  RequestCode,
  ResponseCode,
  type SubscriptionGroup,
  type TopicConfig,
} from '@skylarkmq/wire';
import { FAQ } from '../faq.ts';
import type { BrokerIdentity } from '../identity.ts';
import type { LiteService } from '../lite/lite-service.ts';
import type { LiteClient } from '../lite/lite-subscriptions.ts';
import { STARTING } from '../pop/pop-checks.ts';
import type { PopService } from '../pop/pop-service.ts';
import type { BrokerSettings } from '../settings.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';
import {
  isTooLate,
  POP_MESSAGES_MAX,
  type PopWork,
  pollsUntilMs,
  WaitingPop,
} from './waiting-pop.ts';

const INVISIBLE_MS_MAX = 3 * 24 * 3600 * 1000;
/** RocketMQ: OffsetOption, POLICY_MIN_VALUE and POLICY_MAX_VALUE */
const POLICY_MIN = 1;
const POLICY_MAX = 2;

export interface LiteDeps {
  readonly lite: LiteService;
  readonly pop: PopService;
  readonly store: Pick<MessageStore, 'maxOffset' | 'offsetByTime'>;
  readonly topics: { get(topic: string): TopicConfig | undefined };
  readonly groups: { find(group: string): SubscriptionGroup | undefined };
  readonly offsets: { query(group: string, topic: string, queueId: number): number };
  readonly stats: BrokerStats;
  readonly identity: BrokerIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  settings(): BrokerSettings;
}

export function registerLiteHandlers(server: RemotingServer, deps: LiteDeps): void {
  server.register(RequestCode.LiteSubscriptionCtl, (command, connection) =>
    subscribe(command, connection, deps),
  );
  server.register(PopLiteMessage.code, (command, connection) => {
    const request = PopLiteMessage.request.decode(command.ext);
    const refusal = refusalOf(request, deps);
    if (refusal !== null) return refusal;
    const { longPollingEnable } = deps.settings();
    const untilMs = longPollingEnable ? pollsUntilMs(request, deps.clock.nowMs()) : 0;
    void new WaitingPop(workOf(request, deps), untilMs, command, connection, deps).run();
    return null;
  });
}

// RocketMQ: LiteSubscriptionCtlProcessor#processRequest
async function subscribe(
  command: Command,
  connection: Connection,
  deps: LiteDeps,
): Promise<Outgoing> {
  if (command.body === null || command.body.length === 0) return illegal('Request body is null.');
  const changes = decodeLiteSubscriptionChanges(command.body);
  if (changes.length === 0) return illegal('LiteSubscriptionCtlRequestBody is empty.');
  for (const change of changes) {
    const { clientId, group, topic } = change;
    if (clientId.trim() === '' || group.trim() === '' || topic.trim() === '') continue;
    const refusal = await apply(change, connection, deps);
    if (refusal !== null) return refusal;
  }
  return { code: ResponseCode.Success };
}

async function apply(
  change: LiteSubscriptionChange,
  connection: Connection,
  deps: LiteDeps,
): Promise<Outgoing | null> {
  const { action, clientId, group, topic } = change;
  const { subscriptions } = deps.lite;
  const queues = new Set(change.liteTopics.map((name) => liteQueueName(topic, name)));
  if (action === 'COMPLETE_REMOVE') subscriptions.remove(clientId);
  if (action === 'PARTIAL_REMOVE') {
    const client = subscriptions.find(clientId);
    if (client !== undefined) for (const queue of queues) subscriptions.drop(client, queue);
  }
  if (action !== 'PARTIAL_ADD' && action !== 'COMPLETE_ADD') return null;
  if (deps.groups.find(group)?.consumeEnable !== true) {
    return illegal('java.lang.IllegalStateException: Consumer group is not allowed to consume.');
  }
  const { maxLiteSubscriptionCount: max } = deps.settings();
  if (subscriptions.count + queues.size > max && action === 'PARTIAL_ADD') {
    const official = `LiteQuotaException: lite subscription quota exceeded ${max}`;
    const cause = `${subscriptions.count} are there; raise maxLiteSubscriptionCount`;
    const remark = `${official}. Cause: ${cause}`;
    return { code: ResponseCode.LiteSubscriptionQuotaExceeded, remark };
  }
  if (deps.lite.isWildcard(group)) {
    // RocketMQ: LiteSubscriptionRegistryImpl#addPartialSubscription
    const refusal = 'subscribe lite operation is not supported for this group';
    if (action === 'PARTIAL_ADD') return illegal(`java.lang.IllegalStateException: ${refusal}`);
    subscriptions.addWildcard(subscriptions.client(clientId, group, topic, connection));
    deps.pop.holds.wake(group, topic, 0);
    return null;
  }
  const client = subscriptions.client(clientId, group, topic, connection);
  if (action === 'COMPLETE_ADD') {
    for (const queue of [...client.queues]) {
      if (!queues.has(queue)) subscriptions.drop(client, queue);
    }
  }
  for (const queue of queues) await add(client, queue, change.offsetOption, deps);
  deps.pop.holds.wake(group, topic, 0);
  return null;
}

async function add(
  client: LiteClient,
  queue: string,
  option: LiteOffsetOption | undefined,
  deps: LiteDeps,
): Promise<void> {
  const { lite } = deps;
  const { group } = client;
  if (lite.isExclusive(group)) {
    for (const other of lite.subscriptions.subscribers(queue)) {
      if (other === client || other.group !== group) continue;
      lite.subscriptions.drop(other, queue);
      notify(other, queue);
    }
  }
  lite.subscriptions.add(client, queue);
  const offset = option === undefined ? undefined : await offsetOf(group, queue, option, deps);
  if (offset !== undefined && offset >= 0) lite.reset(group, queue, offset);
}

// RocketMQ: LiteSubscriptionRegistryImpl#notifyUnsubscribeLite
function notify({ clientId, group, connection }: LiteClient, queue: string): void {
  const { liteTopic = '' } = liteNamesOf(queue) ?? {};
  const ext = NotifyUnsubscribeLite.request.encode({ liteTopic, consumerGroup: group, clientId });
  if (!connection.closed) connection.invokeOneway({ code: NotifyUnsubscribeLite.code, ext });
}

// RocketMQ: LiteSubscriptionRegistryImpl#resetOffset
async function offsetOf(
  group: string,
  queue: string,
  { type, value }: LiteOffsetOption,
  { store, offsets }: LiteDeps,
): Promise<number | undefined> {
  if (type === 'OFFSET') return value;
  if (type === 'POLICY') {
    if (value === POLICY_MIN) return 0;
    return value === POLICY_MAX ? store.maxOffset(queue, 0) : undefined;
  }
  if (type === 'TAIL_N') {
    const current = offsets.query(group, queue, 0);
    return current < 0 ? undefined : Math.max(0, current - value);
  }
  return type === 'TIMESTAMP' ? store.offsetByTime(queue, 0, value) : undefined;
}

// RocketMQ: PopLiteMessageProcessor#preCheck
function refusalOf(request: PopLiteMessageRequest, deps: LiteDeps): Outgoing | null {
  const { topics, groups, identity, settings, clock, lite } = deps;
  const { topic: name, consumerGroup, maxMsgNum, invisibleTime } = request;
  const broker = `the broker[${identity.address.slice(0, identity.address.lastIndexOf(':'))}]`;
  if (!deps.pop.isStarted) return STARTING;
  if (isTooLate(request, clock.nowMs())) {
    const remark = `${broker} pop message is timeout too much`;
    return { code: ResponseCode.PollingTimeout, remark };
  }
  if (!isReadable(settings().brokerPermission))
    return forbidden(`${broker} pop message is forbidden`);
  if (maxMsgNum > POP_MESSAGES_MAX)
    return invalid(`${broker} pop message's num is greater than 32`);
  if (maxMsgNum < 1) return invalid(`${broker} pop message's num is ${maxMsgNum}: 1 to 32`);
  if (invisibleTime < 0 || invisibleTime > INVISIBLE_MS_MAX) {
    return invalid(`invisibleTime is ${invisibleTime} ms: 0 to ${INVISIBLE_MS_MAX} (3 days)`);
  }
  const topic = topics.get(name);
  if (topic === undefined) {
    const remark = `topic [${name}] not exist, apply first please! ${FAQ}`;
    return { code: ResponseCode.TopicNotExist, remark };
  }
  if (!isReadable(topic.perm)) return forbidden(`the topic [${name}] peeking message is forbidden`);
  if (!lite.isLite(topic)) return invalid(`the topic [${name}] message type not match`);
  const group = groups.find(consumerGroup);
  if (group === undefined) {
    const remark = `subscription group [${consumerGroup}] not exist, ${FAQ}`;
    return { code: ResponseCode.SubscriptionGroupNotExist, remark };
  }
  if (!group.consumeEnable) {
    return forbidden(`subscription group no permission, ${consumerGroup}`);
  }
  if (lite.boundTopic(consumerGroup) === name) return null;
  return invalid(`subscription bind topic not match, ${consumerGroup}`);
}

function illegal(remark: string): Outgoing {
  return { code: ResponseCode.IllegalOperation, remark };
}

function invalid(remark: string): Outgoing {
  return { code: ResponseCode.InvalidParameter, remark };
}

function forbidden(remark: string): Outgoing {
  return { code: ResponseCode.NoPermission, remark };
}

function workOf(request: PopLiteMessageRequest, { lite, clock }: LiteDeps): PopWork {
  const { consumerGroup: group, clientId, maxMsgNum: maxCount, invisibleTime } = request;
  const pop = { group, clientId, maxCount, invisibleTime, attemptId: request.attemptId ?? '' };
  const client = (): LiteClient | undefined => lite.subscriptions.find(clientId);
  return {
    ...{ group, topic: request.topic, queueId: -1, filter: null },
    take: () => {
      const one = client();
      if (one !== undefined) one.accessMs = clock.nowMs();
      return lite.take(pop);
    },
    hasMore: () => lite.hasMore(pop),
    arrivesIn: () => [...(client()?.queues ?? [])],
    extOf: ({ popTime, reviveQueueId, orderCounts }) =>
      PopLiteMessage.response.encode({
        ...{ popTime, invisibleTime, reviveQid: reviveQueueId },
        orderCountInfo: orderCounts.map(({ count }) => count).join(';'),
      }),
  };
}
