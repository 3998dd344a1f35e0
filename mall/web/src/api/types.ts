/** What the edge answers: docs/mall.md has the list of addresses. Money is in cents of CNY. */

export interface Translated {
  readonly en: string;
  readonly zh: string;
}

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: 'customer' | 'staff';
  readonly balanceCents: number;
  readonly points: number;
}

export interface LedgerEntry {
  readonly id: string;
  readonly kind: string;
  readonly amountCents: number;
  readonly orderId?: string | null;
  readonly atMs: number;
}

export interface Product {
  readonly id: string;
  readonly sku: string;
  readonly name: Translated;
  readonly description: Translated;
  readonly category: string;
  readonly priceCents: number;
  readonly originalPriceCents?: number | null;
  readonly image: string;
  readonly tags: readonly string[];
  /** Null: the warehouse does not answer just now. */
  readonly available: number | null;
  readonly flashSale?: boolean | null;
}

export interface Category {
  readonly id: string;
  readonly name: Translated;
}

export interface CartItem {
  readonly productId: string;
  readonly quantity: number;
}

export interface Coupon {
  readonly id: string;
  readonly name: Translated;
  readonly kind: 'amount' | 'percent';
  /** Cents for `amount`, per cent off for `percent`. */
  readonly value: number;
  readonly minimumCents: number;
  readonly state: 'unused' | 'locked' | 'used';
  readonly expiresMs: number;
}

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

export interface OrderItem {
  readonly productId: string;
  readonly sku?: string;
  readonly name?: Translated;
  readonly image?: string;
  readonly quantity: number;
  readonly priceCents: number;
}

export interface Order {
  readonly id: string;
  readonly state: OrderState;
  readonly items: readonly OrderItem[];
  readonly totalCents: number;
  readonly couponCents: number;
  readonly balanceCents: number;
  readonly payableCents: number;
  readonly createdMs: number;
  readonly expiresMs: number;
  /** Why it was cancelled or refunded: `reason.…` has the words. */
  readonly cancelCode?: string | null;
  readonly userId?: string;
}

/** One thing that happened to an order, in the order of `seq`. */
export interface TimelineEvent {
  readonly eventId: string;
  readonly orderId: string;
  readonly type: string;
  readonly step?: string | null;
  readonly attempt?: number | null;
  /** Why: `reason.…` has the words. */
  readonly code?: string | null;
  readonly detail?: string | null;
  readonly source: string;
  readonly atMs: number;
}

export interface Sequenced {
  readonly seq: number;
  readonly event: TimelineEvent;
}
