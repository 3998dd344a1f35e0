/** Which clients are subscribed to which lite topics. In memory: clients say it again and again. */
import type { Clock } from '@skylarkmq/base';
import type { Connection } from '@skylarkmq/remoting';

/** How a client is told that it lost a lite topic. */
export type LiteConnection = Pick<Connection, 'closed' | 'invokeOneway'>;

/** What one client wants. */
export interface LiteClient {
  readonly clientId: string;
  readonly group: string;
  /** The parent topic. */
  readonly topic: string;
  /** Names of light queues. */
  readonly queues: Set<string>;
  /** Of a wildcard group: every lite topic of the parent, which counts as one. */
  isWildcard: boolean;
  connection: LiteConnection;
  /** When it spoke last, in ms since the epoch. */
  accessMs: number;
  /** When it got messages last; 0 for never. */
  consumeMs: number;
}

export class LiteSubscriptions {
  readonly #clock: Clock;
  readonly #clients = new Map<string, LiteClient>();
  /** By the light queue's name. */
  readonly #subscribers = new Map<string, Set<LiteClient>>();
  readonly #wildcardGone: (group: string) => void;
  #count = 0;

  /** `wildcardGone` is told when a group has no wildcard client any more. */
  constructor(clock: Clock, wildcardGone: (group: string) => void = () => {}) {
    this.#clock = clock;
    this.#wildcardGone = wildcardGone;
  }

  /** Subscriptions of all clients together. */
  get count(): number {
    return this.#count;
  }

  find(clientId: string): LiteClient | undefined {
    return this.#clients.get(clientId);
  }

  /** The client, made when it is new or came back for another group. */
  client(clientId: string, group: string, topic: string, connection: LiteConnection): LiteClient {
    const nowMs = this.#clock.nowMs();
    const known = this.#clients.get(clientId);
    if (known !== undefined && known.group === group && known.topic === topic) {
      known.connection = connection;
      known.accessMs = nowMs;
      return known;
    }
    if (known !== undefined) this.remove(clientId);
    const queues = new Set<string>();
    const times = { accessMs: nowMs, consumeMs: 0 };
    const made = { clientId, group, topic, queues, isWildcard: false, connection, ...times };
    this.#clients.set(clientId, made);
    return made;
  }

  /** False when it was subscribed already. */
  add(client: LiteClient, queue: string): boolean {
    if (client.queues.has(queue)) return false;
    client.queues.add(queue);
    const subscribers = this.#subscribers.get(queue);
    if (subscribers === undefined) this.#subscribers.set(queue, new Set([client]));
    else subscribers.add(client);
    this.#count++;
    return true;
  }

  /** The client wants all lite topics of its parent, and none by name. */
  addWildcard(client: LiteClient): void {
    for (const queue of [...client.queues]) this.drop(client, queue);
    if (client.isWildcard) return;
    client.isWildcard = true;
    this.#count++;
  }

  drop(client: LiteClient, queue: string): void {
    if (!client.queues.delete(queue)) return;
    const subscribers = this.#subscribers.get(queue);
    subscribers?.delete(client);
    if (subscribers?.size === 0) this.#subscribers.delete(queue);
    this.#count--;
  }

  remove(clientId: string): void {
    const client = this.#clients.get(clientId);
    if (client === undefined) return;
    for (const queue of [...client.queues]) this.drop(client, queue);
    if (client.isWildcard) this.#count--;
    this.#clients.delete(clientId);
    if (client.isWildcard && !this.clientsOf(client.group).some((one) => one.isWildcard)) {
      this.#wildcardGone(client.group);
    }
  }

  /** Clients that are subscribed to a light queue. */
  subscribers(queue: string): LiteClient[] {
    return [...(this.#subscribers.get(queue) ?? [])];
  }

  clientsOf(group: string): LiteClient[] {
    return [...this.#clients.values()].filter((client) => client.group === group);
  }

  /** Forgets a light queue that is gone. */
  removeQueue(queue: string): void {
    for (const client of this.subscribers(queue)) this.drop(client, queue);
  }

  connectionClosed(connection: LiteConnection): void {
    for (const [clientId, client] of this.#clients) {
      if (client.connection === connection) this.remove(clientId);
    }
  }

  /** Forgets clients that were silent for so long. */
  removeSilent(silentMs: number): void {
    const beforeMs = this.#clock.nowMs() - silentMs;
    for (const [clientId, { accessMs }] of this.#clients) {
      if (accessMs < beforeMs) this.remove(clientId);
    }
  }
}
