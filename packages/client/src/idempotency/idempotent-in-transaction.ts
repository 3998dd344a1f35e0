/**
 * One effect per message, exactly: the key of a message is inserted in the database transaction in
 * which the handler does its work. Both are there or neither is, whatever dies when.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { integerOption } from '../options/check-option.ts';
import type { ConsumerMessage } from '../push/consumer-message.ts';
import type { MessageHandler } from '../push/push-consumer.ts';
import { type KeyOptions, keyOf } from './message-key.ts';
import {
  checkSqlKey,
  type SqlQuery,
  SqlStatements,
  type SqlTable,
} from './sql-idempotency-store.ts';

/** Options of {@link idempotentInTransaction}; `Transaction` is what your database client has. */
export interface TransactionalOptions<Transaction> extends KeyOptions, SqlTable {
  /**
   * Runs work in a transaction: commits when it resolves and passes its result on, rolls back and
   * throws when it throws.
   */
  readonly transaction: <T>(work: (transaction: Transaction) => Promise<T>) => Promise<T>;
  /** How a statement is run in a transaction. */
  readonly query: (transaction: Transaction) => SqlQuery;
  /** How long a key is kept before `sweep` may delete it. Default 7 days. */
  readonly keepMs?: number;
  /** Told of every message that was handled before and is acknowledged unseen. */
  readonly onDuplicate?: (message: ConsumerMessage) => void;
}

/** Handles a message with the transaction that it must use for its work. */
export type TransactionalHandler<Transaction> = (
  message: ConsumerMessage,
  transaction: Transaction,
  signal: AbortSignal,
) => unknown;

const DAY_MS = 86_400_000;
const KEEP_DEFAULT_MS: number = 7 * DAY_MS;
const KEEP_MAX_MS: number = 365 * DAY_MS;

/** What a handler throws to itself when the message is not to count as done. */
class NotDone extends Error {}

/**
 * Wraps a handler whose work is in a database: see the head of this file. The table is the one of
 * {@link sqlIdempotencyStore}; its `createTable` makes it. A handler that throws, or that retries
 * or rejects its message, is rolled back.
 */
export function idempotentInTransaction<Transaction>(
  options: TransactionalOptions<Transaction>,
  handler: TransactionalHandler<Transaction>,
): MessageHandler {
  const statements = new SqlStatements(options);
  const limits = { fallback: KEEP_DEFAULT_MS, min: 1, max: KEEP_MAX_MS };
  const keepMs = integerOption('keepMs', options.keepMs, limits);
  return async (message, signal) => {
    const key = keyOf(options, message);
    checkSqlKey(key);
    const work = async (transaction: Transaction): Promise<boolean> => {
      const query = options.query(transaction);
      // A copy that is being handled elsewhere is waited for here: by the unique key.
      const { changed } = await query(statements.insertDone, [key, keepMs]);
      if (changed === 0) return expectDone(query, statements, key);
      await handler(message, transaction, signal);
      if (message.outcome === 'retried' || message.outcome === 'rejected') throw new NotDone();
      return true;
    };
    try {
      if (!(await options.transaction(work))) options.onDuplicate?.(message);
    } catch (thrown) {
      if (!(thrown instanceof NotDone)) throw thrown;
    }
  };
}

/** The row of a key that was there before: false if the message is done. */
async function expectDone(
  query: SqlQuery,
  statements: SqlStatements,
  key: string,
): Promise<boolean> {
  const { rows } = await query(statements.look, [key]);
  const [row] = rows;
  if (row !== undefined && row['token'] === null) return false;
  throw new MqError(MqErrorCode.Busy, `The message with key ${key} is being handled elsewhere`, {
    retryable: true,
  });
}
