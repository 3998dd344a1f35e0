/** The producers that are online, by group. */
import type { Clock, Logger, Scheduler, Timer } from '@skylarkmq/base';
import type { Connection } from '@skylarkmq/remoting';
import type { BrokerSettings } from '../settings.ts';
import type { ClientChannel } from './client-channel.ts';
import { GroupMembers } from './group-members.ts';

const SCAN_PERIOD_MS = 10_000;
/** Groups beyond this are not remembered: they send, but administrators do not see them. */
const GROUPS_MAX = 100_000;

export interface ProducerRegistryDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  settings(): BrokerSettings;
}

export class ProducerRegistry {
  readonly #deps: ProducerRegistryDeps;
  readonly #members = new GroupMembers();
  /** The newest connection of each client id, whatever its groups; as many as there are members. */
  readonly #byClientId = new Map<string, ClientChannel>();
  readonly #scan: Timer;

  constructor(deps: ProducerRegistryDeps) {
    this.#deps = deps;
    this.#scan = deps.scheduler.every(SCAN_PERIOD_MS, () => this.#expire());
  }

  register(group: string, client: ClientChannel): void {
    if (this.#members.of(group) === undefined && this.#members.groupCount >= GROUPS_MAX) return;
    this.#members.add(group, client);
    this.#byClientId.set(client.clientId, client);
  }

  unregister(clientId: string, group: string, connection: Connection): void {
    const client = this.#members.of(group)?.get(connection);
    if (client?.clientId === clientId) this.#remove(group, client);
  }

  connectionClosed(connection: Connection): void {
    for (const group of this.#members.groupsOf(connection)) {
      const client = this.#members.of(group)?.get(connection);
      if (client !== undefined) this.#remove(group, client);
    }
  }

  /** The connection of a client that is a member of any group; undefined when it is not online. */
  // RocketMQ: ProducerManager#findChannel
  client(clientId: string): ClientChannel | undefined {
    return this.#byClientId.get(clientId);
  }

  /** The members of a group that are online. */
  clients(group: string): ClientChannel[] {
    return [...(this.#members.of(group)?.values() ?? [])];
  }

  groups(): string[] {
    return [...this.#members.groups()];
  }

  close(): void {
    this.#scan.cancel();
  }

  #expire(): void {
    const { clock, logger, settings } = this.#deps;
    const limitMs = clock.monotonicMs() - settings().channelExpiredTimeout;
    for (const { group, client } of this.#members.silentSince(limitMs)) {
      const { clientId, connection } = client;
      logger.warn({ group, clientId, peer: connection.remoteAddress }, 'A producer went silent');
      this.#remove(group, client);
      connection.close('no heartbeat');
    }
  }

  #remove(group: string, { clientId, connection }: ClientChannel): void {
    this.#members.remove(group, connection);
    if (this.#members.groupsOf(connection).length > 0) return;
    if (this.#byClientId.get(clientId)?.connection === connection) {
      this.#byClientId.delete(clientId);
    }
  }
}
