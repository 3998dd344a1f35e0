/**
 * Which brokers are alive: those whose connection is open and who were heard of in time. Brokers
 * that are not are unregistered, and the rest of their group is told when that matters.
 */
import type { Clock, Logger, Scheduler, Timer } from '@skylarkmq/base';
import type { Connection } from '@skylarkmq/remoting';
import { NotifyMinBrokerIdChange, type Outgoing } from '@skylarkmq/wire';
import type { NamesrvSettings } from './config.ts';
import { type BrokerGroup, type LiveBroker, minId, type RouteTable } from './route-table.ts';

export interface LivenessDeps {
  readonly table: RouteTable;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  settings(): NamesrvSettings;
  connectionOf(id: number): Connection | undefined;
  /** Sends a one-way request to a broker, at the address that it registered. */
  tell(address: string, request: Outgoing): void;
}

export class BrokerLiveness {
  readonly #deps: LivenessDeps;
  #timer: Timer | undefined;

  constructor(deps: LivenessDeps) {
    this.#deps = deps;
  }

  start(): void {
    // Not `every`: the period can be changed while we run.
    const period = this.#deps.settings().scanNotActiveBrokerInterval;
    this.#timer = this.#deps.scheduler.after(period, () => {
      this.scan();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Unregisters the brokers that were silent for too long. */
  // RocketMQ: RouteInfoManager#scanNotActiveBroker
  scan(): void {
    const now = this.#deps.clock.nowMs();
    for (const live of [...this.#deps.table.liveBrokers()]) {
      if (live.lastUpdateMs + live.timeoutMs >= now) continue;
      this.#deps.connectionOf(live.connectionId)?.close('the broker was silent for too long');
      this.#remove(live, `silent for ${live.timeoutMs} ms`);
    }
  }

  /** The connection over which brokers registered is gone: so are they. */
  connectionClosed(connection: Connection): void {
    for (const live of [...this.#deps.table.liveBrokers()]) {
      if (live.connectionId === connection.id) this.#remove(live, 'its connection closed');
    }
  }

  /** A broker says that it leaves. */
  unregister(cluster: string, brokerName: string, address: string): void {
    const { table } = this.#deps;
    const group = table.groups.get(brokerName);
    const previousMin = group === undefined ? undefined : minId(group);
    const previousAddress =
      previousMin === undefined ? undefined : group?.addresses.get(previousMin);
    const left = table.unregister(cluster, brokerName, address);
    if (left === undefined || previousAddress !== address) return;
    this.#notify(left, undefined, address);
  }

  /** A broker with a smaller id than all others of its group came. */
  minIdChanged(brokerName: string, haAddress: string): void {
    const group = this.#deps.table.groups.get(brokerName);
    if (group !== undefined) this.#notify(group, haAddress, undefined);
  }

  #remove(live: LiveBroker, reason: string): void {
    const brokerName = this.#deps.table.brokerNameOf(live);
    const fields = { brokerName, address: live.address, reason };
    this.#deps.logger.warn(fields, 'Broker is gone');
    this.unregister(live.cluster, brokerName ?? '', live.address);
  }

  // RocketMQ: RouteInfoManager#notifyMinBrokerIdChanged
  #notify(group: BrokerGroup, haAddress: string | undefined, offline: string | undefined): void {
    if (!this.#deps.settings().notifyMinBrokerIdChanged || !group.enableActingMaster) return;
    const minBrokerId = minId(group);
    if (minBrokerId === undefined) return;
    const ext = NotifyMinBrokerIdChange.request.encode({
      minBrokerId,
      minBrokerAddr: group.addresses.get(minBrokerId),
      offlineBrokerAddr: offline,
      haBrokerAddr: haAddress,
    });
    const all = offline !== undefined || group.addresses.size === 1;
    for (const [id, address] of group.addresses) {
      if (!all && id === minBrokerId) continue;
      // Not over the connection of its registration: Apache's brokers serve nothing there.
      this.#deps.tell(address, { code: NotifyMinBrokerIdChange.code, ext });
    }
  }
}
