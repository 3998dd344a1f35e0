/** Lite topics: subscribing (200071) and taking messages (200070). */
import { type Clock, type Logger, MqError } from '@skylarkmq/base';
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
import type { BrokerIdentity } from '../identity.ts';
import type { LitePop, LiteService } from '../lite/lite-service.ts';
import type { LiteClient } from '../lite/lite-subscriptions.ts';
import { answerPopped } from '../pop/answer-popped.ts';
import { STARTING } from '../pop/pop-checks.ts';
import type { HeldPop } from '../pop/pop-holds.ts';
import type { Popped } from '../pop/pop-request.ts';
import type { PopService } from '../pop/pop-service.ts';
import type { BrokerSettings } from '../settings.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';
import { FAQ } from './faq.ts';

const MESSAGES_MAX = 32;
/** How much later than its poll time a request may arrive. */
const LATE_MS_MAX = 500;
const INVISIBLE_MS_MAX = 3 * 24 * 3600 * 1000;
const NOTHING = 'NO_MESSAGE_IN_QUEUE';
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
    void new Waiting(request, command, connection, deps).run();
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
  const bornTime = request.bornTime > 0 ? request.bornTime : clock.nowMs();
  if (clock.nowMs() - bornTime - request.pollTime > LATE_MS_MAX) {
    const remark = `${broker} pop message is timeout too much`;
    return { code: ResponseCode.PollingTimeout, remark };
  }
  if (!isReadable(settings().brokerPermission))
    return forbidden(`${broker} pop message is forbidden`);
  if (maxMsgNum > MESSAGES_MAX) return invalid(`${broker} pop message's num is greater than 32`);
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

/** One request, which may wait. */
class Waiting implements HeldPop {
  readonly connection: Connection;
  readonly topic: string;
  readonly group: string;
  readonly queueId = -1;
  readonly filter = null;
  readonly #pop: LitePop;
  readonly #untilMs: number;
  readonly #command: Command;
  readonly #deps: LiteDeps;
  #arrivesIn: readonly string[] = [];
  #isFinished = false;

  constructor(
    request: PopLiteMessageRequest,
    command: Command,
    connection: Connection,
    deps: LiteDeps,
  ) {
    const { consumerGroup: group, clientId, maxMsgNum: maxCount, invisibleTime } = request;
    this.connection = connection;
    this.topic = request.topic;
    this.group = group;
    this.#pop = { group, clientId, maxCount, invisibleTime, attemptId: request.attemptId ?? '' };
    const bornMs = request.bornTime > 0 ? request.bornTime : deps.clock.nowMs();
    this.#untilMs = deps.settings().longPollingEnable ? bornMs + request.pollTime : 0;
    this.#command = command;
    this.#deps = deps;
  }

  /** The queues that the client had when it began to wait. */
  get arrivesIn(): readonly string[] {
    return this.#arrivesIn;
  }

  hasMore(): boolean {
    return this.#deps.lite.hasMore(this.#pop);
  }

  resume(isTimeOver: boolean): void {
    void this.run(isTimeOver);
  }

  async run(isTimeOver = false): Promise<void> {
    const { lite, logger, clock } = this.#deps;
    const client = lite.subscriptions.find(this.#pop.clientId);
    if (client !== undefined) client.accessMs = clock.nowMs();
    try {
      const popped = await lite.take(this.#pop);
      if (popped.count > 0) this.#answerFound(popped);
      else if (isTimeOver) this.#answerEmpty(popped, ResponseCode.PollingTimeout);
      else this.#wait(popped);
    } catch (thrown) {
      const error = MqError.from(thrown);
      const { group, topic } = this;
      logger.warn({ group, topic, error }, 'Messages of lite topics could not be popped');
      const code = error.code === 'BUSY' ? ResponseCode.SystemBusy : ResponseCode.SystemError;
      this.#answer({ code, remark: error.message });
    }
  }

  #wait(popped: Popped): void {
    const { pop, clock, lite } = this.#deps;
    const leftMs = this.#untilMs - clock.nowMs();
    if (leftMs <= 0 || pop.holds.isClosed) {
      this.#answerEmpty(popped, ResponseCode.PollingTimeout);
      return;
    }
    if (pop.holds.isFull(this.group, this.topic)) {
      this.#answerEmpty(popped, ResponseCode.PollingFull);
      return;
    }
    if (!this.#isFinished) {
      this.connection.finish(this.#command);
      this.#command.detach();
      this.#isFinished = true;
    }
    this.#arrivesIn = [...(lite.subscriptions.find(this.#pop.clientId)?.queues ?? [])];
    pop.holds.hold(this, leftMs);
  }

  #answerFound(popped: Popped): void {
    this.#deps.stats.group(this.topic, this.group).get(0, popped.count, popped.bytes);
    const answer = { code: ResponseCode.Success, remark: 'FOUND', ext: this.#ext(popped) };
    answerPopped(this.connection, this.#command, answer, popped);
    this.#finish();
  }

  #answerEmpty(popped: Popped, code: number): void {
    this.#deps.stats.missed();
    this.#answer({ code, remark: NOTHING, ext: this.#ext(popped) });
  }

  #ext(popped: Popped): Map<string, string> {
    return PopLiteMessage.response.encode({
      popTime: popped.popTime,
      invisibleTime: this.#pop.invisibleTime,
      reviveQid: popped.reviveQueueId,
      orderCountInfo: popped.orderCounts.map(({ count }) => count).join(';'),
    });
  }

  #answer(answer: Outgoing): void {
    this.connection.respond(this.#command, answer);
    this.#finish();
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.connection.finish(this.#command);
  }
}
