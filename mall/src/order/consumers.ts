/** What orders hear of: undone steps, payments, refunds, parcels, and that their time is over. */

import type { QueryExecutorProvider } from 'kysely';
import {
  orderStatus,
  orderTimeout,
  type PaymentEvent,
  payment,
  type TimelineEvent,
} from '../shared/messaging/events.ts';
import type { ServiceContext } from '../shared/service.ts';
import type { Order } from './order.ts';
import type { OrderWork } from './order-work.ts';
import { lockOrder, moveOrder } from './orders.ts';

type Trx = QueryExecutorProvider;

export function consumeForOrders(context: ServiceContext<object>, work: OrderWork): void {
  const committed = (): void => context.outbox.flush();
  context.consume({
    group: 'mall-order-status',
    topic: orderStatus,
    filter: { tags: ['rolled-back', 'shipped'] },
    committed,
    handle: (event, trx) => onStatus(context, work, event, trx),
  });
  context.consume({
    group: 'mall-order-payment',
    topic: payment,
    filter: { tags: ['paid', 'refunded'] },
    committed,
    handle: async (event, trx) => {
      const order = await lockOrder(trx, event.orderId);
      if (order === undefined || event.paymentId === null) return;
      if (event.type === 'paid') await onPaid(context, work, { order, event, trx });
      else await onRefunded(work, { order, event, trx });
    },
  });
  context.consume({
    group: 'mall-order-timeout',
    topic: orderTimeout,
    committed,
    handle: async ({ orderId }, trx) => {
      await work.cancel(trx, orderId, { ...UNPAID, from: ['awaiting-payment'] });
    },
  });
}

export const UNPAID = {
  reason: 'unpaid',
  code: 'UNPAID',
  text: 'It was not paid in time',
} as const;

async function onStatus(
  context: ServiceContext<object>,
  work: OrderWork,
  event: TimelineEvent,
  trx: Trx,
): Promise<void> {
  if (event.type === 'shipped') {
    const nowMs = context.deps.clock.nowMs();
    await moveOrder(trx, event.orderId, { to: 'shipped', nowMs });
    return;
  }
  const order = await lockOrder(trx, event.orderId);
  if (order !== undefined && event.step !== undefined) await work.undone(trx, order, event.step);
}

interface Heard {
  readonly order: Order;
  readonly event: PaymentEvent;
  readonly trx: Trx;
}

/** The order is locked: whether it was in time is decided here, once. */
async function onPaid(
  context: ServiceContext<object>,
  work: OrderWork,
  { order, event, trx }: Heard,
): Promise<void> {
  const { paymentId, amountCents } = event;
  if (order.paymentId === paymentId) return;
  const isInTime = order.state === 'awaiting-payment';
  if (isInTime && amountCents === order.payableCents) {
    const nowMs = context.deps.clock.nowMs();
    await moveOrder(trx, order.id, { to: 'paid', nowMs, changes: { paymentId } });
    await work.say(trx, order, 'paid');
    return;
  }
  // Too late, a second time, or not the amount: the money goes back.
  const detail = isInTime ? `${amountCents} is not what was to be paid` : 'paid too late';
  const code = isInTime ? 'WRONG_AMOUNT' : 'PAID_TOO_LATE';
  await work.say(trx, order, 'refund-started', { code, detail });
  await work.requestRefund(trx, order, paymentId, detail);
}

async function onRefunded(work: OrderWork, { order, event, trx }: Heard): Promise<void> {
  if (order.state === 'refunding') await work.undone(trx, order, 'payment');
  else if (order.paymentId !== event.paymentId) await work.say(trx, order, 'refunded');
}
