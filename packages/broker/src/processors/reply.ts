/**
 * Replies (324, 325): the broker passes each on to the client that asked, over that client's own
 * connection, and keeps a copy in the reply topic if it is told to. The answer says whether the
 * client took it: a copy that is stored does not make up for a client that is gone.
 */
import { type Clock, type Logger, MqError, type Prng } from '@skylarkmq/base';
import {
  decodeProperties,
  encodeOffsetMessageId,
  encodePropertyText,
  PropertyName,
} from '@skylarkmq/message';
import type { Connection, RemotingServer } from '@skylarkmq/remoting';
import type { MessageStore, PutMessage } from '@skylarkmq/store';
import {
  type Command,
  type Outgoing,
  PushReplyMessage,
  type PushReplyMessageRequest,
  RequestCode,
  ResponseCode,
  SendMessage,
  SendMessageScan,
  type TopicConfig,
} from '@skylarkmq/wire';
import type { ProducerRegistry } from '../consumer-group/producer-registry.ts';
import type { BrokerIdentity } from '../identity.ts';
import { PropertyStamps } from '../send/property-stamps.ts';
import { illegal, type Refusal, refusalOf, storedCode } from '../send/put-answer.ts';
import { checkNewTopic, checkTarget, checkTime, topicMissing } from '../send/send-checks.ts';
import { type SendTarget, SendTargets } from '../send/send-target.ts';
import type { BrokerSettings } from '../settings.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';
import type { TopicCreator } from '../topic/topic-creator.ts';

export interface ReplyDeps {
  readonly store: Pick<MessageStore, 'put' | 'queue' | 'statusReason'>;
  readonly topics: { get(topic: string): TopicConfig | undefined };
  readonly topicCreator: Pick<TopicCreator, 'forSend'>;
  readonly producers: Pick<ProducerRegistry, 'client'>;
  readonly stats: BrokerStats;
  readonly identity: BrokerIdentity;
  readonly clock: Clock;
  readonly prng: Prng;
  readonly logger: Logger;
  settings(): BrokerSettings;
}

/** How long the client that asked may take to confirm, milliseconds. */
// RocketMQ: Broker2Client#callClient
const PUSH_TIMEOUT_MS = 10_000;

export function registerReplyHandlers(server: RemotingServer, deps: ReplyDeps): void {
  const replies = new Replies(deps);
  const handle = (command: Command, connection: Connection): Promise<Outgoing> =>
    replies.handle(command, connection);
  server.register(RequestCode.SendReplyMessage, handle);
  server.register(RequestCode.SendReplyMessageV2, handle);
}

/** A reply that passed the checks, out of the scan, which the next request overwrites. */
interface Reply {
  readonly target: SendTarget;
  readonly queueId: number;
  readonly properties: Map<string, string>;
  /** As they came. */
  readonly encoded: Buffer;
  readonly body: Buffer;
  readonly header: Omit<PushReplyMessageRequest, 'properties'>;
}

// RocketMQ: ReplyMessageProcessor#processReplyMessageRequest
class Replies {
  readonly #deps: ReplyDeps;
  readonly #scan = new SendMessageScan();
  readonly #targets: SendTargets;
  readonly #stamps: PropertyStamps;

  constructor(deps: ReplyDeps) {
    this.#deps = deps;
    this.#targets = new SendTargets(deps);
    this.#stamps = new PropertyStamps(deps.identity.brokerClusterName);
  }

  async handle(command: Command, connection: Connection): Promise<Outgoing> {
    const settings = this.#deps.settings();
    this.#stamps.follow(settings);
    const checked = await this.#check(command, connection, settings);
    if ('code' in checked) return { ...checked, ext: this.#stamps.ext };
    const refusal = await this.#push(checked);
    const stored = settings.storeReplyMessageEnable
      ? await this.#store(checked, connection)
      : undefined;
    const ext = SendMessage.response.encode({
      msgId: stored?.messageId ?? '0',
      queueId: checked.queueId,
      queueOffset: stored?.queueOffset ?? 0,
    });
    for (const [name, value] of this.#stamps.ext) ext.set(name, value);
    return refusal === null ? { code: ResponseCode.Success, ext } : { ...refusal, ext };
  }

  async #check(
    command: Command,
    connection: Connection,
    settings: BrokerSettings,
  ): Promise<Reply | Refusal> {
    const { clock, identity, topicCreator } = this.#deps;
    const scan = this.#scan;
    scan.scan(command);
    const early = checkTime(settings, clock);
    if (early !== null) return early;
    if (this.#targets.get(scan.topic) === undefined) {
      const { topic, defaultTopic, defaultTopicQueueNums } = scan;
      const problem = checkNewTopic(topic);
      if (problem !== null) return problem;
      const { remoteAddress } = connection;
      await topicCreator.forSend(topic, defaultTopic, defaultTopicQueueNums, remoteAddress);
      // Other replies were scanned meanwhile.
      scan.scan(command);
    }
    const target = this.#targets.get(scan.topic);
    if (target === undefined) return topicMissing(scan.topic, settings);
    const { address } = identity;
    const problem = checkTarget(target, scan, settings, address, connection.remoteAddress);
    if (problem !== null) return problem;
    return this.#read(command, connection, target, settings);
  }

  #read(
    command: Command,
    connection: Connection,
    target: SendTarget,
    { maxMessageSize }: BrokerSettings,
  ): Reply | Refusal {
    const { clock, identity } = this.#deps;
    const scan = this.#scan;
    const body = command.body ?? Buffer.alloc(0);
    if (body.length > maxMessageSize) {
      return illegal(`the body has ${body.length} bytes`, maxMessageSize);
    }
    const queueId = scan.queueId < 0 ? target.anyQueueId() : scan.queueId;
    const encoded = Buffer.from(scan.properties.subarray(scan.propertiesStart, scan.propertiesEnd));
    return {
      target,
      queueId,
      properties: decodeProperties(encoded, 0, encoded.length),
      encoded,
      body,
      header: {
        producerGroup: scan.producerGroup,
        topic: scan.topic,
        defaultTopic: scan.defaultTopic,
        defaultTopicQueueNums: scan.defaultTopicQueueNums,
        queueId: scan.queueId,
        sysFlag: scan.sysFlag,
        bornTimestamp: scan.bornTimestamp,
        flag: scan.flag,
        reconsumeTimes: scan.reconsumeTimes,
        unitMode: scan.unitMode,
        bornHost: connection.remoteAddress,
        storeHost: identity.address,
        storeTimestamp: clock.nowMs(),
      },
    };
  }

  /** Null when the client that asked has the reply; else why not, in the official words. */
  // RocketMQ: ReplyMessageProcessor#pushReplyMessage
  async #push({ properties, header, body }: Reply): Promise<Refusal | null> {
    const { clock, logger, producers } = this.#deps;
    const clientId = properties.get(PropertyName.ReplyToClient);
    if (clientId === undefined) {
      return failed(`reply message properties[${PropertyName.ReplyToClient}] is null`);
    }
    const client = producers.client(clientId);
    if (client === undefined) {
      return failed(`push reply message fail, channel of <${clientId}> not found.`);
    }
    const stamped = new Map(properties);
    stamped.set(PropertyName.PushReplyTime, String(clock.nowMs()));
    const text = encodePropertyText(stamped);
    const ext = PushReplyMessage.request.encode({ ...header, properties: text });
    const refusal = failed(`push reply message to ${clientId} fail.`);
    const { connection } = client;
    try {
      const request = { code: PushReplyMessage.code, ext, body };
      const answer = await connection.invoke(request, { timeoutMs: PUSH_TIMEOUT_MS });
      if (answer.code === ResponseCode.Success) return null;
      const { code, remark } = answer;
      logger.warn({ clientId, code, remark }, 'A client refused a reply');
      return refusal;
    } catch (thrown) {
      logger.warn({ clientId, error: MqError.from(thrown) }, 'A reply did not get through');
      return refusal;
    }
  }

  /** Undefined when it could not be stored: the reply itself is on its way all the same. */
  async #store(
    { target, queueId, encoded, body, header }: Reply,
    connection: Connection,
  ): Promise<{ messageId: string; queueOffset: number } | undefined> {
    const { identity, logger, settings, stats, store } = this.#deps;
    const { topicName } = target.config;
    const message: PutMessage = {
      topic: topicName,
      queueId,
      body,
      properties: encoded,
      flag: header.flag,
      sysFlag: header.sysFlag,
      bornTimestamp: header.bornTimestamp,
      bornHost: connection.remoteHostBytes,
      reconsumeTimes: header.reconsumeTimes,
    };
    const { status, queueOffset, physicalOffset, recordBytes } = await store.put(message);
    if (storedCode(status) === undefined) {
      stats.putFailed();
      const { maxMessageSize } = settings();
      const { code, remark } = refusalOf(status, store.statusReason, maxMessageSize);
      logger.warn({ topic: topicName, code, remark }, 'A reply was not stored');
      return undefined;
    }
    target.stats.put(queueId, 1, recordBytes);
    const messageId = encodeOffsetMessageId(identity.storeHost, physicalOffset);
    return { messageId, queueOffset };
  }
}

function failed(remark: string): Refusal {
  return { code: ResponseCode.SystemError, remark };
}
