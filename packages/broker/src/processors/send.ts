/**
 * Taking messages in: codes 10, 310 and 320. The header is scanned, not decoded; the record goes
 * straight from the frame into the log; the answer is written when the store is done.
 */
import { type Clock, MqError, type Prng } from '@skylarkmq/base';
import {
  BatchScan,
  dlqTopic,
  groupOfTopic,
  isRetryTopic,
  PropertyName,
  PropertyScan,
  parseDelayLevels,
  SystemFlag,
  SystemTopic,
} from '@skylarkmq/message';
import type { Connection, RemotingServer } from '@skylarkmq/remoting';
import { AppendRequest, type MessageStore, PutStatus } from '@skylarkmq/store';
import {
  type Command,
  MqVersion,
  type Outgoing,
  RequestCode,
  SendMessageScan,
  type StaticTopic,
  type SubscriptionGroup,
  type TopicConfig,
} from '@skylarkmq/wire';
import type { ConsumerRegistry } from '../consumer-group/consumer-registry.ts';
import { type Death, noteDeath } from '../dead-letter/failure-notes.ts';
import type { BrokerIdentity } from '../identity.ts';
import { batchDelayProblem, waitOf } from '../send/batch-delay.ts';
import {
  HALF_PLACE,
  type HalfMessage,
  halfMessage,
  halfRefusal,
  halfSysFlag,
} from '../send/half-message.ts';
import { MessageProperties } from '../send/message-properties.ts';
import { misfitOf, typeMisfitOf } from '../send/misfit.ts';
import { placeByProperties } from '../send/own-places.ts';
import { PropertyStamps } from '../send/property-stamps.ts';
import { illegal, type Refusal, refusalOf } from '../send/put-answer.ts';
import {
  checkNewTopic,
  checkTarget,
  checkTime,
  groupMissing,
  topicMissing,
} from '../send/send-checks.ts';
import { type SendCompletion, SendCompletions } from '../send/send-completion.ts';
import { type SendTarget, SendTargets } from '../send/send-target.ts';
import { noBatch, tooLong } from '../send/size-refusals.ts';
import { placeSpecial } from '../send/special-message.ts';
import { recallHandleOf, type TimerPlaceDeps } from '../send/timer-message.ts';
import { uniqueKeys } from '../send/unique-keys.ts';
import type { BrokerSettings } from '../settings.ts';
import { placeSend } from '../static-topic/logical-send.ts';
import { type LedQueue, offsetDelta } from '../static-topic/queue-parts.ts';
import type { StaticTopics } from '../static-topic/static-topics.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';
import type { Transactions } from '../transaction/transactions.ts';

/** What sending uses of topic creation; `TopicCreator` is one. */
interface SendTopicCreator {
  forSend(
    topic: string,
    defaultTopic: string,
    clientQueueNums: number,
    remoteAddress: string,
  ): Promise<TopicConfig | undefined>;
  forRetry(group: string, queueNums: number): Promise<TopicConfig>;
  forDlq(group: string): Promise<TopicConfig>;
}

export interface SendDeps {
  readonly store: Pick<MessageStore, 'append' | 'appendBatch' | 'queue' | 'statusReason'>;
  readonly topics: { get(topic: string): TopicConfig | undefined };
  readonly topicCreator: SendTopicCreator;
  readonly groups: { find(group: string): SubscriptionGroup | undefined };
  readonly locks: { holdsAny(group: string): boolean };
  readonly consumers: Pick<ConsumerRegistry, 'group'>;
  readonly transactions: Pick<Transactions, 'refusal' | 'took'>;
  readonly stats: BrokerStats;
  readonly timers: TimerPlaceDeps['timers'];
  readonly staticTopics: Pick<StaticTopics, 'get'>;
  readonly identity: BrokerIdentity;
  readonly clock: Clock;
  readonly prng: Prng;
  settings(): BrokerSettings;
}

/** Queues of a retry topic that a direct send makes. */
const RETRY_QUEUES = 1;

export function registerSendHandlers(server: RemotingServer, deps: SendDeps): void {
  const sender = new Sender(deps);
  const handle = (command: Command, connection: Connection): ReturnType<Sender['handle']> =>
    sender.handle(command, connection);
  // What is stored is copied into the log, what the answer needs into the completion.
  const options = { borrowsFrame: true };
  server.register(RequestCode.SendMessage, handle, options);
  server.register(RequestCode.SendMessageV2, handle, options);
  server.register(RequestCode.SendBatchMessage, handle, options);
}

class Sender {
  readonly #deps: SendDeps;
  readonly #scan = new SendMessageScan();
  readonly #batch = new BatchScan();
  readonly #batchScan = new PropertyScan();
  readonly #request = new AppendRequest();
  readonly #targets: SendTargets;
  readonly #stamps: PropertyStamps;
  readonly #properties: MessageProperties;
  readonly #completions: SendCompletions;
  /** The logical queue of the request under way; null when its topic is not static. */
  #logical: LedQueue | null = null;
  #levelsText = '';
  #levels = 0;
  /** The queue of the last message off the straight path. */
  #queueId = 0;

  constructor(deps: SendDeps) {
    this.#deps = deps;
    const { store, stats, identity, clock } = deps;
    this.#targets = new SendTargets(deps);
    this.#stamps = new PropertyStamps(identity.brokerClusterName);
    this.#properties = new MessageProperties(this.#stamps, uniqueKeys(deps));
    this.#request.scan = this.#properties.scan;
    this.#completions = new SendCompletions({
      ...{ store, stats, identity, clock, stamps: this.#stamps },
      bodyBytesMax: () => deps.settings().maxMessageSize,
    });
  }

  handle(command: Command, connection: Connection): Outgoing | null | Promise<Outgoing | null> {
    const scan = this.#scan;
    scan.scan(command);
    const settings = this.#deps.settings();
    this.#stamps.follow(settings);
    const early = checkTime(settings, this.#deps.clock);
    if (early !== null) return this.#refuse(early);
    const mapping = this.#deps.staticTopics.get(scan.topic);
    this.#logical = null;
    const moved = mapping === null ? null : this.#takeLogical(mapping);
    if (moved !== null) return moved;
    const target = this.#targets.get(scan.topic);
    if (target === undefined) {
      const problem = checkNewTopic(scan.topic);
      if (problem !== null) return this.#refuse(problem);
      return this.#createTopic(command, connection);
    }
    const address = this.#deps.identity.address;
    const problem = checkTarget(target, scan, settings, address, connection.remoteAddress);
    if (problem !== null) return this.#refuse(problem);
    if (scan.batch) return this.#sendBatch(command, connection, target, settings);
    if (target.isRetry) return this.#sendRetry(command, connection, target, settings);
    return this.#send(command, connection, target, settings, null);
  }

  #takeLogical(mapping: StaticTopic): Outgoing | null {
    const queue = placeSend(mapping, this.#scan);
    if ('code' in queue) return queue;
    this.#logical = queue;
    return null;
  }

  #answersFor(completion: SendCompletion, queueId: number): void {
    completion.queueId = this.#logical?.queueId ?? queueId;
    if (this.#logical !== null) completion.offsetDelta = offsetDelta(this.#logical.leader);
  }

  /** Sends one message; to the dead letters without its delay. */
  #send(
    command: Command,
    connection: Connection,
    target: SendTarget,
    settings: BrokerSettings,
    death: Death | null,
  ): Outgoing | null {
    const scan = this.#scan;
    const properties = this.#properties;
    const { maxMessageSize } = settings;
    const bodyBytes = command.bodyEnd - command.bodyStart;
    if (bodyBytes === 0) return this.#refuse(illegal('the body is empty', maxMessageSize));
    if (bodyBytes > maxMessageSize) {
      return this.#refuse(illegal(`the body has ${bodyBytes} bytes`, maxMessageSize));
    }
    if (!properties.take(scan.properties, scan.propertiesStart, scan.propertiesEnd)) {
      return this.#refuse(tooLong(scan, maxMessageSize));
    }
    const misfit = death === null ? misfitOf(target, properties, settings) : null;
    if (misfit !== null) return this.#refuse(illegal(misfit, maxMessageSize));
    let queueId = scan.queueId < 0 || death !== null ? target.anyQueueId() : scan.queueId;
    const request = this.#request;
    request.queue = null;
    let half: HalfMessage | null = null;
    if (properties.isSpecial || death !== null) {
      const special = this.#special(target, queueId, settings, death);
      if (special !== null && 'code' in special) return this.#refuse(special);
      half = special;
      queueId = this.#queueId;
    }
    request.queue ??= target.queue(queueId);
    properties.stamp();
    request.properties = properties.buffer;
    request.propertiesEnd = properties.end;
    request.waitForDurable = properties.waits;
    this.#fill(request, command, connection, target);
    if (half !== null) request.sysFlag = halfSysFlag(request.sysFlag);
    const completion = this.#completions.take(command, connection);
    this.#answersFor(completion, queueId);
    completion.stats = this.#statsOf(request, target);
    request.completion = completion;
    const status = this.#deps.store.append(request);
    if (status !== PutStatus.Ok) {
      this.#completions.give(completion);
      return this.#refuse(this.#notStored(status, maxMessageSize));
    }
    if (half !== null) this.#deps.transactions.took(request, half.topic, half.immunity);
    completion.setKey(properties.buffer, properties.scan.uniqKeyStart, properties.scan.uniqKeyEnd);
    completion.accepted(request, 0);
    if (request.queue.topic === SystemTopic.Timer) {
      completion.recallHandle = recallHandleOf(properties.decode(), this.#deps.identity);
    }
    return null;
  }

  /** Decodes the properties and decides anew where the message goes: perhaps it is a half. */
  #special(
    target: SendTarget,
    queueId: number,
    settings: BrokerSettings,
    death: Death | null,
  ): Refusal | HalfMessage | null {
    const properties = this.#properties.decode();
    if (death !== null) {
      properties.delete(PropertyName.DelayLevel);
      noteDeath(properties, death);
    }
    const straight = placeByProperties(properties, target.config, queueId);
    this.#queueId = straight.queueId;
    const levels = this.#levelsOf(settings);
    const place = placeSpecial(properties, straight, this.#scan, settings, levels, this.#deps);
    if ('code' in place) return place;
    let half: HalfMessage | null = null;
    if (place === HALF_PLACE) {
      const { transactions, identity } = this.#deps;
      const refused = halfRefusal(settings, identity.address, transactions.refusal);
      if (refused !== undefined) return refused;
      half = halfMessage(properties, straight, () => this.#properties.newUniqueKey());
    }
    if (!this.#properties.replace(properties)) {
      return tooLong(this.#scan, settings.maxMessageSize);
    }
    if (place.topic !== straight.topic) {
      this.#request.queue = this.#deps.store.queue(place.topic, place.queueId);
    }
    return half;
  }

  #sendBatch(
    command: Command,
    connection: Connection,
    target: SendTarget,
    settings: BrokerSettings,
  ): Outgoing | null {
    const scan = this.#scan;
    const { maxMessageSize } = settings;
    if (!target.takesBatches) return this.#refuse(noBatch(target, maxMessageSize));
    const batch = this.#batch;
    try {
      batch.reset(command.frame, command.bodyStart, command.bodyEnd);
    } catch (error) {
      return this.#refuse(illegal(MqError.from(error).message, maxMessageSize));
    }
    const properties = this.#properties;
    if (!properties.take(scan.properties, scan.propertiesStart, scan.propertiesEnd)) {
      return this.#refuse(tooLong(scan, maxMessageSize));
    }
    const misfit = typeMisfitOf(target, properties, settings);
    if (misfit !== null) return this.#refuse(illegal(misfit, maxMessageSize));
    const outer = properties.isSpecial ? waitOf(properties.decode()) : null;
    const delay =
      outer === null ? batchDelayProblem(batch, this.#batchScan) : `a batch has ${outer}`;
    if (delay !== null) return this.#refuse(illegal(delay, maxMessageSize));
    const queueId = scan.queueId < 0 ? target.anyQueueId() : scan.queueId;
    const request = this.#request;
    request.queue = target.queue(queueId);
    request.waitForDurable = properties.waits;
    this.#fill(request, command, connection, target);
    const completion = this.#completions.take(command, connection);
    this.#answersFor(completion, queueId);
    completion.stats = target.stats;
    request.completion = completion;
    const status = this.#deps.store.appendBatch(request, batch);
    if (status !== PutStatus.Ok) {
      this.#completions.give(completion);
      return this.#refuse(this.#notStored(status, maxMessageSize));
    }
    completion.setKey(properties.buffer, properties.scan.uniqKeyStart, properties.scan.uniqKeyEnd);
    completion.accepted(request, batch.count);
    return null;
  }

  #fill(
    request: AppendRequest,
    command: Command,
    connection: Connection,
    target: SendTarget,
  ): void {
    const scan = this.#scan;
    request.flag = scan.flag;
    request.sysFlag = target.isMultiTag ? scan.sysFlag | SystemFlag.MultiTags : scan.sysFlag;
    request.bornTimestamp = scan.bornTimestamp;
    request.bornHost = connection.remoteHostBytes;
    request.reconsumeTimes = scan.reconsumeTimes;
    request.body = command.frame;
    request.bodyStart = command.bodyStart;
    request.bodyEnd = command.bodyEnd;
  }

  /** A message that a consumer could not handle and sends to its retry topic itself. */
  #sendRetry(
    command: Command,
    connection: Connection,
    target: SendTarget,
    settings: BrokerSettings,
  ): Outgoing | null | Promise<Outgoing | null> {
    const scan = this.#scan;
    const group = groupOfTopic(scan.topic);
    const config = this.#deps.groups.find(group);
    if (config === undefined) return this.#refuse(groupMissing(group));
    const given = command.version >= MqVersion.V3_4_9 && scan.maxReconsumeTimes >= 0;
    const max = given ? scan.maxReconsumeTimes : config.retryMaxTimes;
    // RocketMQ: SendMessageProcessor#handleRetryAndDLQ; whoever holds locks consumes in order.
    if (scan.reconsumeTimes <= max && !this.#deps.locks.holdsAny(group)) {
      return this.#send(command, connection, target, settings, null);
    }
    const dead = this.#targets.get(dlqTopic(group));
    if (dead === undefined) return this.#createDlq(group, command, connection);
    const clientId = this.#deps.consumers.group(group)?.clients.get(connection)?.clientId;
    const nowMs = this.#deps.clock.nowMs();
    const death = { group, clientId, attempts: scan.reconsumeTimes, nowMs };
    const answer = this.#send(command, connection, dead, settings, death);
    if (answer === null) this.#deps.stats.group(scan.topic, group).deadLetter();
    return answer;
  }

  async #createDlq(
    group: string,
    command: Command,
    connection: Connection,
  ): Promise<Outgoing | null> {
    const config = await this.#deps.topicCreator.forDlq(group);
    if (this.#targets.get(config.topicName) !== undefined) return this.handle(command, connection);
    return this.#refuse(topicMissing(config.topicName, this.#deps.settings()));
  }

  async #createTopic(command: Command, connection: Connection): Promise<Outgoing | null> {
    const { topic, defaultTopic, defaultTopicQueueNums } = this.#scan;
    const { topicCreator, settings } = this.#deps;
    if (isRetryTopic(topic)) {
      const group = groupOfTopic(topic);
      if (this.#deps.groups.find(group) === undefined) return this.#refuse(groupMissing(group));
      await topicCreator.forRetry(group, RETRY_QUEUES);
    } else {
      const { remoteAddress } = connection;
      await topicCreator.forSend(topic, defaultTopic, defaultTopicQueueNums, remoteAddress);
    }
    if (this.#targets.get(topic) !== undefined) return this.handle(command, connection);
    return this.#refuse(topicMissing(topic, settings()));
  }

  /** Counters of the topic that the record really goes to. */
  #statsOf(request: AppendRequest, target: SendTarget): SendTarget['stats'] {
    const topic = request.queue?.topic ?? target.config.topicName;
    return topic === target.config.topicName ? target.stats : this.#deps.stats.topic(topic);
  }

  #levelsOf(settings: BrokerSettings): number {
    if (settings.messageDelayLevel !== this.#levelsText) {
      this.#levels = parseDelayLevels(settings.messageDelayLevel).length;
      this.#levelsText = settings.messageDelayLevel;
    }
    return this.#levels;
  }

  #notStored(status: PutStatus, bodyBytesMax: number): Refusal {
    this.#deps.stats.putFailed();
    return refusalOf(status, this.#deps.store.statusReason, bodyBytesMax);
  }

  #refuse(refusal: Refusal): Outgoing {
    return { code: refusal.code, remark: refusal.remark, ext: this.#stamps.ext };
  }
}
