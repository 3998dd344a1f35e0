import { MqError, MqErrorCode } from '@skylarkmq/base';
import { choiceOption, invalidOption } from '../options/check-option.ts';
import type { IdempotencyStore } from './idempotency-store.ts';

/** What a statement led to. */
export interface SqlResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Rows that were inserted, updated or deleted. */
  readonly changed: number;
}

/**
 * Runs one statement. With `pg`: `async (text, values) => { const result = await pool.query(text,
 * [...values]); return { rows: result.rows, changed: result.rowCount ?? 0 }; }`.
 */
export type SqlQuery = (text: string, values: readonly (string | number)[]) => Promise<SqlResult>;

/** Databases whose words differ. */
export type SqlDialect = 'postgres' | 'mysql' | 'sqlite';

/** Which table, in which database. */
export interface SqlTable {
  /** Default `skylark_consumed`; letters, digits, `_` and `.`. */
  readonly table?: string;
  /** Default `postgres`. */
  readonly dialect?: SqlDialect;
}

/** Options of {@link sqlIdempotencyStore}. */
export interface SqlIdempotencyOptions extends SqlTable {
  readonly query: SqlQuery;
}

/** A store in a table, which can make its table and sweep it. */
export interface SqlIdempotencyStore extends IdempotencyStore {
  /** Creates the table if it is not there. */
  createTable(): Promise<void>;
  /** Deletes what is to be forgotten and what was never finished; returns how many rows. */
  sweep(): Promise<number>;
}

/** Longest key, in characters: what the column holds. */
const SQL_KEY_CHARS_MAX = 255;

const TABLE_DEFAULT = 'skylark_consumed';
const TABLE_NAME = /^[A-Za-z_][A-Za-z0-9_.]{0,127}$/;

/** The database's clock in milliseconds: members' clocks may differ. */
const NOW: Readonly<Record<SqlDialect, string>> = {
  postgres: 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)',
  mysql: 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)',
  sqlite: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
};

/** Statements for one table; `expires_at` ends the lease, or the memory where `token` is null. */
export class SqlStatements {
  readonly #table: string;
  readonly #dialect: SqlDialect;

  constructor(options: SqlTable) {
    this.#table = options.table ?? TABLE_DEFAULT;
    if (!TABLE_NAME.test(this.#table)) {
      throw invalidOption('table', this.#table, 'letters, digits, _ and .');
    }
    const dialects = ['postgres', 'mysql', 'sqlite'] as const;
    this.#dialect = choiceOption('dialect', options.dialect, dialects, 'postgres');
  }

  get createTable(): string {
    return (
      `CREATE TABLE IF NOT EXISTS ${this.#table} (` +
      `message_key VARCHAR(${SQL_KEY_CHARS_MAX}) NOT NULL PRIMARY KEY, ` +
      'token VARCHAR(64), expires_at BIGINT NOT NULL)'
    );
  }

  /** Values: key, token, milliseconds. Changes one row if the key was not there. */
  get insert(): string {
    const ignore = this.#dialect === 'mysql' ? ' IGNORE' : '';
    const quietly = this.#dialect === 'mysql' ? '' : ' ON CONFLICT (message_key) DO NOTHING';
    return this.#numbered(
      `INSERT${ignore} INTO ${this.#table} (message_key, token, expires_at) ` +
        `VALUES (?, ?, ${this.#now} + ?)${quietly}`,
    );
  }

  /** Values: key, milliseconds. Changes one row if the key was not there. */
  get insertDone(): string {
    const ignore = this.#dialect === 'mysql' ? ' IGNORE' : '';
    const quietly = this.#dialect === 'mysql' ? '' : ' ON CONFLICT (message_key) DO NOTHING';
    return this.#numbered(
      `INSERT${ignore} INTO ${this.#table} (message_key, token, expires_at) ` +
        `VALUES (?, NULL, ${this.#now} + ?)${quietly}`,
    );
  }

  /** Values: token, milliseconds, key, token. Changes one row if the key may be claimed. */
  get takeOver(): string {
    return this.#numbered(
      `UPDATE ${this.#table} SET token = ?, expires_at = ${this.#now} + ? ` +
        `WHERE message_key = ? AND (expires_at <= ${this.#now} OR token = ?)`,
    );
  }

  /** Value: key. */
  get look(): string {
    return this.#numbered(`SELECT token FROM ${this.#table} WHERE message_key = ?`);
  }

  /** Values: milliseconds, key, token. */
  get complete(): string {
    return this.#numbered(
      `UPDATE ${this.#table} SET token = NULL, expires_at = ${this.#now} + ? ` +
        'WHERE message_key = ? AND token = ?',
    );
  }

  /** Values: key, token. */
  get release(): string {
    return this.#numbered(`DELETE FROM ${this.#table} WHERE message_key = ? AND token = ?`);
  }

  get sweep(): string {
    return `DELETE FROM ${this.#table} WHERE expires_at <= ${this.#now}`;
  }

  get #now(): string {
    return NOW[this.#dialect];
  }

  /** PostgreSQL numbers its places. */
  #numbered(text: string): string {
    if (this.#dialect !== 'postgres') return text;
    let place = 0;
    return text.replaceAll('?', () => `$${++place}`);
  }
}

/**
 * Keeps keys in a table of the database that you have. `createTable` makes the table, `sweep`
 * should be called now and then (once an hour): rows are not deleted by themselves.
 */
export function sqlIdempotencyStore(options: SqlIdempotencyOptions): SqlIdempotencyStore {
  const { query } = options;
  const statements = new SqlStatements(options);
  return {
    async createTable() {
      await query(statements.createTable, []);
    },
    async sweep() {
      return (await query(statements.sweep, [])).changed;
    },
    async claim(key, token, leaseMs) {
      checkSqlKey(key);
      const inserted = await query(statements.insert, [key, token, leaseMs]);
      if (inserted.changed > 0) return 'claimed';
      const taken = await query(statements.takeOver, [token, leaseMs, key, token]);
      if (taken.changed > 0) return 'claimed';
      const { rows } = await query(statements.look, [key]);
      const [row] = rows;
      // Gone in between: its holder gave up. The next delivery finds it free.
      return row !== undefined && row['token'] === null ? 'done' : 'busy';
    },
    async complete(key, token, keepMs) {
      return (await query(statements.complete, [keepMs, key, token])).changed > 0;
    },
    async release(key, token) {
      await query(statements.release, [key, token]);
    },
  };
}

/** A key that the column holds. */
export function checkSqlKey(key: string): void {
  if (key.length <= SQL_KEY_CHARS_MAX) return;
  throw new MqError(
    MqErrorCode.InvalidArgument,
    `A key has ${key.length} characters, at most ${SQL_KEY_CHARS_MAX} are allowed: hash long keys`,
  );
}
