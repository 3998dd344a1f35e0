/**
 * Gives back what nobody acknowledged in time: each message goes to the group's retry topic, or to
 * its dead letters when it came too often, together with the end of its check point.
 */
import { type Clock, type Logger, MqError } from '@skylarkmq/base';
import {
  decodeRecord,
  dlqTopic,
  isRetryTopic,
  PropertyName,
  popOriginTopic,
  popRetryTopic,
  type StoredMessage,
} from '@skylarkmq/message';
import { type MessageStore, type PutMessage, PutStatus } from '@skylarkmq/store';
import type { SubscriptionGroup } from '@skylarkmq/wire';
import { noteDeath, noteFirstFailure } from '../dead-letter/failure-notes.ts';
import type { BrokerIdentity } from '../identity.ts';
import type { BrokerSettings } from '../settings.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';
import type { TopicCreator } from '../topic/topic-creator.ts';
import type { TopicTable } from '../topic/topic-table.ts';
import type { Flight, PopQueue } from './flight.ts';
import type { FlightTable } from './flight-table.ts';
import type { PopAppends } from './pop-appends.ts';
import type { ReviveLog } from './revive-log.ts';
import { isStored, refused } from './store-refusal.ts';

/** Check points that are given back at a time. */
const AT_A_TIME_MAX = 32;
/** After what could not be given back. */
const AGAIN_MS = 1000;
const READ_BYTES = 4 * 1024 * 1024;

export interface ReviverDeps {
  readonly store: Pick<MessageStore, 'getMessages'>;
  readonly appends: PopAppends;
  readonly flights: FlightTable;
  readonly log: ReviveLog;
  readonly topics: Pick<TopicTable, 'get'>;
  readonly groups: { find(group: string): SubscriptionGroup | undefined };
  readonly topicCreator: Pick<TopicCreator, 'forDlq' | 'forPopRetry'>;
  readonly stats: BrokerStats;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly identity: BrokerIdentity;
  settings(): BrokerSettings;
}

export class Reviver {
  readonly #deps: ReviverDeps;
  readonly #waiting: Flight[] = [];
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(deps: ReviverDeps) {
    this.#deps = deps;
  }

  /** The time of a flight is over. */
  due(flight: Flight): void {
    if (this.#isClosed || flight.isSettled || flight.isReturning) return;
    flight.isReturning = true;
    this.#waiting.push(flight);
    this.#next();
  }

  /** Ends after what is being given back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#running);
  }

  #next(): void {
    while (this.#running.size < AT_A_TIME_MAX && !this.#isClosed) {
      const flight = this.#waiting.shift();
      if (flight === undefined) return;
      const running = this.#revive(flight).finally(() => {
        this.#running.delete(running);
        this.#next();
      });
      this.#running.add(running);
    }
  }

  // RocketMQ: PopReviveService#reviveMsgFromCk
  async #revive(flight: Flight): Promise<void> {
    const { flights, logger, clock } = this.#deps;
    const { queue, startOffset } = flight;
    try {
      await this.#giveBack(flight);
      flight.isReturning = false;
    } catch (thrown) {
      flight.isReturning = false;
      const error = MqError.from(thrown);
      const { topic, group, queueId } = queue;
      const fields = { topic, group, queueId, startOffset, error };
      logger.warn(fields, 'Messages cannot be given back yet; tried again in a second');
      flights.postpone(flight, clock.nowMs() + AGAIN_MS);
    }
  }

  async #giveBack(flight: Flight): Promise<void> {
    const { groups, topics, settings } = this.#deps;
    const { queue } = flight;
    const group = groups.find(queue.group);
    const isGone = topics.get(queue.topic) === undefined;
    if (isGone || (group === undefined && settings().popReviveSkipIfGroupAbsent)) {
      await this.#end(flight, new Map());
      return;
    }
    const messages = await this.#read(queue, flight.openOffsets());
    const target = this.#retryTopicOf(queue);
    await this.#deps.topicCreator.forPopRetry(target);
    const retryMax = group?.retryMaxTimes ?? Number.MAX_SAFE_INTEGER;
    const isDead = ({ reconsumeTimes }: StoredMessage): boolean =>
      reconsumeTimes >= retryMax && !flight.suspend;
    if (messages.some(isDead)) await this.#deps.topicCreator.forDlq(queue.group);
    const puts = new Map<number, PutMessage>();
    for (const message of messages) {
      const put = isDead(message)
        ? this.#letter(message, flight)
        : this.#retry(message, flight, target);
      puts.set(message.queueOffset, put);
    }
    await this.#end(flight, puts);
  }

  /** Appends what goes back and that the check point is over in one turn: all of it, or nothing. */
  async #end(flight: Flight, messages: ReadonlyMap<number, PutMessage>): Promise<void> {
    const { appends, log, identity, flights } = this.#deps;
    const { queue, startOffset, popTime, reviveQueueId } = flight;
    const { topic, group, queueId } = queue;
    const ended: number[] = [];
    const stored: Promise<PutStatus>[] = [];
    for (const offset of flight.openOffsets()) {
      const message = messages.get(offset);
      const appended = message === undefined ? undefined : appends.append(message);
      if (appended !== undefined && !isStored(appended.status)) break;
      ended.push(offset);
      if (appended !== undefined) stored.push(appended.stored);
    }
    if (ended.length === 0) return;
    const { brokerName } = identity;
    const ack = { topic, group, queueId, startOffset, popTime, brokerName, offsets: ended };
    stored.push(log.ack(ack, 0, reviveQueueId).stored);
    for (const offset of ended) flights.acknowledge(flight, offset);
    for (const status of await Promise.all(stored)) if (!isStored(status)) throw refused(status);
    if (!flight.isSettled) throw refused(PutStatus.SystemBusy);
  }

  #retryTopicOf(queue: PopQueue): string {
    if (isRetryTopic(queue.topic)) return queue.topic;
    const version = this.#deps.settings().enableRetryTopicV2 ? 2 : 1;
    return popRetryTopic(queue.group, queue.topic, version);
  }

  /** The messages at these offsets, without those that retention took. */
  async #read(queue: PopQueue, offsets: readonly number[]): Promise<StoredMessage[]> {
    const messages: StoredMessage[] = [];
    for (const offset of offsets) {
      const found = await this.#deps.store.getMessages(queue.handle, offset, 1, READ_BYTES, null);
      const [record] = found.slices;
      if (record !== undefined) {
        const message = decodeRecord(Buffer.from(record));
        if (message.queueOffset === offset) messages.push(message);
      }
      found.release();
    }
    return messages;
  }

  // RocketMQ: PopReviveService#reviveRetry
  #retry(message: StoredMessage, flight: Flight, topic: string): PutMessage {
    const properties = new Map(message.properties);
    properties.delete(PropertyName.Crc32);
    if (message.reconsumeTimes === 0 || !properties.has(PropertyName.FirstPopTime)) {
      properties.set(PropertyName.FirstPopTime, String(flight.popTime));
    }
    const reconsumeTimes = message.reconsumeTimes + (flight.suspend ? 0 : 1);
    return { ...this.#same(message), topic, queueId: 0, properties, reconsumeTimes };
  }

  /** Too often: the group's dead letter. */
  #letter(message: StoredMessage, flight: Flight): PutMessage {
    const { clock, identity, stats } = this.#deps;
    const { group, topic } = flight.queue;
    const nowMs = clock.nowMs();
    const properties = new Map(message.properties);
    properties.delete(PropertyName.Crc32);
    const origin = popOriginTopic(topic, group);
    if (!properties.has(PropertyName.RetryTopic)) properties.set(PropertyName.RetryTopic, origin);
    if (!properties.has(PropertyName.OriginMessageId)) {
      properties.set(PropertyName.OriginMessageId, message.offsetMessageId);
    }
    noteFirstFailure(properties, message, identity.brokerName, nowMs);
    const attempts = message.reconsumeTimes + 1;
    noteDeath(properties, { group, clientId: undefined, attempts, nowMs });
    stats.group(origin, group).deadLetter();
    const place = { topic: dlqTopic(group), queueId: 0, reconsumeTimes: attempts };
    return { ...this.#same(message), ...place, properties };
  }

  #same(
    message: StoredMessage,
  ): Pick<PutMessage, 'body' | 'flag' | 'sysFlag' | 'bornTimestamp' | 'bornHost'> {
    const { body, flag, sysFlag, bornTimestamp } = message;
    return { body, flag, sysFlag, bornTimestamp, bornHost: this.#deps.identity.storeHost };
  }
}
