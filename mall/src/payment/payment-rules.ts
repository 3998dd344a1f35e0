/**
 * What an event of the provider does to a payment, without any input or output. Events come twice,
 * late, in disorder, and from those who guess.
 */
import { z } from 'zod';

/** The body of the provider's callbacks; what it adds later is ignored. */
export const ProviderCallback = z.object({
  eventId: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/),
  type: z.string().max(40),
  providerPaymentId: z.string().max(80),
  reference: z.string().max(80),
  amountCents: z.number().int(),
  currency: z.string().max(8),
  refundReference: z.string().max(80).nullable().default(null),
  occurredMs: z.number(),
});
export type ProviderCallback = z.infer<typeof ProviderCallback>;

/**
 * `created` until the provider says something; `failed` when an attempt was declined, which a later
 * one may make good; `paid`; `refunding` when it is to go back, `refunded` when it has.
 */
export const PAYMENT_STATES = ['created', 'failed', 'paid', 'refunding', 'refunded'] as const;
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** What the rules need to know of a payment. */
export interface PaymentFacts {
  readonly state: PaymentState;
  readonly amountCents: number;
  readonly currency: string;
  readonly providerPaymentId: string | null;
  /** Its order was given up: money that comes now goes back. */
  readonly isOrderCancelled: boolean;
}

/** What becomes of an event. */
export type Decision =
  /** The payment changes: the only outcome with an effect. */
  | { readonly kind: 'apply'; readonly to: PaymentState }
  /** Known, overtaken or of no interest: taken, and nothing changes. */
  | { readonly kind: 'absorb'; readonly why: string }
  /** Not believed: the provider's and our books differ, which the reconciliation looks into. */
  | { readonly kind: 'refuse'; readonly why: string };

/** See the head of this file. */
export function decide(payment: PaymentFacts, event: ProviderCallback): Decision {
  const { amountCents, currency, providerPaymentId, state } = payment;
  if (providerPaymentId !== null && providerPaymentId !== event.providerPaymentId) {
    return { kind: 'refuse', why: 'another payment of the provider' };
  }
  if (event.amountCents !== amountCents || event.currency !== currency) {
    return { kind: 'refuse', why: `${event.amountCents} ${event.currency}: wrong amount` };
  }
  switch (event.type) {
    case 'payment.succeeded':
      if (state !== 'created' && state !== 'failed') return { kind: 'absorb', why: `is ${state}` };
      return { kind: 'apply', to: payment.isOrderCancelled ? 'refunding' : 'paid' };
    case 'payment.failed':
      // An attempt that was declined before the one that succeeded may be told of after it.
      if (state !== 'created') return { kind: 'absorb', why: `is ${state}` };
      return { kind: 'apply', to: 'failed' };
    case 'refund.succeeded':
      if (state === 'refunding') return { kind: 'apply', to: 'refunded' };
      if (state === 'refunded') return { kind: 'absorb', why: 'is refunded' };
      return { kind: 'refuse', why: `a refund that nobody wanted: is ${state}` };
    default:
      return { kind: 'absorb', why: `of no interest: ${event.type}` };
  }
}
