/**
 * Runs the placing of orders in the background, so many at a time. An order is claimed by a lease
 * in its row: when a process dies, another one resumes its orders once their leases are over.
 */
import { sql } from 'kysely';
import { placeOrder } from '../flows/place-order.ts';
import { messageOf } from '../shared/api-error.ts';
import type { ServiceContext } from '../shared/service.ts';
import { PLACING } from './order.ts';
import type { OrderWork } from './order-work.ts';
import { claimOrder } from './orders.ts';

const CONCURRENCY = 32;
/** Renewed while the order is at work. */
const LEASE_MS = 10_000;
const RESUMED_AT_ONCE = 64;
/** A new order is begun by the process that took it; this long nobody else looks. */
const GRACE_MS = 2_000;

export class OrderRunner {
  readonly #context: ServiceContext<object>;
  readonly #work: OrderWork;
  readonly #waiting: string[] = [];
  readonly #running = new Map<string, Promise<void>>();

  constructor(context: ServiceContext<object>, work: OrderWork) {
    this.#context = context;
    this.#work = work;
  }

  /** Starts when it is its turn. */
  place(id: string): void {
    this.#waiting.push(id);
    this.#fill();
  }

  /** Takes over orders whose lease is over, or that nobody has begun. */
  async resume(): Promise<void> {
    const nowMs = this.#context.deps.clock.nowMs();
    const { rows } = await sql<{ id: string }>`
      SELECT id FROM orders WHERE state IN (${sql.join(PLACING)})
        AND runner_until_ms < ${nowMs} AND created_ms < ${nowMs - GRACE_MS}
      ORDER BY updated_ms LIMIT ${RESUMED_AT_ONCE}
    `.execute(this.#context.database.kysely);
    for (const { id } of rows) if (!this.#waiting.includes(id)) this.place(id);
  }

  /** Keeps the leases of what is at work here. Call it more often than leases are long. */
  async renew(): Promise<void> {
    const ids = [...this.#running.keys()];
    if (ids.length === 0) return;
    await sql`
      UPDATE orders SET runner_until_ms = ${this.#context.deps.clock.nowMs() + LEASE_MS}
      WHERE id IN (${sql.join(ids)}) AND state IN (${sql.join(PLACING)})
    `.execute(this.#context.database.kysely);
  }

  /** Waits for what has begun. */
  async stop(): Promise<void> {
    this.#waiting.length = 0;
    await Promise.all(this.#running.values());
  }

  #fill(): void {
    while (this.#running.size < CONCURRENCY) {
      const id = this.#waiting.shift();
      if (id === undefined) return;
      if (this.#running.has(id)) continue;
      const running = this.#run(id).finally(() => {
        this.#running.delete(id);
        this.#fill();
      });
      this.#running.set(id, running);
    }
  }

  async #run(id: string): Promise<void> {
    const { database, deps } = this.#context;
    try {
      const nowMs = deps.clock.nowMs();
      const lease = { nowMs, untilMs: nowMs + LEASE_MS };
      const order = await claimOrder(database.kysely, id, lease);
      if (order === undefined) return;
      await placeOrder({ context: this.#context, work: this.#work }, order);
    } catch (error) {
      deps.logger.warn({ orderId: id, error: messageOf(error) }, 'An order will be resumed');
    }
  }
}
