/** All connections of an instance of the gateway: who watches what, and the heartbeat. */
import type { Connection } from './connection.ts';

/** Connections of one visitor at most: so many tabs nobody has. */
export const CONNECTIONS_PER_VISITOR_MAX = 20;
/** Connections of this instance at most. */
const CONNECTIONS_MAX = 10_000;

/** See the head of this file. */
export class Connections {
  readonly #all = new Map<Connection, string>();

  get size(): number {
    return this.#all.size;
  }

  /** False when there are too many. */
  add(connection: Connection, userId: string): boolean {
    if (this.#all.size >= CONNECTIONS_MAX) return false;
    let own = 0;
    for (const owner of this.#all.values()) if (owner === userId) own++;
    if (own >= CONNECTIONS_PER_VISITOR_MAX) return false;
    this.#all.set(connection, userId);
    return true;
  }

  remove(connection: Connection): void {
    connection.close();
    this.#all.delete(connection);
  }

  /** The orders that are watched, with the lowest number that a page of theirs is at. */
  watched(): ReadonlyMap<string, number> {
    const lowest = new Map<string, number>();
    for (const connection of this.#all.keys()) {
      for (const [orderId, sentSeq] of connection.feed.orders) {
        lowest.set(orderId, Math.min(sentSeq, lowest.get(orderId) ?? sentSeq));
      }
    }
    return lowest;
  }

  /** There is something new of an order. */
  notify(orderId: string): void {
    for (const connection of this.#all.keys()) connection.feed.notify(orderId);
  }

  /** The gateway stops: pages connect to another one, or to this one when it is back. */
  endAll(): void {
    for (const connection of [...this.#all.keys()]) connection.end();
  }

  /** The heartbeat. */
  tick(): void {
    for (const connection of [...this.#all.keys()]) connection.tick();
  }
}
