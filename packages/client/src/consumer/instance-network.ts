/**
 * The requests of a consumer, made through its client instance: finds the address of the right
 * broker for each, and remembers which broker of a group a queue is better read from.
 */
import { type Logger, MqError, MqErrorCode } from '@skylarkmq/base';
import {
  DeadLetterProperty,
  encodePropertyText,
  type MessageQueue,
  messageQueueKey,
  PropertyName,
  retryTopic,
  type StoredMessage,
  SystemFlag,
} from '@skylarkmq/message';
import { checkSubscription } from '../api/check-subscription.ts';
import { groupMembers, lockQueues, unlockQueues } from '../api/consumer-group.ts';
import {
  commitOffset,
  committedOffset,
  maxOffset,
  minOffset,
  offsetByTime,
} from '../api/offsets.ts';
import { pullMessage } from '../api/pull-message.ts';
import { sendBack } from '../api/send-back.ts';
import { sendMessage } from '../api/send-message.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import { MASTER_ID } from '../route/topic-route.ts';
import type { ConsumerNetwork, PullArguments, SendBackArguments } from './consumer-network.ts';
import type { PullOutcome } from './pull-loop.ts';
import { retryLevel } from './retry-backoff.ts';
import type { Subscription } from './subscription.ts';

/** Group under which messages are sent to retry topics when they cannot be handed back. */
// RocketMQ: MixAll#CLIENT_INNER_PRODUCER_GROUP
const INNER_PRODUCER_GROUP = 'CLIENT_INNER_PRODUCER';
const SEND_BACK_TIMEOUT_MS = 5_000;

/** See the head of this file. */
export class InstanceNetwork implements ConsumerNetwork {
  readonly clientId: string;
  readonly #instance: ClientInstance;
  readonly #group: string;
  readonly #logger: Logger;
  /** The broker id that answers suggested for the next pull of a queue. */
  readonly #suggested = new Map<string, number>();

  constructor(instance: ClientInstance, group: string) {
    this.#instance = instance;
    this.#group = group;
    this.#logger = instance.options.logger;
    this.clientId = instance.clientId;
  }

  async pull(args: PullArguments, signal: AbortSignal): Promise<PullOutcome> {
    const { queue } = args;
    const key = messageQueueKey(queue);
    const suggested = this.#suggested.get(key) ?? MASTER_ID;
    const { routes } = this.#instance;
    const address =
      routes.addressOf(queue.brokerName, suggested) ??
      (await this.#instance.readableOf(queue.brokerName, queue.topic));
    const fromMaster = address === routes.addressOf(queue.brokerName);
    const result = await pullMessage(this.#instance, address, this.#group, args, {
      fromMaster,
      signal,
    });
    if (result.suggestedBrokerId === MASTER_ID) this.#suggested.delete(key);
    else this.#suggested.set(key, result.suggestedBrokerId);
    return result.outcome;
  }

  async queuesOf(topic: string): Promise<readonly MessageQueue[] | undefined> {
    return (await this.#instance.routes.find(topic))?.readable;
  }

  // RocketMQ: MQClientInstance#checkClientInBroker
  async check(subscriptions: readonly Subscription[]): Promise<void> {
    for (const subscription of subscriptions) {
      if (subscription.expressionType === 'TAG') continue;
      const address = await this.#anyBroker(subscription.topic);
      await checkSubscription(this.#instance, address, this.#group, subscription);
    }
  }

  async membersOf(topic: string): Promise<readonly string[]> {
    await this.#instance.announce();
    const address = await this.#anyBroker(topic);
    return groupMembers(this.#instance, address, this.#group);
  }

  async #anyBroker(topic: string): Promise<string> {
    const route = await this.#instance.routes.find(topic);
    const names = [...(route?.brokers.keys() ?? [])];
    const name = names[this.#instance.options.prng.below(Math.max(1, names.length))];
    if (name === undefined) {
      const text = `No broker is known for topic ${topic}`;
      throw new MqError(MqErrorCode.NoRoute, text, { retryable: true });
    }
    return this.#instance.readableOf(name, topic);
  }

  async maxOffset(queue: MessageQueue): Promise<number> {
    return maxOffset(this.#instance, await this.#master(queue), queue);
  }

  async minOffset(queue: MessageQueue): Promise<number> {
    return minOffset(this.#instance, await this.#master(queue), queue);
  }

  async offsetByTime(queue: MessageQueue, timestampMs: number): Promise<number> {
    return offsetByTime(this.#instance, await this.#master(queue), queue, timestampMs);
  }

  async query(queue: MessageQueue): Promise<number | undefined> {
    return committedOffset(this.#instance, await this.#readable(queue), this.#group, queue);
  }

  async commit(queue: MessageQueue, offset: number, surely: boolean): Promise<void> {
    const address = await this.#readable(queue);
    await commitOffset(this.#instance, address, this.#group, queue, offset, surely);
  }

  async lock(
    brokerName: string,
    queues: readonly MessageQueue[],
  ): Promise<readonly MessageQueue[]> {
    const address = await this.#instance.masterOf(brokerName, queues[0]?.topic ?? '');
    return lockQueues(this.#instance, address, this.#group, queues);
  }

  async unlock(brokerName: string, queues: readonly MessageQueue[]): Promise<void> {
    const address = await this.#instance.masterOf(brokerName, queues[0]?.topic ?? '');
    await unlockQueues(this.#instance, address, this.#group, queues);
  }

  async sendBack(
    message: StoredMessage,
    brokerName: string,
    args: SendBackArguments,
  ): Promise<void> {
    try {
      const address = await this.#instance.masterOf(brokerName, message.topic);
      await sendBack(this.#instance, address, this.#group, message, brokerName, args);
    } catch (thrown) {
      const error = MqError.from(thrown);
      const { topic, offsetMessageId } = message;
      this.#logger.warn({ error, topic, offsetMessageId }, 'Handing back failed, sending instead');
      await this.sendAgain(message, brokerName, args);
    }
  }

  heartbeat(): Promise<void> {
    return this.#instance.heartbeat();
  }

  /**
   * Sends a copy to the group's retry topic, at any broker that takes it: as a dead letter where
   * `delayLevel` is below 0.
   */
  // RocketMQ: DefaultMQPushConsumerImpl#sendMessageBackAsNormalMessage
  async sendAgain(
    message: StoredMessage,
    brokerName: string,
    args: SendBackArguments,
  ): Promise<void> {
    const topic = retryTopic(this.#group);
    const route = await this.#instance.routes.find(topic);
    const queues = route?.writable ?? [];
    const queue = queues[this.#instance.options.prng.below(Math.max(1, queues.length))];
    if (queue === undefined) {
      const text = `No route info of this topic: ${topic}`;
      throw new MqError(MqErrorCode.NoRoute, text, { retryable: true });
    }
    const address = await this.#instance.masterOf(queue.brokerName, topic);
    const origin = message.properties.get(PropertyName.OriginMessageId) ?? message.offsetMessageId;
    const properties = retryProperties(message, brokerName, origin, args.lastError);
    const buried = args.delayLevel < 0;
    const level = args.delayLevel > 0 ? args.delayLevel : retryLevel(args.reconsumeTimes);
    properties.set(PropertyName.DelayLevel, String(level));
    const send = {
      group: INNER_PRODUCER_GROUP,
      topic,
      sysFlag: message.sysFlag & (SystemFlag.Compressed | SystemFlag.CompressionMask),
      bornTimestamp: this.#instance.options.clock.nowMs(),
      flag: message.flag,
      properties: encodePropertyText(properties),
      batch: false,
      body: message.body,
      messageIds: [properties.get(PropertyName.UniqueKey) ?? origin],
      // A count above the maximum makes the broker bury the message.
      reconsumeTimes: args.reconsumeTimes + 1,
      maxReconsumeTimes: buried ? args.reconsumeTimes : args.maxReconsumeTimes,
    };
    await sendMessage(this.#instance, address, queue, send, { timeoutMs: SEND_BACK_TIMEOUT_MS });
  }

  #master(queue: MessageQueue): Promise<string> {
    return this.#instance.masterOf(queue.brokerName, queue.topic);
  }

  #readable(queue: MessageQueue): Promise<string> {
    return this.#instance.readableOf(queue.brokerName, queue.topic);
  }
}

/** What retries, and the dead letter in the end, are known by. */
function retryProperties(
  message: StoredMessage,
  brokerName: string,
  origin: string,
  lastError: string | undefined,
): Map<string, string> {
  const properties = new Map(message.properties);
  if (!properties.has(PropertyName.RetryTopic)) {
    properties.set(PropertyName.RetryTopic, message.topic);
    properties.set(DeadLetterProperty.OriginBroker, brokerName);
    properties.set(DeadLetterProperty.OriginQueueId, String(message.queueId));
    properties.set(DeadLetterProperty.OriginOffset, String(message.queueOffset));
  }
  properties.set(PropertyName.OriginMessageId, origin);
  if (lastError !== undefined) properties.set(DeadLetterProperty.Error, lastError);
  properties.delete(PropertyName.TransactionPrepared);
  return properties;
}
