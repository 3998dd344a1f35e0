/** What messages say: the form of every body, checked before it leaves and when it arrives. */
import { topic } from '@skylarkmq/client';
import { z } from 'zod';
import { CENTS_MAX } from '../money.ts';
import { TOPIC } from './topics.ts';

export const centsSchema = z.number().int().min(0).max(CENTS_MAX);

const event = {
  /** Unique: the key by which it is handled once. */
  eventId: z.string().min(1).max(64),
  orderId: z.string().min(1).max(64),
  atMs: z.number().int(),
};

export const TIMELINE_TYPES = [
  'created',
  'pre-ordered',
  'step-started',
  'step-done',
  'step-failed',
  'confirmed',
  'confirmation-failed',
  'rollback-started',
  'rolled-back',
  'payment-created',
  'payment-callback',
  'paid',
  'points-granted',
  'coupon-settled',
  'shipped',
  'cancelled',
  'refund-started',
  'refunded',
  'retry',
  'dead-letter',
] as const;

export type TimelineType = (typeof TIMELINE_TYPES)[number];

/** The steps of placing an order, in this order. */
export const STEPS = ['stock', 'coupon', 'balance'] as const;
export type StepName = (typeof STEPS)[number];

export const timelineEventSchema = z.object({
  ...event,
  userId: z.string(),
  type: z.enum(TIMELINE_TYPES),
  step: z.enum(STEPS).optional(),
  attempt: z.number().int().optional(),
  /** Why, as a code: the web shop has the words, in both languages. */
  code: z.string().max(64).optional(),
  /** More in words or figures, for whoever watches. */
  detail: z.string().max(500).optional(),
  /** The service that says so. */
  source: z.string(),
});
export type TimelineEvent = z.infer<typeof timelineEventSchema>;

/** Why an order's steps are undone; also the tag of the message. */
export const ROLLBACK_REASONS = ['confirmation-failed', 'unpaid', 'cancelled', 'refunded'] as const;
export type RollbackReason = (typeof ROLLBACK_REASONS)[number];

export const rollbackSchema = z.object({
  ...event,
  userId: z.string(),
  reason: z.enum(ROLLBACK_REASONS),
  /** What was done, or may have been. */
  steps: z.array(z.enum(STEPS)),
});
export type Rollback = z.infer<typeof rollbackSchema>;

export const orderTimeoutSchema = z.object({ ...event, userId: z.string() });

export const paymentEventSchema = z.object({
  ...event,
  userId: z.string(),
  /** Null: nothing was left to pay. */
  paymentId: z.string().nullable(),
  type: z.enum(['paid', 'refunded']),
  amountCents: centsSchema,
});
export type PaymentEvent = z.infer<typeof paymentEventSchema>;

export const refundSchema = z.object({
  ...event,
  userId: z.string(),
  /** Null: whatever was paid for the order. */
  paymentId: z.string().nullable(),
  reason: z.string(),
});
export type RefundRequest = z.infer<typeof refundSchema>;

export const priceSchema = z.object({
  eventId: z.string(),
  productId: z.string(),
  priceCents: centsSchema,
  atMs: z.number().int(),
});
export type PriceChange = z.infer<typeof priceSchema>;

export const cartSchema = z.object({
  eventId: z.string(),
  userId: z.string(),
  productId: z.string(),
  quantity: z.number().int(),
  type: z.enum(['added', 'removed']),
  atMs: z.number().int(),
});
export type CartEvent = z.infer<typeof cartSchema>;

export const stockQuestionSchema = z.object({ sku: z.string() });
export const stockQuoteSchema = z.object({
  sku: z.string(),
  available: z.number().int(),
  atMs: z.number().int(),
});

/** The same as topics with a type, for senders and consumers of the SDK. */
export const orderStatus = topic({ name: TOPIC.orderStatus, schema: timelineEventSchema });
export const orderRollback = topic({ name: TOPIC.orderRollback, schema: rollbackSchema });
export const orderTimeout = topic({ name: TOPIC.orderTimeout, schema: orderTimeoutSchema });
export const payment = topic({ name: TOPIC.payment, schema: paymentEventSchema });
export const refund = topic({ name: TOPIC.refund, schema: refundSchema });
export const price = topic({ name: TOPIC.price, schema: priceSchema });
export const cart = topic({ name: TOPIC.cart, schema: cartSchema });
export const stockQuestion = topic({ name: TOPIC.stockQuote, schema: stockQuestionSchema });
