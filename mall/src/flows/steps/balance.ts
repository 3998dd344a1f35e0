/** The part of an order that is paid from the customer's balance. */
import { sql, type Transaction } from 'kysely';
import { z } from 'zod';
import { ApiError } from '../../shared/api-error.ts';
import { centsSchema } from '../../shared/messaging/events.ts';
import { formatCents } from '../../shared/money.ts';
import type { SagaStep } from '../../shared/saga.ts';

export const balanceInputSchema = z.object({ userId: z.string(), amountCents: centsSchema });
export type BalanceInput = z.infer<typeof balanceInputSchema>;

/** Why the balance changed; each at most once for an order. */
type LedgerKind = 'opening' | 'order' | 'rollback' | 'refund';

export function balanceStep<Tables>(nowMs: number): SagaStep<Transaction<Tables>, BalanceInput> {
  return {
    name: 'balance',
    async do(trx, orderId, { userId, amountCents }) {
      await changeBalance(trx, { userId, orderId, kind: 'order', cents: -amountCents, nowMs });
    },
    async undo(trx, orderId, { userId, amountCents }, settled) {
      const kind = settled ? 'refund' : 'rollback';
      await changeBalance(trx, { userId, orderId, kind, cents: amountCents, nowMs });
    },
    // What was deducted stays deducted.
    settle: () => Promise.resolve(),
  };
}

export interface BalanceChange {
  readonly userId: string;
  readonly orderId: string;
  readonly kind: LedgerKind;
  /** Negative: taken. */
  readonly cents: number;
  readonly nowMs: number;
}

/** Balance and ledger change together or not at all. */
export async function changeBalance<Tables>(
  trx: Transaction<Tables>,
  { userId, orderId, kind, cents, nowMs }: BalanceChange,
): Promise<void> {
  const { rows } = await sql<{ balance_cents: number }>`
    UPDATE account SET balance_cents = balance_cents + ${cents}, version = version + 1
    WHERE id = ${userId} AND balance_cents + ${cents} >= 0
    RETURNING balance_cents
  `.execute(trx);
  const [row] = rows;
  if (row === undefined) {
    const text = `The balance does not reach for ${formatCents(-cents)}`;
    throw new ApiError('BALANCE_TOO_LOW', text);
  }
  await sql`
    INSERT INTO ledger (user_id, order_id, kind, amount_cents, balance_cents, at_ms)
    VALUES (${userId}, ${orderId}, ${kind}, ${cents}, ${row.balance_cents}, ${nowMs})
  `.execute(trx);
}
