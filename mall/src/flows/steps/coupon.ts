/** The coupon of an order: locked, then used when it is paid, or free again. */
import { type QueryExecutorProvider, sql, type Transaction } from 'kysely';
import { z } from 'zod';
import { ApiError, type ApiErrorCode } from '../../shared/api-error.ts';
import { centsSchema } from '../../shared/messaging/events.ts';
import { percentOf } from '../../shared/money.ts';
import type { SagaStep } from '../../shared/saga.ts';

export const couponInputSchema = z.object({
  couponId: z.string(),
  userId: z.string(),
  totalCents: centsSchema,
});
export type CouponInput = z.infer<typeof couponInputSchema>;

export interface CouponRow {
  readonly id: string;
  readonly user_id: string;
  readonly state: string;
  readonly kind: string;
  readonly value: number;
  readonly minimum_cents: number;
  readonly expires_ms: number;
}

/** What the coupon takes off; throws why it cannot be used. */
export function discountOf(row: CouponRow | undefined, input: CouponInput, nowMs: number): number {
  const refuse = (reason: string, code: ApiErrorCode = 'COUPON_NOT_USABLE'): never => {
    throw new ApiError(code, `Coupon ${input.couponId} ${reason}`);
  };
  if (row === undefined || row.user_id !== input.userId) return refuse('is not yours');
  if (row.state !== 'unused') return refuse(`is ${row.state}`);
  if (row.expires_ms <= nowMs) return refuse('has expired', 'COUPON_EXPIRED');
  if (input.totalCents < row.minimum_cents) {
    return refuse('needs a larger order', 'COUPON_MINIMUM');
  }
  const cents = row.kind === 'percent' ? percentOf(input.totalCents, row.value) : row.value;
  return Math.min(cents, input.totalCents);
}

export async function readCoupon(
  trx: QueryExecutorProvider,
  couponId: string,
): Promise<CouponRow | undefined> {
  const { rows } = await sql<CouponRow>`
    SELECT coupon.id, coupon.user_id, coupon.state, coupon.expires_ms, campaign.kind,
      campaign.value, campaign.minimum_cents
    FROM coupon JOIN campaign ON campaign.id = coupon.campaign_id WHERE coupon.id = ${couponId}
  `.execute(trx);
  return rows[0];
}

export function couponStep<Tables>(nowMs: number): SagaStep<Transaction<Tables>, CouponInput> {
  return {
    name: 'coupon',
    async do(trx, orderId, input) {
      const row = await readCoupon(trx, input.couponId);
      // The same as when the order was validated, or the coupon is refused.
      discountOf(row, input, nowMs);
      await move(trx, orderId, input.couponId, { from: 'unused', to: 'locked' });
    },
    undo: (trx, orderId, { couponId }, settled) =>
      move(trx, orderId, couponId, { from: settled ? 'used' : 'locked', to: 'unused' }),
    settle: (trx, orderId, { couponId }) =>
      move(trx, orderId, couponId, { from: 'locked', to: 'used' }),
  };
}

/** Compare-and-set: of two orders that want a coupon at once, one gets it. */
async function move<Tables>(
  trx: Transaction<Tables>,
  orderId: string,
  couponId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const owner = from === 'unused' ? sql`order_id IS NULL` : sql`order_id = ${orderId}`;
  const { numAffectedRows } = await sql`
    UPDATE coupon SET state = ${to}, order_id = ${to === 'unused' ? null : orderId},
      version = version + 1
    WHERE id = ${couponId} AND state = ${from} AND ${owner}
  `.execute(trx);
  if (numAffectedRows !== 1n) {
    throw new ApiError('COUPON_NOT_USABLE', `Coupon ${couponId} is not ${from} any more`);
  }
  await sql`
    INSERT INTO coupon_movement (order_id, coupon_id, state) VALUES (${orderId}, ${couponId}, ${to})
  `.execute(trx);
}
