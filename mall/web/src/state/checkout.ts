/** The sums of a checkout. The server has the last word: it sums up by itself. */
import type { Coupon } from '../api/types.ts';

/** Whether a coupon can be used for a cart of this sum, now. */
export function isUsable(coupon: Coupon, totalCents: number, nowMs: number): boolean {
  const fits = coupon.minimumCents <= totalCents && coupon.expiresMs > nowMs;
  return coupon.state === 'unused' && fits && totalCents > 0;
}

/** What a coupon takes off, at most everything. Per cents are rounded down, as the server does. */
export function discountOf(coupon: Coupon | undefined, totalCents: number): number {
  if (coupon === undefined) return 0;
  const { kind, value } = coupon;
  const off = kind === 'amount' ? value : Math.floor((totalCents * value) / 100);
  return Math.min(off, totalCents);
}

export interface Sums {
  readonly totalCents: number;
  readonly couponCents: number;
  readonly balanceCents: number;
  readonly payableCents: number;
}

export function sumUp(
  totalCents: number,
  coupon: Coupon | undefined,
  wantedBalanceCents: number,
): Sums {
  const couponCents = discountOf(coupon, totalCents);
  const balanceCents = Math.min(Math.max(wantedBalanceCents, 0), totalCents - couponCents);
  const payableCents = totalCents - couponCents - balanceCents;
  return { totalCents, couponCents, balanceCents, payableCents };
}

/** Reads an amount as people write it, `12.50` or `12,5`, in cents; undefined when it is none. */
export function parseAmount(text: string): number | undefined {
  const match = /^(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, whole = '0', part = ''] = match;
  return Number(whole) * 100 + Number(part.padEnd(2, '0'));
}
