import { type QueryExecutorProvider, sql } from 'kysely';
import type { PaymentEvent } from '../shared/messaging/events.ts';

/** One point for each yuan. */
const CENTS_PER_POINT = 100;

/**
 * Points come with a payment and go with its refund, whichever message is first: a refund that
 * comes first leaves a row that lets the payment grant nothing. True if the points have changed.
 */
export async function changePoints(
  trx: QueryExecutorProvider,
  { orderId, userId, type, amountCents }: PaymentEvent,
): Promise<boolean> {
  const points = Math.floor(amountCents / CENTS_PER_POINT);
  const state = type === 'paid' ? 'granted' : 'revoked';
  const { numAffectedRows: inserted } = await sql`
    INSERT INTO point_grant (order_id, user_id, points, state)
    VALUES (${orderId}, ${userId}, ${points}, ${state}) ON CONFLICT (order_id) DO NOTHING
  `.execute(trx);
  if (inserted === 1n) {
    if (type === 'paid') await add(trx, userId, points);
    return type === 'paid';
  }
  if (type === 'paid') return false;
  const { rows } = await sql<{ points: number }>`
    UPDATE point_grant SET state = 'revoked' WHERE order_id = ${orderId} AND state = 'granted'
    RETURNING points
  `.execute(trx);
  if (rows[0] !== undefined) await add(trx, userId, -rows[0].points);
  return rows[0] !== undefined;
}

async function add(trx: QueryExecutorProvider, userId: string, points: number): Promise<void> {
  await sql`UPDATE account SET points = points + ${points} WHERE id = ${userId}`.execute(trx);
}
