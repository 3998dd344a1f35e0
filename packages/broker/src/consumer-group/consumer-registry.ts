/** The consumers that are online, by group, and what the groups subscribe to. */
import {
  type Clock,
  type Logger,
  MqError,
  MqErrorCode,
  type Scheduler,
  type Timer,
} from '@skylarkmq/base';
import type { Connection } from '@skylarkmq/remoting';
import {
  type ConsumerData,
  NotifyConsumerIdsChanged,
  type SubscriptionData,
} from '@skylarkmq/wire';
import type { BrokerSettings } from '../settings.ts';
import type { GroupTable } from '../subscription/group-table.ts';
import type { ClientChannel } from './client-channel.ts';
import { GroupMembers } from './group-members.ts';
import { SubscriptionGuard } from './subscription-guard.ts';

const SCAN_PERIOD_MS = 10_000;
/** A group that subscribes to more topics is refused. */
const SUBSCRIPTIONS_MAX = 10_000;
const BROADCASTING = 'BROADCASTING';

/** A consumer group that is online. */
export interface ConsumerGroup {
  readonly name: string;
  /** CONSUME_ACTIVELY, CONSUME_PASSIVELY, CONSUME_POP; of the last member that said it. */
  readonly consumeType: string;
  /** BROADCASTING, CLUSTERING. */
  readonly messageModel: string;
  readonly consumeFromWhere: string;
  /** Topic to what the group wants of it. An object stays the same while the wish does. */
  readonly subscriptions: ReadonlyMap<string, SubscriptionData>;
  readonly clients: ReadonlyMap<Connection, ClientChannel>;
}

export interface ConsumerRegistryDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  settings(): BrokerSettings;
  readonly groups: Pick<GroupTable, 'get'>;
}

interface GroupState {
  consumeType: string;
  messageModel: string;
  consumeFromWhere: string;
  readonly subscriptions: Map<string, SubscriptionData>;
  /** Of the heartbeat that brought the subscriptions; 0 when it was a classic one. */
  fingerprint: number;
}

export class ConsumerRegistry {
  readonly #deps: ConsumerRegistryDeps;
  readonly #members = new GroupMembers();
  readonly #states = new Map<string, GroupState>();
  /** Groups whose members are told of a change at the end of this turn of the event loop. */
  readonly #toNotify = new Set<string>();
  /** Whether the members of groups agree. */
  readonly guard: SubscriptionGuard;
  readonly #goneListeners: ((group: string) => void)[] = [];
  readonly #scan: Timer;

  constructor(deps: ConsumerRegistryDeps) {
    this.#deps = deps;
    this.guard = new SubscriptionGuard(deps.logger);
    this.#scan = deps.scheduler.every(SCAN_PERIOD_MS, () => this.#expire());
  }

  /**
   * Takes a member's heartbeat in; whether members or topics of the group changed, of which all
   * members are told. `fingerprint` is that of a heartbeat of the second form, else 0. BUSY when
   * it subscribes to too much.
   */
  // RocketMQ: ConsumerManager#registerConsumer
  register(data: ConsumerData, client: ClientChannel, fingerprint = 0): boolean {
    if (data.subscriptionDataSet.length > SUBSCRIPTIONS_MAX) {
      const many = data.subscriptionDataSet.length;
      const message = `Group ${data.groupName} subscribes to ${many} topics, at most`;
      throw new MqError(MqErrorCode.Busy, `${message} ${SUBSCRIPTIONS_MAX} are allowed`);
    }
    const state = this.#states.get(data.groupName) ?? newState();
    this.#states.set(data.groupName, state);
    state.consumeType = data.consumeType;
    state.messageModel = data.messageModel;
    state.consumeFromWhere = data.consumeFromWhere;
    state.fingerprint = fingerprint;
    this.guard.register(data, client);
    const isNewMember = this.#members.add(data.groupName, client);
    const hasNewTopics = takeSubscriptions(state.subscriptions, data.subscriptionDataSet);
    const isChanged = isNewMember || hasNewTopics;
    if (isChanged) this.#notify(data.groupName);
    return isChanged;
  }

  /**
   * Takes a heartbeat in that leaves the subscriptions out. False when the group's are not those
   * that the fingerprint stands for: the client must send them.
   */
  // RocketMQ: ConsumerManager#registerConsumerWithoutSub
  refresh(group: string, client: ClientChannel, fingerprint: number): boolean {
    const state = this.#states.get(group);
    if (state === undefined) return false;
    if (this.#members.add(group, client)) this.#notify(group);
    return state.fingerprint === fingerprint;
  }

  /** A member leaves its group. */
  unregister(clientId: string, group: string, connection: Connection): void {
    const client = this.#members.of(group)?.get(connection);
    if (client?.clientId === clientId) this.#remove(group, connection);
  }

  /** Everything that a closed connection was a member of loses it. */
  connectionClosed(connection: Connection): void {
    for (const group of this.#members.groupsOf(connection)) this.#remove(group, connection);
  }

  /** Calls `listener` whenever the last consumer of a group has left. */
  onGroupGone(listener: (group: string) => void): void {
    this.#goneListeners.push(listener);
  }

  /** The group; undefined when none of its consumers is online. */
  group(name: string): ConsumerGroup | undefined {
    const clients = this.#members.of(name);
    const state = this.#states.get(name);
    return clients === undefined || state === undefined ? undefined : { name, clients, ...state };
  }

  subscription(group: string, topic: string): SubscriptionData | undefined {
    return this.#states.get(group)?.subscriptions.get(topic);
  }

  /** Whether one of the group's consumers is online. */
  isOnline(group: string): boolean {
    return this.#states.has(group);
  }

  /** Whether the group's consumers get every message each; false when none is online. */
  isBroadcasting(group: string): boolean {
    return this.#states.get(group)?.messageModel === BROADCASTING;
  }

  /** The client ids of a group, each once. */
  clientIds(group: string): string[] {
    const clients = this.#members.of(group)?.values() ?? [];
    return [...new Set([...clients].map((client) => client.clientId))];
  }

  client(group: string, clientId: string): ClientChannel | undefined {
    for (const client of this.#members.of(group)?.values() ?? []) {
      if (client.clientId === clientId) return client;
    }
    return undefined;
  }

  *groups(): Iterable<ConsumerGroup> {
    for (const name of this.#members.groups()) {
      const group = this.group(name);
      if (group !== undefined) yield group;
    }
  }

  /** Names of the groups online that subscribe to a topic. */
  groupsOf(topic: string): string[] {
    const names: string[] = [];
    for (const [name, { subscriptions }] of this.#states) {
      if (subscriptions.has(topic)) names.push(name);
    }
    return names;
  }

  close(): void {
    this.#scan.cancel();
  }

  #remove(group: string, connection: Connection): void {
    if (!this.#members.remove(group, connection)) return;
    this.guard.remove(group, connection);
    if (this.#members.of(group) !== undefined) {
      this.#notify(group);
      return;
    }
    this.#states.delete(group);
    for (const listener of this.#goneListeners) listener(group);
  }

  #expire(): void {
    const { clock, logger, settings } = this.#deps;
    const limitMs = clock.monotonicMs() - settings().channelExpiredTimeout;
    for (const { group, client } of this.#members.silentSince(limitMs)) {
      const { clientId, connection } = client;
      logger.warn({ group, clientId, peer: connection.remoteAddress }, 'A consumer went silent');
      this.#remove(group, connection);
      connection.close('no heartbeat');
    }
  }

  /** Many members that come at once cause one round of notices. */
  #notify(group: string): void {
    if (this.#toNotify.size === 0) this.#deps.scheduler.immediate(() => this.#sendNotices());
    this.#toNotify.add(group);
  }

  #sendNotices(): void {
    const groups = [...this.#toNotify];
    this.#toNotify.clear();
    if (!this.#deps.settings().notifyConsumerIdsChangedEnable) return;
    for (const consumerGroup of groups) {
      if (this.isBroadcasting(consumerGroup)) continue;
      if (this.#deps.groups.get(consumerGroup)?.notifyConsumerIdsChangedEnable === false) continue;
      const ext = NotifyConsumerIdsChanged.request.encode({ consumerGroup });
      for (const { connection } of this.#members.of(consumerGroup)?.values() ?? []) {
        // Who does not read what he is sent would not read this either, and asks by himself.
        if (connection.closed || connection.congested) continue;
        connection.invokeOneway({ code: NotifyConsumerIdsChanged.code, ext });
      }
    }
  }
}

function newState(): GroupState {
  const nothing = { consumeType: '', messageModel: '', consumeFromWhere: '' };
  return { ...nothing, subscriptions: new Map(), fingerprint: 0 };
}

/** Topics that are not named any more go; whether topics came or went. */
// RocketMQ: ConsumerGroupInfo#updateSubscription
function takeSubscriptions(
  known: Map<string, SubscriptionData>,
  wanted: readonly SubscriptionData[],
): boolean {
  let isChanged = false;
  const names = new Set<string>();
  for (const subscription of wanted) {
    names.add(subscription.topic);
    const before = known.get(subscription.topic);
    if (before === undefined) isChanged = true;
    else if (before.subVersion >= subscription.subVersion) continue;
    known.set(subscription.topic, subscription);
  }
  for (const topic of known.keys()) {
    if (names.has(topic)) continue;
    known.delete(topic);
    isChanged = true;
  }
  return isChanged;
}
