import { z } from 'zod';
import { ApiError, messageOf } from '../shared/api-error.ts';
import type { Caller } from '../shared/http/http-server.ts';
import { newId } from '../shared/ids.ts';
import { centsSchema, timelineEventSchema } from '../shared/messaging/events.ts';
import type { ServiceContext } from '../shared/service.ts';
import { ORDER_STATES, type Order } from './order.ts';
import type { OrderWork } from './order-work.ts';
import { findOrders, insertOrder, moveOrder, orderOfRequest, readOrder } from './orders.ts';
import type { OrderRunner } from './runner.ts';

type Context = ServiceContext<object>;

const PAGE_SIZE = 20;
const PAGE_MAX = 10_000;
const ITEMS_MAX = 50;
const QUANTITY_MAX = 99;
const TIMELINE_TIMEOUT_MS = 1_000;

const newOrderSchema = z.object({
  items: z
    .array(
      z.object({
        productId: z.string().min(1).max(64),
        quantity: z.number().int().min(1).max(QUANTITY_MAX),
        priceCents: centsSchema,
      }),
    )
    .min(1)
    .max(ITEMS_MAX)
    .refine(
      (items) => new Set(items.map(({ productId }) => productId)).size === items.length,
      'one product twice',
    ),
  couponId: z.string().max(64).nullish(),
  useBalanceCents: centsSchema.default(0),
  /** New for each click: the same again gives the same order. */
  requestId: z.string().min(8).max(64),
});

const oneSchema = z.object({ params: z.object({ id: z.string().max(64) }) });
const pageSchema = z.coerce.number().int().min(1).max(PAGE_MAX).default(1);

export function addOrderRoutes(context: Context, work: OrderWork, runner: OrderRunner): void {
  addPlacing(context, work, runner);
  addReading(context);
  addEnding(context, work);
  addInternal(context, work);
}

function addPlacing(context: Context, work: OrderWork, runner: OrderRunner): void {
  const { http, deps, database } = context;
  http.route(
    {
      ...{ method: 'POST', url: '/orders', access: 'user', status: 202 },
      summary: 'Takes an order; it is placed in the background, its timeline says how far it is',
      input: z.object({ body: newOrderSchema }),
      output: z.object({ orderId: z.string() }),
    },
    async ({ body }, { caller }) => {
      const { userId } = caller;
      const { requestId } = body;
      const id = newId('o');
      const nowMs = deps.clock.nowMs();
      const isNew = await context.transaction(async (trx) => {
        const inserted = await insertOrder(trx, {
          ...{ id, userId, requestId, nowMs, items: body.items },
          couponId: body.couponId ?? null,
          balanceCents: body.useBalanceCents,
          expiresMs: nowMs + deps.settings.paymentTimeoutMs,
        });
        if (inserted !== undefined) await work.say(trx, inserted, 'created');
        return inserted !== undefined;
      });
      if (!isNew) return { orderId: await orderOfRequest(database.kysely, userId, requestId) };
      runner.place(id);
      return { orderId: id };
    },
  );
}

function addReading(context: Context): void {
  const { http, database } = context;
  http.route(
    {
      ...{ method: 'GET', url: '/orders', access: 'user' },
      summary: "The caller's orders, the newest first",
      input: z.object({ query: z.object({ page: pageSchema }) }),
    },
    async ({ query }, { caller }) => {
      const { userId } = caller;
      const find = { userId, page: query.page, pageSize: PAGE_SIZE };
      const { orders, total } = await findOrders(database.kysely, find);
      return { orders: orders.map(shown), total };
    },
  );
  http.route(
    {
      ...{ method: 'GET', url: '/orders/:id', access: 'user', input: oneSchema },
      summary: 'An order with what has happened to it',
    },
    async ({ params }, { caller }) => {
      const order = await ownOrder(context, params.id, caller);
      return { order: shown(order), timeline: await timelineOf(context, order.id) };
    },
  );
  http.route(
    {
      ...{ method: 'GET', url: '/office/orders', access: 'staff' },
      summary: 'Orders of all customers',
      input: z.object({
        query: z.object({
          state: z
            .union([z.enum(ORDER_STATES), z.literal('').transform(() => undefined)])
            .optional(),
          page: pageSchema,
        }),
      }),
    },
    async ({ query: { page, state } }) => {
      const find = { page, pageSize: PAGE_SIZE, ...(state === undefined ? {} : { state }) };
      const { orders, total } = await findOrders(database.kysely, find);
      return { orders: orders.map(shown), total };
    },
  );
}

function shown(order: Order): object {
  const { paymentId: _, rollbackReason: __, ...rest } = order;
  return rest;
}

async function ownOrder({ database }: Context, id: string, caller: Caller): Promise<Order> {
  const order = await readOrder(database.kysely, id);
  if (order === undefined || (order.userId !== caller.userId && caller.role !== 'staff')) {
    throw new ApiError('NOT_FOUND', `There is no order ${id}`);
  }
  return order;
}

const timelineAnswer = z.object({
  timeline: z.array(z.object({ seq: z.number(), event: timelineEventSchema })),
});

/** As the push gateway numbered it; without the gateway the order is shown all the same. */
async function timelineOf({ client, deps }: Context, id: string): Promise<object[]> {
  try {
    const { timeline } = await client.call({
      url: `${deps.urls.push}/internal/timelines/${encodeURIComponent(id)}`,
      timeoutMs: TIMELINE_TIMEOUT_MS,
      output: timelineAnswer,
    });
    return timeline;
  } catch (error) {
    deps.logger.warn({ error: messageOf(error) }, 'An order is shown without its timeline');
    return [];
  }
}

function addEnding(context: Context, work: OrderWork): void {
  const { http } = context;
  http.route(
    {
      ...{ method: 'POST', url: '/orders/:id/cancel', access: 'user', input: oneSchema },
      summary: 'Cancels an order that is not paid',
    },
    async ({ params }, { caller }) => {
      const order = await ownOrder(context, params.id, caller);
      const text = 'Cancelled by the customer';
      const why = { reason: 'cancelled', code: 'CANCELLED', text } as const;
      const moved = await context.transaction((trx) => work.cancel(trx, order.id, why));
      if (moved === undefined) throw tooLate(order, 'cancelled');
      return { state: moved.state };
    },
  );
  http.route(
    {
      ...{ method: 'POST', url: '/orders/:id/refund', access: 'user', input: oneSchema },
      summary: 'Takes back a paid order that is not shipped, and gives the money back',
    },
    async ({ params }, { caller }) => {
      const order = await ownOrder(context, params.id, caller);
      const why =
        caller.role === 'staff'
          ? ({ code: 'REFUNDED', text: 'Refunded by the shop' } as const)
          : ({ code: 'RETURNED', text: 'Returned by the customer' } as const);
      const moved = await context.transaction((trx) => work.refund(trx, order.id, why));
      if (moved === undefined) throw tooLate(order, 'refunded');
      return { state: moved.state };
    },
  );
}

function tooLate({ state }: Order, what: string): ApiError {
  return new ApiError('CONFLICT', `An order that is ${state} cannot be ${what}`);
}

function addInternal(context: Context, work: OrderWork): void {
  const { http, database, deps } = context;
  http.route(
    {
      ...{ method: 'GET', url: '/internal/orders/:id', access: 'internal', input: oneSchema },
      summary: 'An order, for other services',
    },
    async ({ params }) => {
      const order = await readOrder(database.kysely, params.id);
      if (order === undefined) throw new ApiError('NOT_FOUND', `There is no order ${params.id}`);
      return { order };
    },
  );
  http.route(
    {
      ...{ method: 'POST', url: '/internal/orders/:id/ship', access: 'internal', input: oneSchema },
      summary: 'May the parcel leave? Then the order is shipped, and cannot be refunded any more',
    },
    async ({ params }) => {
      const nowMs = deps.clock.nowMs();
      const shipped = await context.transaction(async (trx) => {
        const moved = await moveOrder(trx, params.id, { to: 'shipped', nowMs });
        if (moved !== undefined) await work.say(trx, moved, 'shipped');
        return moved;
      });
      const state = shipped?.state ?? (await readOrder(database.kysely, params.id))?.state;
      return { shipped: state === 'shipped', state: state ?? null };
    },
  );
}
