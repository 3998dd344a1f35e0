import type { Connection } from '@skylarkmq/remoting';
import type { ClientChannel } from './client-channel.ts';

/**
 * Who is in which group. One connection is one client in a group: another client id on the same
 * connection replaces the first.
 */
export class GroupMembers {
  readonly #groups = new Map<string, Map<Connection, ClientChannel>>();
  readonly #groupsOfConnection = new Map<Connection, Set<string>>();

  /** Whether the connection, or its client id, is new in the group. */
  add(group: string, client: ClientChannel): boolean {
    const members = this.#groups.get(group) ?? new Map<Connection, ClientChannel>();
    const known = members.get(client.connection);
    this.#groups.set(group, members.set(client.connection, client));
    const groups = this.#groupsOfConnection.get(client.connection) ?? new Set();
    this.#groupsOfConnection.set(client.connection, groups.add(group));
    return known?.clientId !== client.clientId;
  }

  /** Whether the connection was in the group. */
  remove(group: string, connection: Connection): boolean {
    const members = this.#groups.get(group);
    if (members === undefined || !members.delete(connection)) return false;
    if (members.size === 0) this.#groups.delete(group);
    const groups = this.#groupsOfConnection.get(connection);
    groups?.delete(group);
    if (groups?.size === 0) this.#groupsOfConnection.delete(connection);
    return true;
  }

  /** The members of a group; undefined when it has none. */
  of(group: string): ReadonlyMap<Connection, ClientChannel> | undefined {
    return this.#groups.get(group);
  }

  /** The groups that a connection is in. */
  groupsOf(connection: Connection): string[] {
    return [...(this.#groupsOfConnection.get(connection) ?? [])];
  }

  groups(): IterableIterator<string> {
    return this.#groups.keys();
  }

  get groupCount(): number {
    return this.#groups.size;
  }

  /** Members that were last heard of before `monotonicMs`, with their groups. */
  silentSince(monotonicMs: number): { group: string; client: ClientChannel }[] {
    const silent: { group: string; client: ClientChannel }[] = [];
    for (const [group, members] of this.#groups) {
      for (const client of members.values()) {
        if (client.lastUpdateMs < monotonicMs) silent.push({ group, client });
      }
    }
    return silent;
  }
}
