/**
 * Placing an order: validate, pre-order, the steps, confirm. Every part may be run again after a
 * crash: states move by compare-and-set and steps answer a second call as they did the first.
 */
import { z } from 'zod';
import { type Order, type OrderItem, PLACING, stepsOf } from '../order/order.ts';
import type { OrderWork } from '../order/order-work.ts';
import { moveOrder } from '../order/orders.ts';
import { ApiError, codeOf, messageOf } from '../shared/api-error.ts';
import { RefusedError } from '../shared/http/http-client.ts';
import type { StepName } from '../shared/messaging/events.ts';
import type { OutboxMessage } from '../shared/messaging/outbox.ts';
import { totalOf } from '../shared/money.ts';
import { retrying } from '../shared/retrying.ts';
import type { ServiceContext, ServiceName } from '../shared/service.ts';

export interface PlaceOrderDeps {
  readonly context: ServiceContext<object>;
  readonly work: OrderWork;
}

/** Which service does which step. */
const SERVICE_OF: Readonly<Record<StepName, ServiceName>> = {
  stock: 'inventory',
  coupon: 'coupon',
  balance: 'user',
};

const RETRY_PAUSE_MS = 200;
const DETAIL_MAX = 300;
/** An order that was resumed again and again is given up after this. */
const PLACING_MAX_MS = 60_000;
const nothingMore = z.object({});
const userAnswer = z.object({ user: z.object({ balanceCents: z.number() }) });
const checkAnswer = z.object({ discountCents: z.number() });
const productsAnswer = z.object({
  products: z.array(
    z.object({
      id: z.string(),
      sku: z.string(),
      name: z.object({ en: z.string(), zh: z.string() }),
      image: z.string(),
      priceCents: z.number(),
    }),
  ),
});

/** Takes an order as far as it gets: awaiting payment, paid, or cancelling. */
export async function placeOrder(deps: PlaceOrderDeps, order: Order): Promise<void> {
  const { context, work } = deps;
  try {
    if (order.createdMs + PLACING_MAX_MS < context.deps.clock.nowMs()) {
      throw new ApiError('UNAVAILABLE', 'Placing the order took too long');
    }
    let current: Order | undefined = order;
    if (current.state === 'created') current = await preOrder(deps, current);
    if (current?.state === 'pre-ordered') current = await beginSteps(deps, current);
    if (current?.state !== 'confirming') return;
    const ready = current;
    // What was done is written with what comes next.
    let done: readonly OutboxMessage[] = [];
    for (const step of stepsOf(ready)) done = await runStep(deps, ready, step, done);
    await context.transaction((trx) => work.confirm(trx, ready, done));
  } catch (error) {
    // A database that is away, for example: the order is resumed when its lease is over.
    if (!(error instanceof ApiError)) throw error;
    await context.transaction((trx) =>
      work.cancel(trx, order.id, {
        reason: 'confirmation-failed',
        code: error.code,
        text: messageOf(error).slice(0, DETAIL_MAX),
        from: PLACING,
      }),
    );
  }
}

/** Validates against what the other services say now, and fixes what the order costs. */
async function preOrder(deps: PlaceOrderDeps, order: Order): Promise<Order | undefined> {
  const { context, work } = deps;
  const items = await pricedItems(deps, order);
  const totalCents = totalOf(items);
  const [couponCents, balanceCents] = await Promise.all([
    discount(deps, order, totalCents),
    balance(deps, order),
  ]);
  const rest = totalCents - couponCents;
  const fromBalance = Math.min(order.balanceCents, rest);
  if (fromBalance > balanceCents) {
    throw new ApiError('BALANCE_TOO_LOW', 'The balance is lower than what was to be taken from it');
  }
  const payableCents = rest - fromBalance;
  return context.transaction(async (trx) => {
    const moved = await moveOrder(trx, order.id, {
      ...{ to: 'pre-ordered', nowMs: context.deps.clock.nowMs() },
      changes: { items, totalCents, couponCents, balanceCents: fromBalance, payableCents },
    });
    if (moved !== undefined) await work.say(trx, moved, 'pre-ordered');
    return moved;
  });
}

async function pricedItems(deps: PlaceOrderDeps, order: Order): Promise<OrderItem[]> {
  const { urls } = deps.context.deps;
  const ids = order.items.map(({ productId }) => encodeURIComponent(productId)).join(',');
  const { products } = await ask(deps, {
    url: () => `${urls.catalogue}/internal/products?ids=${ids}`,
    output: productsAnswer,
  });
  const byId = new Map(products.map((product) => [product.id, product]));
  return order.items.map((item) => {
    const product = byId.get(item.productId);
    if (product === undefined) {
      throw new ApiError('NOT_FOUND', `There is no product ${item.productId}`);
    }
    const { sku, name, image, priceCents } = product;
    if (priceCents !== item.priceCents) {
      throw new ApiError('PRICE_CHANGED', `The price of ${name.en} has changed: look again`);
    }
    return { ...item, sku, name, image };
  });
}

async function discount(deps: PlaceOrderDeps, order: Order, totalCents: number): Promise<number> {
  const { couponId, userId } = order;
  if (couponId === null) return 0;
  const { discountCents } = await ask(deps, {
    url: () => `${deps.context.deps.urls.coupon}/internal/check`,
    body: { couponId, userId, totalCents },
    output: checkAnswer,
  });
  return discountCents;
}

async function balance(deps: PlaceOrderDeps, { userId }: Order): Promise<number> {
  const { user } = await ask(deps, {
    url: () => `${deps.context.deps.urls.user}/internal/users/${encodeURIComponent(userId)}`,
    output: userAnswer,
  });
  return user.balanceCents;
}

async function beginSteps({ context }: PlaceOrderDeps, order: Order): Promise<Order | undefined> {
  const nowMs = context.deps.clock.nowMs();
  return moveOrder(context.database.kysely, order.id, { to: 'confirming', nowMs });
}

/** What there is to say once it is done. */
async function runStep(
  deps: PlaceOrderDeps,
  order: Order,
  step: StepName,
  before: readonly OutboxMessage[],
): Promise<readonly OutboxMessage[]> {
  const { context, work } = deps;
  const { kysely } = context.database;
  await work.write(kysely, ...before, work.said(order, 'step-started', { step }));
  context.outbox.flush();
  const retried = (error: unknown, attempt: number): void => {
    const detail = messageOf(error).slice(0, DETAIL_MAX);
    work
      .say(kysely, order, 'retry', { step, attempt, code: codeOf(error), detail })
      .catch((thrown: unknown) => {
        context.deps.logger.warn({ error: messageOf(thrown) }, 'A retry is missing in a timeline');
      });
  };
  try {
    await ask(deps, {
      url: () => `${context.deps.urls[SERVICE_OF[step]]}/internal/steps/${step}/do`,
      body: { orderId: order.id, input: inputOf(order, step) },
      output: nothingMore,
      retried,
    });
    return [work.said(order, 'step-done', { step })];
  } catch (error) {
    const detail = messageOf(error).slice(0, DETAIL_MAX);
    await work.say(kysely, order, 'step-failed', { step, code: codeOf(error), detail });
    throw error;
  }
}

function inputOf(order: Order, step: StepName): object {
  const { userId, couponId, totalCents } = order;
  if (step === 'coupon') return { couponId, userId, totalCents };
  if (step === 'balance') return { userId, amountCents: order.balanceCents };
  return { items: order.items.map(({ sku, quantity }) => ({ sku, quantity })) };
}

interface Question<Output> {
  /** Looked up for each attempt: a service may have moved. */
  url(): string;
  readonly body?: object;
  readonly output: z.ZodType<Output>;
  readonly retried?: (error: unknown, attempt: number) => void;
}

/** Asks again when there is no answer; a no is a no. */
function ask<Output>({ context }: PlaceOrderDeps, question: Question<Output>): Promise<Output> {
  const { settings, clock } = context.deps;
  const { body, output, retried } = question;
  return retrying(
    clock,
    {
      attempts: settings.stepAttempts,
      firstPauseMs: RETRY_PAUSE_MS,
      isRetryable: (error) => !(error instanceof RefusedError),
      ...(retried === undefined ? {} : { onRetry: retried }),
    },
    () =>
      context.client.call({
        url: question.url(),
        output,
        timeoutMs: settings.stepTimeoutMs,
        ...(body === undefined ? {} : { body }),
      }),
  );
}
