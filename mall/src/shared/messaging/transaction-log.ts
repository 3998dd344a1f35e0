/**
 * How the local part of a transactional message ended, written in that part's own transaction: what
 * the broker is told when it asks, whatever died in between.
 */
import type { TransactionOutcome } from '@skylarkmq/client';
import { type QueryExecutorProvider, sql } from 'kysely';

/** Call it in the transaction that does the work; twice for one id throws. */
export async function logCommit(
  trx: QueryExecutorProvider,
  id: string,
  nowMs: number,
): Promise<void> {
  await sql`
    INSERT INTO transaction_log (id, outcome, created_ms) VALUES (${id}, 'commit', ${nowMs})
  `.execute(trx);
}

/**
 * For the check of a TransactionProducer. An id that is not there is refused for good, by a row of
 * its own: work that is only slow then fails at its insert, instead of ending without its message.
 */
export async function outcomeOf(
  database: QueryExecutorProvider,
  id: string,
  nowMs: number,
): Promise<TransactionOutcome> {
  await sql`
    INSERT INTO transaction_log (id, outcome, created_ms) VALUES (${id}, 'rollback', ${nowMs})
    ON CONFLICT (id) DO NOTHING
  `.execute(database);
  const { rows } = await sql<{ outcome: string }>`
    SELECT outcome FROM transaction_log WHERE id = ${id}
  `.execute(database);
  return rows[0]?.outcome === 'commit' ? 'commit' : 'rollback';
}
