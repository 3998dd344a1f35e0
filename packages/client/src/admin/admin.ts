/**
 * Looks after topics and finds messages: what scripts and tests need without a command line tool.
 */
import { MqError, MqErrorCode, throwIfAborted } from '@skylarkmq/base';
import {
  decodeOffsetMessageId,
  type MessageQueue,
  type StoredMessage,
  validateGroup,
} from '@skylarkmq/message';
import { askAccess } from '../api/access.ts';
import { clusterBrokers } from '../api/cluster-info.ts';
import { createGroupAt } from '../api/consumer-group.ts';
import {
  committedOffset,
  earliestStoreTime,
  maxOffset,
  minOffset,
  offsetByTime,
} from '../api/offsets.ts';
import { queryMessages, viewMessage } from '../api/stored-messages.ts';
import {
  createTopicAt,
  deleteTopicAt,
  deleteTopicRoute,
  type TopicArguments,
} from '../api/topics.ts';
import { abortable, type CallOptions } from '../async/abortable.ts';
import { ReceivedMessage } from '../consumer/received-message.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import { type InstanceLease, leaseInstance } from '../instance/instance-pool.ts';
import { withNamespace, withoutNamespace } from '../instance/namespace.ts';
import { integerOption } from '../options/check-option.ts';
import {
  type ClientOptions,
  type ResolvedClientOptions,
  resolveClientOptions,
} from '../options/client-options.ts';
import { MASTER_ID, type RouteBrokerData } from '../route/topic-route.ts';
import { AccessAdmin } from './access-admin.ts';

/** What a topic is for. `MIXED` needs `enableMixedMessageType` at the broker. */
export type TopicMessageType =
  | 'NORMAL'
  | 'FIFO'
  | 'DELAY'
  | 'TRANSACTION'
  | 'MIXED'
  | 'UNSPECIFIED'
  | 'PRIORITY'
  | 'LITE';

/** Options of {@link Admin.createTopic}. */
export interface CreateTopicOptions extends CallOptions {
  readonly topic: string;
  /** Queues per broker, 1 to 65,535. Default 4. */
  readonly queues?: number;
  /** 2 write, 4 read, 6 both. Default 6. */
  readonly permission?: number;
  /** Whether brokers keep the order of its queues in their configuration. Default false. */
  readonly ordered?: boolean;
  /**
   * What the topic is for; brokers of Skylark refuse other messages, Apache's gRPC proxy does too.
   * Default: nothing in particular, takes all.
   */
  readonly messageType?: TopicMessageType;
  /** Such as `{ 'reserve.time': '3600' }`. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Only the brokers of this cluster. Default: all. */
  readonly cluster?: string;
}

/** Options of {@link Admin.createGroup}. */
export interface CreateGroupOptions extends CallOptions {
  readonly group: string;
  /** For a `LitePushConsumer`: the topic of type LITE whose lite topics the group consumes. */
  readonly liteParent?: string;
  /** Redeliveries before a message goes to the dead letters, 0 and more. Default 16. */
  readonly retriesMax?: number;
  /** Such as `{ 'lite.sub.model': 'Exclusive' }`. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Only the brokers of this cluster. Default: all. */
  readonly cluster?: string;
}

/** Options of {@link Admin.queryByKey}. */
export interface QueryOptions extends CallOptions {
  /** Messages per broker at most, 1 to 1024. Default 64. */
  readonly max?: number;
  /** Stored at or after, milliseconds. Default: the beginning. */
  readonly beginMs?: number;
  /** Stored at or before, milliseconds. Default: the end. */
  readonly endMs?: number;
}

const GROUP = 'admin_ext_group';
const END_OF_TIME_MS: number = Number.MAX_SAFE_INTEGER;

/** See the head of this file. */
export class Admin implements AsyncDisposable {
  readonly #options: ResolvedClientOptions;
  #lease: InstanceLease | undefined;
  #closed = false;
  readonly #id: string;
  /** Users and policies of servers with access control. */
  readonly access: AccessAdmin = new AccessAdmin({
    atMasters: (options, work) =>
      this.#call(options, (instance) =>
        this.#atMasters(instance, undefined, async (address) => {
          await work((question) => askAccess(instance, address, question));
        }),
      ),
    atOneMaster: (options, work) =>
      this.#call(options, async (instance) => {
        const [address] = await this.#masters(instance, undefined);
        return work((question) => askAccess(instance, address ?? '', question));
      }),
  });

  constructor(options: ClientOptions) {
    this.#options = resolveClientOptions(options);
    admins++;
    this.#id = `${GROUP}-${admins}`;
  }

  /** Makes a topic at the masters of all brokers (or of a cluster), or changes it there. */
  createTopic(options: CreateTopicOptions): Promise<void> {
    return this.#call(options, async (instance) => {
      const args = topicArguments(options, this.#name(options.topic));
      await this.#atMasters(instance, options.cluster, (address) =>
        createTopicAt(instance, address, args),
      );
    });
  }

  /**
   * Makes a consumer group at the masters of all brokers (or of a cluster), or changes it there.
   * What options do not name gets its default.
   */
  createGroup(options: CreateGroupOptions): Promise<void> {
    return this.#call(options, async (instance) => {
      const { attributes, cluster, liteParent, retriesMax } = options;
      validateGroup(options.group);
      const limits = { fallback: 16, min: 0, max: 0x7fff_ffff };
      const bound = liteParent === undefined ? {} : { 'lite.bind.topic': this.#name(liteParent) };
      const args = {
        group: this.#name(options.group),
        retriesMax: integerOption('retriesMax', retriesMax, limits),
        attributes: { ...attributes, ...bound },
      };
      await this.#atMasters(instance, cluster, (address) => createGroupAt(instance, address, args));
    });
  }

  /** Removes a topic everywhere, with its messages. */
  deleteTopic(topic: string, options: CallOptions = {}): Promise<void> {
    return this.#call(options, async (instance) => {
      const name = this.#name(topic);
      await this.#atMasters(instance, undefined, (address) =>
        deleteTopicAt(instance, address, name),
      );
      await deleteTopicRoute(instance, name);
    });
  }

  /** All brokers that the name server knows, with their addresses. */
  brokers(options: CallOptions = {}): Promise<readonly RouteBrokerData[]> {
    return this.#call(options, clusterBrokers);
  }

  /** The readable queues of a topic, sorted by broker and id. `NO_ROUTE` if it does not exist. */
  queues(topic: string, options: CallOptions = {}): Promise<readonly MessageQueue[]> {
    return this.#call(options, async (instance) => {
      const route = await instance.routes.lookUp(this.#name(topic));
      if (route !== undefined) return route.readable;
      const text =
        `No route info of this topic: ${topic}. No name server knows it (yet): ` +
        'brokers tell name servers of new topics within a moment';
      throw new MqError(MqErrorCode.NoRoute, text, { retryable: true });
    });
  }

  /** The offset that the next message of a queue will get. */
  maxOffset(queue: MessageQueue, options: CallOptions = {}): Promise<number> {
    return this.#atMaster(queue, options, maxOffset);
  }

  /** The offset of the oldest message that is kept. */
  minOffset(queue: MessageQueue, options: CallOptions = {}): Promise<number> {
    return this.#atMaster(queue, options, minOffset);
  }

  /** The offset of the first message stored at or after a time. */
  offsetByTime(
    queue: MessageQueue,
    timestampMs: number,
    options: CallOptions = {},
  ): Promise<number> {
    return this.#atMaster(queue, options, (instance, address) =>
      offsetByTime(instance, address, queue, timestampMs),
    );
  }

  /** When the oldest message of a queue was stored, milliseconds; -1 if there is none. */
  earliestStoreTime(queue: MessageQueue, options: CallOptions = {}): Promise<number> {
    return this.#atMaster(queue, options, earliestStoreTime);
  }

  /** A group's committed offset in a queue, undefined if there is none. */
  committed(
    group: string,
    queue: MessageQueue,
    options: CallOptions = {},
  ): Promise<number | undefined> {
    return this.#atMaster(queue, options, (instance, address) =>
      committedOffset(instance, address, this.#name(group), queue),
    );
  }

  /** The message of a broker's id (`offsetMessageId` of its receipt). */
  viewMessage(offsetMessageId: string, options: CallOptions = {}): Promise<ReceivedMessage> {
    return this.#call(options, async (instance) => {
      const { host, physicalOffset } = decodeOffsetMessageId(offsetMessageId);
      const message = await viewMessage(instance, host, physicalOffset);
      return this.#wrap(message, await brokerAt(instance, host));
    });
  }

  /** The messages of a topic that carry a business key, oldest first. */
  queryByKey(
    topic: string,
    key: string,
    options: QueryOptions = {},
  ): Promise<readonly ReceivedMessage[]> {
    return this.#call(options, (instance) =>
      this.#query(instance, { topic, key, unique: false, options }),
    );
  }

  /** The messages of a sender's id (`messageId` of its receipt); several if it was sent twice. */
  queryByMessageId(
    topic: string,
    messageId: string,
    options: CallOptions = {},
  ): Promise<readonly ReceivedMessage[]> {
    return this.#call(options, (instance) =>
      this.#query(instance, { topic, key: messageId, unique: true, options: {} }),
    );
  }

  /** Closes the connections, if nobody else in the process uses them. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#lease?.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The index of brokers knows hash codes only, so that the keys are compared here. */
  async #query(instance: ClientInstance, query: Query): Promise<readonly ReceivedMessage[]> {
    const { key, options, unique } = query;
    const name = this.#name(query.topic);
    const route = await instance.routes.lookUp(name);
    const args = {
      topic: name,
      key,
      unique,
      max: integerOption('max', options.max, { fallback: 64, min: 1, max: 1_024 }),
      beginMs: options.beginMs ?? 0,
      endMs: options.endMs ?? END_OF_TIME_MS,
    };
    const found = await Promise.all(
      [...(route?.brokers.keys() ?? [])].map(async (brokerName) => {
        const address = await instance.readableOf(brokerName, name);
        const messages = await queryMessages(instance, address, args);
        return messages
          .filter(({ topic }) => topic === name)
          .map((one) => this.#wrap(one, brokerName));
      }),
    );
    return found
      .flat()
      .filter((message) => (unique ? message.messageId === key : message.keys.includes(key)))
      .sort((left, right) => left.storeTimestamp - right.storeTimestamp);
  }

  async #atMasters(
    instance: ClientInstance,
    cluster: string | undefined,
    work: (address: string) => Promise<void>,
  ): Promise<void> {
    await Promise.all((await this.#masters(instance, cluster)).map(work));
  }

  async #masters(instance: ClientInstance, cluster: string | undefined): Promise<string[]> {
    const brokers = await clusterBrokers(instance);
    const addresses = brokers
      .filter((broker) => cluster === undefined || broker.cluster === cluster)
      .map((broker) => broker.brokerAddrs.get(MASTER_ID))
      .filter((address) => address !== undefined);
    if (addresses.length === 0) {
      const where = cluster === undefined ? '' : ` in cluster ${cluster}`;
      const text = `The name server knows no master${where}: is a broker registered at it?`;
      throw new MqError(MqErrorCode.NoRoute, text, { retryable: true });
    }
    return addresses;
  }

  #atMaster<T>(
    queue: MessageQueue,
    options: CallOptions,
    work: (instance: ClientInstance, address: string, queue: MessageQueue) => Promise<T>,
  ): Promise<T> {
    return this.#call(options, async (instance) =>
      work(instance, await instance.masterOf(queue.brokerName, queue.topic), queue),
    );
  }

  async #call<T>(
    { signal }: CallOptions,
    work: (instance: ClientInstance) => Promise<T>,
  ): Promise<T> {
    throwIfAborted(signal);
    return abortable(work(this.#instance()), signal);
  }

  #wrap(message: StoredMessage, brokerName: string): ReceivedMessage {
    const { codecs, namespace } = this.#options;
    const { topic, queueId, reconsumeTimes } = message;
    const queue = { topic, brokerName, queueId };
    const visible = withoutNamespace(namespace, topic);
    return new ReceivedMessage(message, queue, reconsumeTimes, visible, codecs);
  }

  #name(topic: string): string {
    return withNamespace(this.#options.namespace, topic);
  }

  #instance(): ClientInstance {
    if (this.#closed) throw new MqError(MqErrorCode.Closed, 'The admin client is closed');
    this.#lease ??= leaseInstance(this.#options, 'admin', this.#id);
    return this.#lease.instance;
  }
}

interface Query {
  readonly topic: string;
  readonly key: string;
  /** The key is the id that the sender's client gave. */
  readonly unique: boolean;
  readonly options: QueryOptions;
}

/** The name of the broker at an address: of what an id points to; empty where nobody knows it. */
async function brokerAt(instance: ClientInstance, address: string): Promise<string> {
  const brokers = await clusterBrokers(instance);
  const broker = brokers.find(({ brokerAddrs }) => [...brokerAddrs.values()].includes(address));
  return broker?.brokerName ?? '';
}

/** Admins hold an instance each under a name of their own. */
let admins = 0;

function topicArguments(options: CreateTopicOptions, topic: string): TopicArguments {
  const queues = integerOption('queues', options.queues, { fallback: 4, min: 1, max: 65_535 });
  const permissions = { fallback: 6, min: 0, max: 7 };
  const { messageType } = options;
  const typed = messageType === undefined ? {} : { 'message.type': messageType };
  const attributes = Object.entries({ ...options.attributes, ...typed });
  return {
    topic,
    readQueues: queues,
    writeQueues: queues,
    permission: integerOption('permission', options.permission, permissions),
    ordered: options.ordered ?? false,
    attributes:
      attributes.length === 0
        ? undefined
        : attributes.map(([name, value]) => `+${name}=${value}`).join(','),
  };
}
