/**
 * What a name server knows of brokers and topics, and the rules by which registrations change it.
 * Pure state: no connections, no clock of its own (docs/formats has nothing of it: it is never on
 * disk).
 */
import type { JsonObject } from '@skylarkmq/base';
import { isWritable, Permission, READ_WRITE } from '@skylarkmq/message';
import {
  type DataVersion,
  NO_VERSION,
  type QueueData,
  type RegisterBrokerBody,
  sameVersion,
  type TopicConfig,
} from '@skylarkmq/wire';

/** Topics beyond this are refused: a name server is not a place to store data. */
const TOPICS_MAX = 1_000_000;
const BROKERS_MAX = 100_000;
export const MASTER_ID = 0;

/** One broker group with its members. */
export interface BrokerGroup {
  cluster: string;
  readonly brokerName: string;
  /** Broker id to address. */
  readonly addresses: Map<number, string>;
  enableActingMaster: boolean;
  zoneName: string | undefined;
}

/** One registered broker process. */
export interface LiveBroker {
  readonly cluster: string;
  readonly address: string;
  lastUpdateMs: number;
  timeoutMs: number;
  dataVersion: DataVersion;
  haServerAddress: string;
  /** Connection that registered it. */
  connectionId: number;
  /** Whether clients are told the address by which they reached us (our own brokers). */
  advertiseAuto: boolean;
}

export interface Registration {
  readonly cluster: string;
  readonly brokerName: string;
  readonly brokerId: number;
  readonly address: string;
  readonly haServerAddress: string;
  readonly timeoutMs: number;
  /** Undefined for brokers that do not say it ("old version"). */
  readonly enableActingMaster: boolean | undefined;
  readonly zoneName: string | undefined;
  readonly connectionId: number;
  readonly advertiseAuto: boolean;
}

export interface RegisterOptions {
  /** Whether topics of this broker that the registration does not name go. Default false. */
  readonly deleteMissingTopics?: boolean;
}

export interface RegistrationResult {
  readonly masterAddress: string | undefined;
  readonly haServerAddress: string | undefined;
  /** Whether the master is told to others by the address that they reached us by. */
  readonly masterAdvertisesAuto: boolean;
  /** Set when the smallest broker id of the group is another one now. */
  readonly minIdChanged: boolean;
}

export class RouteTable {
  /** Topic to broker name to queues. */
  readonly topics: Map<string, Map<string, QueueData>> = new Map();
  readonly groups: Map<string, BrokerGroup> = new Map();
  readonly clusters: Map<string, Set<string>> = new Map();
  readonly filterServers: Map<string, readonly string[]> = new Map();
  /** Static topic to broker name to where its logical queues are. */
  readonly mappings: Map<string, Map<string, JsonObject>> = new Map();
  readonly #live = new Map<string, LiveBroker>();

  /**
   * Takes a registration in; undefined when it is refused.
   */
  // RocketMQ: RouteInfoManager#registerBroker
  register(
    registration: Registration,
    body: RegisterBrokerBody,
    nowMs: number,
    options: RegisterOptions = {},
  ): RegistrationResult | undefined {
    const { cluster, brokerName, brokerId, address } = registration;
    const known = this.#live.has(liveKey(cluster, address));
    if (!known && this.#live.size >= BROKERS_MAX) return undefined;
    let group = this.groups.get(brokerName);
    let first = group === undefined;
    group ??= newGroup(registration);
    const previousMin = minId(group) ?? 0;
    for (const [id, other] of group.addresses) {
      if (other === address && id !== brokerId) group.addresses.delete(id);
    }
    if (this.#isOutdated(registration, group, body)) return NOTHING_CHANGED;
    if (!group.addresses.has(brokerId) && body.table.topics.size === 1) return undefined;
    this.#addToCluster(cluster, brokerName);
    this.groups.set(brokerName, group);
    group.cluster = cluster;
    group.enableActingMaster = registration.enableActingMaster ?? false;
    group.zoneName = registration.zoneName;
    first = first || !group.addresses.has(brokerId);
    group.addresses.set(brokerId, address);
    this.#takeTopics(registration, group, body, first, options);
    this.#live.set(liveKey(cluster, address), liveBroker(registration, body, nowMs));
    this.#takeFilterServers(liveKey(cluster, address), body.filterServers);
    const master = group.addresses.get(MASTER_ID);
    const masterLive = master === undefined ? undefined : this.live(cluster, master);
    const isSlave = brokerId !== MASTER_ID && masterLive !== undefined;
    return {
      masterAddress: isSlave ? master : undefined,
      haServerAddress: isSlave ? masterLive.haServerAddress : undefined,
      masterAdvertisesAuto: masterLive?.advertiseAuto ?? false,
      minIdChanged: brokerId < previousMin,
    };
  }

  live(cluster: string, address: string): LiveBroker | undefined {
    return this.#live.get(liveKey(cluster, address));
  }

  liveBrokers(): Iterable<LiveBroker> {
    return this.#live.values();
  }

  /** A broker showed a sign of life. */
  touch(cluster: string, address: string, nowMs: number): void {
    const live = this.live(cluster, address);
    if (live !== undefined) live.lastUpdateMs = nowMs;
  }

  /** Forgets a broker process. Returns its group when members of it remain. */
  // RocketMQ: RouteInfoManager#unRegisterBroker
  unregister(cluster: string, brokerName: string, address: string): BrokerGroup | undefined {
    const key = liveKey(cluster, address);
    this.#live.delete(key);
    this.filterServers.delete(key);
    const group = this.groups.get(brokerName);
    if (group === undefined) return undefined;
    for (const [id, other] of group.addresses) if (other === address) group.addresses.delete(id);
    if (group.addresses.size > 0) {
      if (group.enableActingMaster && !group.addresses.has(MASTER_ID)) {
        this.#changeQueues(brokerName, (queue) => ({
          ...queue,
          perm: queue.perm & ~Permission.Write,
        }));
      }
      return group;
    }
    this.groups.delete(brokerName);
    this.#removeFromCluster(cluster, brokerName);
    for (const topic of this.topics.keys()) this.#deleteQueues(topic, brokerName);
    for (const [topic, brokers] of this.mappings) {
      brokers.delete(brokerName);
      if (brokers.size === 0) this.mappings.delete(topic);
    }
    return undefined;
  }

  /** The name of the group that a live broker belongs to. */
  brokerNameOf(live: LiveBroker): string | undefined {
    for (const group of this.groups.values()) {
      if (group.cluster !== live.cluster) continue;
      for (const address of group.addresses.values()) {
        if (address === live.address) return group.brokerName;
      }
    }
    return undefined;
  }

  /** Takes or gives the write permission of all topics of a broker; returns how many. */
  setWritable(brokerName: string, writable: boolean): number {
    return this.#changeQueues(brokerName, (queue) => ({
      ...queue,
      perm: writable ? READ_WRITE : queue.perm & ~Permission.Write,
    }));
  }

  /** Removes a topic, at all brokers or those of one cluster. */
  deleteTopic(topic: string, cluster: string | undefined): void {
    if (cluster === undefined || cluster === '') {
      this.topics.delete(topic);
      this.mappings.delete(topic);
      return;
    }
    for (const name of this.clusters.get(cluster) ?? []) this.#deleteQueues(topic, name);
  }

  /** Adds queues of known brokers; nothing happens when one is unknown. */
  registerTopic(topic: string, queues: readonly QueueData[]): void {
    if (queues.some((queue) => !this.groups.has(queue.brokerName))) return;
    for (const queue of queues) this.#setQueues(topic, queue);
  }

  #isOutdated(registration: Registration, group: BrokerGroup, body: RegisterBrokerBody): boolean {
    const { cluster, brokerId, address } = registration;
    const other = group.addresses.get(brokerId);
    if (other === undefined || other === address) return false;
    const known = this.live(cluster, other)?.dataVersion.stateVersion ?? 0;
    if (known <= body.table.dataVersion.stateVersion) return false;
    this.#live.delete(liveKey(cluster, address));
    return true;
  }

  #takeTopics(
    registration: Registration,
    group: BrokerGroup,
    body: RegisterBrokerBody,
    first: boolean,
    options: RegisterOptions,
  ): void {
    const { cluster, brokerName, brokerId, address } = registration;
    const isMaster = brokerId === MASTER_ID;
    const known = registration.enableActingMaster !== undefined;
    const isPrimeSlave = known && !isMaster && brokerId === minId(group);
    if (!isMaster && !isPrimeSlave) return;
    const version = this.live(cluster, address)?.dataVersion ?? NO_VERSION;
    const changed = first || !sameVersion(version, body.table.dataVersion);
    for (const [topic, config] of body.table.topics) {
      if (!changed && this.topics.get(topic)?.has(brokerName)) continue;
      const readOnly = isPrimeSlave && group.enableActingMaster;
      this.#setQueues(topic, queueData(brokerName, config, readOnly));
    }
    if (options.deleteMissingTopics && body.mappings.size === 0) {
      for (const topic of this.topics.keys()) {
        if (!body.table.topics.has(topic)) this.#deleteQueues(topic, brokerName);
      }
    }
    if (changed) this.#takeMappings(body.mappings);
  }

  #takeMappings(mappings: ReadonlyMap<string, JsonObject>): void {
    for (const [topic, mapping] of mappings) {
      const name = mapping.get('bname');
      if (typeof name !== 'string') continue;
      const brokers = this.mappings.get(topic) ?? new Map<string, JsonObject>();
      if (!this.mappings.has(topic) && this.mappings.size >= TOPICS_MAX) return;
      this.mappings.set(topic, brokers.set(name, mapping));
    }
  }

  #deleteQueues(topic: string, brokerName: string): void {
    const queues = this.topics.get(topic);
    queues?.delete(brokerName);
    if (queues?.size === 0) this.topics.delete(topic);
  }

  #setQueues(topic: string, queue: QueueData): void {
    let queues = this.topics.get(topic);
    if (queues === undefined) {
      if (this.topics.size >= TOPICS_MAX) return;
      queues = new Map();
      this.topics.set(topic, queues);
    }
    queues.set(queue.brokerName, queue);
  }

  #changeQueues(brokerName: string, change: (queue: QueueData) => QueueData): number {
    let count = 0;
    for (const queues of this.topics.values()) {
      const queue = queues.get(brokerName);
      if (queue === undefined) continue;
      queues.set(brokerName, change(queue));
      count++;
    }
    return count;
  }

  #addToCluster(cluster: string, brokerName: string): void {
    const names = this.clusters.get(cluster) ?? new Set();
    names.add(brokerName);
    this.clusters.set(cluster, names);
  }

  #removeFromCluster(cluster: string, brokerName: string): void {
    const names = this.clusters.get(cluster);
    names?.delete(brokerName);
    if (names?.size === 0) this.clusters.delete(cluster);
  }

  #takeFilterServers(key: string, servers: readonly string[] | null): void {
    if (servers === null) return;
    if (servers.length === 0) this.filterServers.delete(key);
    else this.filterServers.set(key, servers);
  }
}

const NOTHING_CHANGED: RegistrationResult = {
  masterAddress: undefined,
  haServerAddress: undefined,
  masterAdvertisesAuto: false,
  minIdChanged: false,
};

/** The smallest broker id of a group; undefined when it has no members. */
export function minId(group: BrokerGroup): number | undefined {
  return group.addresses.size === 0 ? undefined : Math.min(...group.addresses.keys());
}

/** Whether a topic can be written at a broker. */
export function isQueueWritable(queue: QueueData | undefined): boolean {
  return queue !== undefined && isWritable(queue.perm);
}

function newGroup(registration: Registration): BrokerGroup {
  return {
    cluster: registration.cluster,
    brokerName: registration.brokerName,
    addresses: new Map(),
    enableActingMaster: false,
    zoneName: undefined,
  };
}

function liveBroker(
  registration: Registration,
  body: RegisterBrokerBody,
  nowMs: number,
): LiveBroker {
  return {
    cluster: registration.cluster,
    address: registration.address,
    lastUpdateMs: nowMs,
    timeoutMs: registration.timeoutMs,
    dataVersion: body.table.dataVersion,
    haServerAddress: registration.haServerAddress,
    connectionId: registration.connectionId,
    advertiseAuto: registration.advertiseAuto,
  };
}

function queueData(brokerName: string, config: TopicConfig, readOnly: boolean): QueueData {
  return {
    brokerName,
    readQueueNums: config.readQueueNums,
    writeQueueNums: config.writeQueueNums,
    perm: readOnly ? config.perm & ~Permission.Write : config.perm,
    topicSysFlag: config.topicSysFlag,
  };
}

/** Where a broker stands in the tables of live brokers and of filter servers. */
export function liveKey(cluster: string, address: string): string {
  return `${cluster}\u0000${address}`;
}
