/**
 * What the payment provider keeps: payments, refunds of them, and callbacks that are still to be
 * delivered. It is a company of its own: it knows a merchant's reference, a callback address and a
 * secret, and nothing of shops.
 */
import { z } from 'zod';

/** Largest amount of one payment: a hundred million in the major unit. */
const AMOUNT_CENTS_MAX = 10_000_000_000;

const amount: z.ZodNumber = z.number().int().min(1).max(AMOUNT_CENTS_MAX);
const reference: z.ZodString = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const webAddress: z.ZodString = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\//);

/** What a merchant sends to open a payment; sent again with the same reference it is the same. */
export const PaymentRequest = z.strictObject({
  reference,
  amountCents: amount,
  currency: z.string().regex(/^[A-Z]{3}$/),
  description: z.string().max(200).default(''),
  callbackUrl: webAddress,
  returnUrl: webAddress,
});
export type PaymentRequest = z.infer<typeof PaymentRequest>;

/** What a merchant sends to give money back; the reference makes it happen once. */
export const RefundRequest = z.strictObject({ reference, amountCents: amount });
export type RefundRequest = z.infer<typeof RefundRequest>;

/** `open` until the visitor has paid; a declined attempt leaves it open for another one. */
export const ProviderPayment = z.object({
  id: z.string(),
  reference,
  state: z.enum(['open', 'captured', 'refunded']),
  amountCents: amount,
  currency: z.string(),
  description: z.string(),
  callbackUrl: z.string(),
  returnUrl: z.string(),
  /** Events of this payment are numbered from 1. */
  sequence: z.number().int(),
  declined: z.number().int(),
  createdMs: z.number(),
  capturedMs: z.number().nullable(),
  refunds: z.array(z.object({ reference, amountCents: amount, refundedMs: z.number() })),
});
export type ProviderPayment = z.infer<typeof ProviderPayment>;

/** The types of callbacks. */
export type ProviderEventType =
  | 'payment.processing'
  | 'payment.succeeded'
  | 'payment.failed'
  | 'refund.succeeded';

/** The body of a callback. */
export interface ProviderEvent {
  readonly eventId: string;
  readonly type: ProviderEventType;
  readonly providerPaymentId: string;
  readonly reference: string;
  readonly sequence: number;
  readonly amountCents: number;
  readonly currency: string;
  readonly refundReference: string | null;
  readonly occurredMs: number;
}

/** One callback on its way; it is kept until it was taken or given up. */
export const Delivery = z.object({
  id: z.string(),
  url: z.string(),
  body: z.string(),
  /** Signed with a key that is not the merchant's: one of the misbehaviours. */
  isForged: z.boolean(),
  dueMs: z.number(),
  attempts: z.number().int(),
});
export type Delivery = z.infer<typeof Delivery>;
