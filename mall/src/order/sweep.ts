/** Looks for orders that nobody is at work on: what a lost message would leave behind. */
import { type QueryExecutorProvider, sql } from 'kysely';
import type { ServiceContext } from '../shared/service.ts';
import { UNPAID } from './consumers.ts';
import type { OrderState } from './order.ts';
import type { OrderWork } from './order-work.ts';
import { lockOrder } from './orders.ts';

/** The delayed message comes first, if all is well. */
const UNPAID_GRACE_MS = 3_000;
/** What is undone answers within this, if all is well. */
const UNDO_PATIENCE_MS = 10_000;
const ORDERS_AT_ONCE = 200;
const UNDOING: readonly OrderState[] = ['cancelling', 'refunding'];

export async function sweepOrders(context: ServiceContext<object>, work: OrderWork): Promise<void> {
  const { database, deps } = context;
  const nowMs = deps.clock.nowMs();
  for (const id of await unpaid(database.kysely, nowMs - UNPAID_GRACE_MS)) {
    await context.transaction((trx) =>
      work.cancel(trx, id, { ...UNPAID, from: ['awaiting-payment'] }),
    );
  }
  for (const id of await undoing(database.kysely, nowMs - UNDO_PATIENCE_MS)) {
    await context.transaction(async (trx) => {
      const order = await lockOrder(trx, id);
      if (order === undefined || !UNDOING.includes(order.state)) return;
      await sql`UPDATE orders SET updated_ms = ${nowMs} WHERE id = ${id}`.execute(trx);
      await work.remind(trx, order);
    });
  }
}

async function unpaid(database: QueryExecutorProvider, beforeMs: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM orders WHERE state = 'awaiting-payment' AND expires_ms < ${beforeMs}
    LIMIT ${ORDERS_AT_ONCE}
  `.execute(database);
  return rows.map(({ id }) => id);
}

async function undoing(database: QueryExecutorProvider, beforeMs: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM orders WHERE state IN (${sql.join(UNDOING)}) AND updated_ms < ${beforeMs}
    LIMIT ${ORDERS_AT_ONCE}
  `.execute(database);
  return rows.map(({ id }) => id);
}
