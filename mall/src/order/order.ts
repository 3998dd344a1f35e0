/** What an order is, and which states it goes through. */
import type { RollbackReason, StepName } from '../shared/messaging/events.ts';
import type { Texts } from '../shared/seed/seed-product.ts';
import { StateMachine } from '../shared/state-machine.ts';

export const ORDER_STATES = [
  'created',
  'pre-ordered',
  'confirming',
  'awaiting-payment',
  'paid',
  'shipped',
  'cancelling',
  'cancelled',
  'refunding',
  'refunded',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

export const orderStates: StateMachine<OrderState> = new StateMachine(ORDER_STATES, {
  created: ['pre-ordered', 'cancelling'],
  'pre-ordered': ['confirming', 'cancelling'],
  // With nothing left to pay, an order is paid at once.
  confirming: ['awaiting-payment', 'paid', 'cancelling'],
  'awaiting-payment': ['paid', 'cancelling'],
  paid: ['shipped', 'refunding'],
  shipped: [],
  cancelling: ['cancelled'],
  cancelled: [],
  refunding: ['refunded'],
  refunded: [],
});

/** States in which an order is being placed: somebody must be at work on it. */
export const PLACING: readonly OrderState[] = ['created', 'pre-ordered', 'confirming'];

export interface OrderItem {
  readonly productId: string;
  readonly quantity: number;
  /** What the visitor saw; an order at another price is refused. */
  readonly priceCents: number;
  /** Known once the order is validated. */
  readonly sku?: string;
  readonly name?: Texts;
  readonly image?: string;
}

/** What has to come back before an order is cancelled or refunded. */
export type Undoing = StepName | 'payment';

export interface Order {
  readonly id: string;
  readonly userId: string;
  readonly state: OrderState;
  readonly items: readonly OrderItem[];
  readonly totalCents: number;
  readonly couponId: string | null;
  readonly couponCents: number;
  /** What is to be taken from the balance, and then what was. */
  readonly balanceCents: number;
  readonly payableCents: number;
  readonly paymentId: string | null;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly expiresMs: number;
  readonly confirmedMs: number | null;
  /** In words, for the log and whoever looks into the database. */
  readonly cancelReason: string | null;
  /** UNPAID, CANCELLED, RETURNED or REFUNDED, or the code of what a service answered. */
  readonly cancelCode: string | null;
  readonly rollbackReason: RollbackReason | null;
}

/** The steps that this order has. */
export function stepsOf(order: Pick<Order, 'couponId' | 'balanceCents'>): StepName[] {
  return [
    'stock',
    ...(order.couponId === null ? [] : (['coupon'] as const)),
    ...(order.balanceCents > 0 ? (['balance'] as const) : []),
  ];
}
