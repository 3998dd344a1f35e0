/**
 * Shipping: packs what is paid and lets it go after a while, unless the order is given back before.
 * Whether a parcel may leave is decided by the order, in one move, at the last moment.
 */
import { type QueryExecutorProvider, sql } from 'kysely';
import { z } from 'zod';
import { ApiError, messageOf } from '../shared/api-error.ts';
import { nothing } from '../shared/http/http-server.ts';
import { newId } from '../shared/ids.ts';
import { orderStatus, type PaymentEvent, payment } from '../shared/messaging/events.ts';
import { type CreateService, openService, type ServiceContext } from '../shared/service.ts';

type Context = ServiceContext<object>;

const MIGRATIONS = [
  `
  CREATE TABLE shipment (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    state TEXT NOT NULL,
    due_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
  );
  CREATE INDEX shipments_due ON shipment (due_ms) WHERE state = 'packing';
  `,
];

const GROUP = 'mall-shipping';
/** So few that one who watches sees a message die within seconds. */
const RECONSUME_TIMES_MAX = 2;
const LOOK_MS = 500;
const DUE_MAX = 20;
/** The order has not heard of its payment yet. */
const AGAIN_MS = 1_000;
/** States of an order from which no parcel leaves any more. */
const OVER: readonly string[] = ['cancelling', 'cancelled', 'refunding', 'refunded'];

export const createShippingService: CreateService = async (deps) => {
  const context = await openService<object>(deps, { name: 'shipping', migrations: MIGRATIONS });
  context.consume({
    ...{ group: GROUP, topic: payment, filter: { tags: ['paid', 'refunded'] } },
    maxReconsumeTimes: RECONSUME_TIMES_MAX,
    handle: async (event, trx, message) => {
      if (deps.faults.switches.poisonShipping) {
        await tellFailure(context, event, message.reconsumeTimes);
        throw new ApiError('UNAVAILABLE', 'Shipping fails, as the control room wants it');
      }
      await take(context, event, trx);
    },
  });
  context.every(LOOK_MS, 'parcels that are due', () => shipDue(context));
  addRoutes(context);
  return context.start();
};

/** A refund that comes first leaves a row that keeps the payment's parcel from being packed. */
async function take(
  { deps }: Context,
  { orderId, type, userId }: PaymentEvent,
  trx: QueryExecutorProvider,
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const state = type === 'paid' ? 'packing' : 'kept';
  await sql`
    INSERT INTO shipment (id, order_id, user_id, state, due_ms, updated_ms)
    VALUES (${newId('s')}, ${orderId}, ${userId}, ${state},
      ${nowMs + deps.settings.shipAfterMs}, ${nowMs})
    ON CONFLICT (order_id) DO UPDATE SET state = ${state}, updated_ms = ${nowMs}
    WHERE shipment.state = 'packing' AND ${type} = 'refunded'
  `.execute(trx);
}

/**
 * What a visitor sees of a message that fails. It is sent by itself: the transaction around it is
 * rolled back.
 */
async function tellFailure(
  { deps, producer }: Context,
  { orderId, userId }: PaymentEvent,
  reconsumeTimes: number,
): Promise<void> {
  const isDead = reconsumeTimes >= RECONSUME_TIMES_MAX;
  const event = {
    ...{ eventId: newId('e'), orderId, userId, source: 'shipping', atMs: deps.clock.nowMs() },
    type: isDead ? ('dead-letter' as const) : ('retry' as const),
    attempt: reconsumeTimes + 1,
    code: 'POISONED',
    detail: 'Shipping fails, as the control room wants it',
  };
  const fields = { tags: event.type, keys: orderId, properties: { eventId: event.eventId } };
  await orderStatus.send(producer, event, { ...fields, shardingKey: orderId });
}

async function shipDue(context: Context): Promise<void> {
  const { database, deps } = context;
  const { rows } = await sql<{ orderId: string }>`
    SELECT order_id AS "orderId" FROM shipment
    WHERE state = 'packing' AND due_ms <= ${deps.clock.nowMs()} ORDER BY due_ms LIMIT ${DUE_MAX}
  `.execute(database.kysely);
  await Promise.all(
    rows.map(async ({ orderId }) => {
      try {
        await ship(context, orderId);
      } catch (error) {
        deps.logger.warn({ orderId, error: messageOf(error) }, 'A parcel waits');
        await move(context, orderId, 'packing');
      }
    }),
  );
}

/** Asked twice, the order says the same twice: then it has shipped, and the parcel leaves once. */
async function ship(context: Context, orderId: string): Promise<void> {
  const { client, deps } = context;
  const { shipped, state } = await client.call({
    method: 'POST',
    url: `${deps.urls.order}/internal/orders/${encodeURIComponent(orderId)}/ship`,
    output: z.object({ shipped: z.boolean(), state: z.string().nullable() }),
  });
  const isOver = state === null || OVER.includes(state);
  await move(context, orderId, shipped ? 'shipped' : isOver ? 'kept' : 'packing');
}

async function move({ database, deps }: Context, orderId: string, state: string): Promise<void> {
  const nowMs = deps.clock.nowMs();
  await sql`
    UPDATE shipment SET state = ${state}, due_ms = ${nowMs + AGAIN_MS}, updated_ms = ${nowMs}
    WHERE order_id = ${orderId} AND state = 'packing'
  `.execute(database.kysely);
}

function addRoutes({ database, http }: Context): void {
  http.route(
    {
      ...{ method: 'GET', url: '/shipments/:orderId', access: 'user' },
      summary: "The parcel of one of the caller's orders",
      input: z.object({ params: z.object({ orderId: z.string().max(64) }) }),
    },
    async ({ params }, { caller }) => {
      const { rows } = await sql<{ userId: string }>`
        SELECT id, order_id AS "orderId", user_id AS "userId", state FROM shipment
        WHERE order_id = ${params.orderId}
      `.execute(database.kysely);
      const [shipment] = rows;
      const isTheirs = shipment?.userId === caller.userId || caller.role === 'staff';
      if (shipment === undefined || !isTheirs) {
        throw new ApiError('NOT_FOUND', `There is no parcel of order ${params.orderId}`);
      }
      return { shipment };
    },
  );
  http.route(
    {
      ...{ method: 'GET', url: '/internal/totals', access: 'internal', input: nothing },
      summary: 'Parcels by state',
    },
    async () => {
      const { rows: states } = await sql`
        SELECT state, count(*)::int AS count FROM shipment GROUP BY state ORDER BY state
      `.execute(database.kysely);
      return { states };
    },
  );
}
