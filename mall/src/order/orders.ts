/** Orders in the database. States change by compare-and-set, never by looking first. */
import { type QueryExecutorProvider, sql } from 'kysely';
import {
  type Order,
  type OrderItem,
  type OrderState,
  orderStates,
  PLACING,
  type Undoing,
} from './order.ts';

export const ORDER_MIGRATION = `
  CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    state TEXT NOT NULL,
    items JSONB NOT NULL,
    total_cents BIGINT NOT NULL DEFAULT 0,
    coupon_id TEXT,
    coupon_cents BIGINT NOT NULL DEFAULT 0,
    balance_cents BIGINT NOT NULL DEFAULT 0,
    payable_cents BIGINT NOT NULL DEFAULT 0,
    payment_id TEXT,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    confirmed_ms BIGINT,
    cancel_reason TEXT,
    rollback_reason TEXT,
    runner_until_ms BIGINT NOT NULL DEFAULT 0,
    UNIQUE (user_id, request_id)
  );
  CREATE INDEX orders_of_user ON orders (user_id, created_ms);
  CREATE INDEX orders_at_work ON orders (state, updated_ms)
    WHERE state NOT IN ('shipped', 'cancelled', 'refunded');
  CREATE TABLE order_undo (
    order_id TEXT NOT NULL,
    what TEXT NOT NULL,
    done BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (order_id, what)
  );
`;

export const CANCEL_CODE_MIGRATION = 'ALTER TABLE orders ADD COLUMN cancel_code TEXT;';

const COLUMNS = sql`
  id, user_id AS "userId", state, items, total_cents AS "totalCents", coupon_id AS "couponId",
  coupon_cents AS "couponCents", balance_cents AS "balanceCents", payable_cents AS "payableCents",
  payment_id AS "paymentId", created_ms AS "createdMs", updated_ms AS "updatedMs",
  expires_ms AS "expiresMs", confirmed_ms AS "confirmedMs", cancel_reason AS "cancelReason",
  cancel_code AS "cancelCode", rollback_reason AS "rollbackReason"
`;

export interface NewOrder {
  readonly id: string;
  readonly userId: string;
  readonly requestId: string;
  readonly items: readonly OrderItem[];
  readonly couponId: string | null;
  readonly balanceCents: number;
  readonly nowMs: number;
  readonly expiresMs: number;
}

/** Undefined when the same request has made an order before. */
export async function insertOrder(
  trx: QueryExecutorProvider,
  order: NewOrder,
): Promise<Order | undefined> {
  const { rows } = await sql<Order>`
    INSERT INTO orders (id, user_id, request_id, state, items, coupon_id, balance_cents,
      created_ms, updated_ms, expires_ms)
    VALUES (${order.id}, ${order.userId}, ${order.requestId}, 'created',
      ${JSON.stringify(order.items)}::jsonb, ${order.couponId}, ${order.balanceCents},
      ${order.nowMs}, ${order.nowMs}, ${order.expiresMs})
    ON CONFLICT (user_id, request_id) DO NOTHING RETURNING ${COLUMNS}
  `.execute(trx);
  return rows[0];
}

/** The order, for whoever will place it until then; undefined when somebody else does. */
export async function claimOrder(
  database: QueryExecutorProvider,
  id: string,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): Promise<Order | undefined> {
  const { rows } = await sql<Order>`
    UPDATE orders SET runner_until_ms = ${untilMs}
    WHERE id = ${id} AND runner_until_ms < ${nowMs} AND state IN (${sql.join(PLACING)})
    RETURNING ${COLUMNS}
  `.execute(database);
  return rows[0];
}

export async function orderOfRequest(
  database: QueryExecutorProvider,
  userId: string,
  requestId: string,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM orders WHERE user_id = ${userId} AND request_id = ${requestId}
  `.execute(database);
  return rows[0]?.id;
}

export async function readOrder(
  database: QueryExecutorProvider,
  id: string,
): Promise<Order | undefined> {
  const { rows } = await sql<Order>`SELECT ${COLUMNS} FROM orders WHERE id = ${id}`.execute(
    database,
  );
  return rows[0];
}

/** The same, and whoever else asks for it waits until this transaction ends. */
export async function lockOrder(
  trx: QueryExecutorProvider,
  id: string,
): Promise<Order | undefined> {
  const { rows } = await sql<Order>`
    SELECT ${COLUMNS} FROM orders WHERE id = ${id} FOR UPDATE
  `.execute(trx);
  return rows[0];
}

export interface OrderQuery {
  /** Undefined: of all users. */
  readonly userId?: string;
  readonly state?: OrderState;
  /** From 1 on. */
  readonly page: number;
  readonly pageSize: number;
}

export async function findOrders(
  database: QueryExecutorProvider,
  { userId, state, page, pageSize }: OrderQuery,
): Promise<{ orders: Order[]; total: number }> {
  const where = sql`
    ${userId === undefined ? sql`true` : sql`user_id = ${userId}`}
    AND ${state === undefined ? sql`true` : sql`state = ${state}`}
  `;
  const { rows: orders } = await sql<Order>`
    SELECT ${COLUMNS} FROM orders WHERE ${where}
    ORDER BY created_ms DESC, id LIMIT ${pageSize} OFFSET ${(page - 1) * pageSize}
  `.execute(database);
  const { rows: counts } = await sql<{ n: number }>`
    SELECT count(*)::int AS n FROM orders WHERE ${where}
  `.execute(database);
  return { orders, total: counts[0]?.n ?? 0 };
}

/** What may change with a state. */
export interface OrderChanges {
  readonly items?: readonly OrderItem[];
  readonly totalCents?: number;
  readonly couponCents?: number;
  readonly balanceCents?: number;
  readonly payableCents?: number;
  readonly paymentId?: string | null;
  readonly expiresMs?: number;
  readonly confirmedMs?: number;
  readonly cancelReason?: string;
  readonly cancelCode?: string;
  readonly rollbackReason?: string;
}

const CHANGE_COLUMNS: Readonly<Record<keyof OrderChanges, string>> = {
  items: 'items',
  totalCents: 'total_cents',
  couponCents: 'coupon_cents',
  balanceCents: 'balance_cents',
  payableCents: 'payable_cents',
  paymentId: 'payment_id',
  expiresMs: 'expires_ms',
  confirmedMs: 'confirmed_ms',
  cancelReason: 'cancel_reason',
  cancelCode: 'cancel_code',
  rollbackReason: 'rollback_reason',
};

/**
 * Moves an order to a state from any state that may come before it, or from the ones given; the
 * order as it is then, or undefined when it was in another state: somebody was faster.
 */
export async function moveOrder(
  trx: QueryExecutorProvider,
  id: string,
  move: {
    readonly to: OrderState;
    readonly from?: readonly OrderState[];
    readonly nowMs: number;
    readonly changes?: OrderChanges;
  },
): Promise<Order | undefined> {
  const { to, nowMs, changes = {} } = move;
  const from = (move.from ?? orderStates.states).filter((one) => orderStates.allows(one, to));
  const sets = [sql`state = ${to}`, sql`updated_ms = ${nowMs}`];
  for (const [name, column] of Object.entries(CHANGE_COLUMNS)) {
    if (!isChange(name) || changes[name] === undefined) continue;
    const value = name === 'items' ? JSON.stringify(changes.items) : changes[name];
    sets.push(sql`${sql.ref(column)} = ${value}`);
  }
  const { rows } = await sql<Order>`
    UPDATE orders SET ${sql.join(sets)} WHERE id = ${id} AND state IN (${sql.join(from)})
    RETURNING ${COLUMNS}
  `.execute(trx);
  return rows[0];
}

function isChange(name: string): name is keyof OrderChanges {
  return Object.hasOwn(CHANGE_COLUMNS, name);
}

/** Notes what has to come back. */
export async function expectUndone(
  trx: QueryExecutorProvider,
  orderId: string,
  whats: readonly Undoing[],
): Promise<void> {
  const rows = whats.map((what) => sql`(${orderId}, ${what})`);
  await sql`
    INSERT INTO order_undo (order_id, what) VALUES ${sql.join(rows)} ON CONFLICT DO NOTHING
  `.execute(trx);
}

/** Notes that something has come back. Lock the order first: the last one must see the others. */
export async function noteUndone(
  trx: QueryExecutorProvider,
  orderId: string,
  what: Undoing,
): Promise<Undoing[]> {
  await sql`
    UPDATE order_undo SET done = true WHERE order_id = ${orderId} AND what = ${what}
  `.execute(trx);
  return stillToUndo(trx, orderId);
}

export async function stillToUndo(
  database: QueryExecutorProvider,
  orderId: string,
): Promise<Undoing[]> {
  const { rows } = await sql<{ what: Undoing }>`
    SELECT what FROM order_undo WHERE order_id = ${orderId} AND NOT done
  `.execute(database);
  return rows.map(({ what }) => what);
}
