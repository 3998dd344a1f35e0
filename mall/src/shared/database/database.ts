/** The database of one service: Kysely over PostgreSQL, embedded or a server. */
import type { Logger } from '@skylarkmq/client';
import { Kysely, PostgresDialect, type PostgresPool, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { BASE_MIGRATIONS } from './base-migrations.ts';
import type { DatabaseLocation } from './location.ts';
import { PgliteEngine } from './pglite-engine.ts';
import { typeParser } from './type-parser.ts';

export interface DatabaseOptions {
  /** Of the service: names the schema or the directory. */
  readonly name: string;
  readonly location: DatabaseLocation;
  /** Scripts that are run once each, in order. Never change one, add another. */
  readonly migrations: readonly string[];
  readonly logger: Logger;
  /** A file for {@link PgliteEngine}. */
  readonly template?: string;
}

export interface Database<Tables> {
  readonly kysely: Kysely<Tables>;
  /**
   * Commits when the work resolves, rolls back when it throws. Nothing is waited for inside that
   * may itself want this database: an embedded one has one connection.
   */
  transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 12;
const CONNECT_TIMEOUT_MS = 10_000;
/** Any number: whoever migrates waits for whoever else does. */
const MIGRATION_LOCK = 7_041_776;

/** Opens, and brings the schema up to date. */
export async function openDatabase<Tables>(options: DatabaseOptions): Promise<Database<Tables>> {
  const schema = `mall_${options.name}`;
  const { pool, end } = await openPool(options, schema);
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const close = async (): Promise<void> => {
    await kysely.destroy();
    await end();
  };
  try {
    await migrate(kysely, schema, [
      ...named('base', BASE_MIGRATIONS),
      ...named(options.name, options.migrations),
    ]);
  } catch (error) {
    await close();
    throw error;
  }
  return { kysely, transaction: (work) => kysely.transaction().execute(work), close };
}

interface OpenedPool {
  readonly pool: PostgresPool;
  end(): Promise<void>;
}

async function openPool(options: DatabaseOptions, schema: string): Promise<OpenedPool> {
  const { location, name, logger, template } = options;
  if (location.kind === 'postgres') {
    const pool = new pg.Pool({
      connectionString: location.url,
      max: CONNECTIONS_MAX,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      options: `-c search_path=${schema}`,
      types: { getTypeParser: typeParser },
    });
    // Between two statements of a transaction nobody else listens, and an error without a listener
    // would end the process. The next statement fails, and the pool makes another connection.
    pool.on('connect', (client) =>
      client.on('error', (error) => {
        logger.warn({ name, error: error.message }, 'A connection to PostgreSQL broke');
      }),
    );
    // Says the same of idle connections once more.
    pool.on('error', () => undefined);
    return { pool, end: () => Promise.resolve() };
  }
  if (location.kind === 'engine') {
    return { pool: location.engine.pool(schema), end: () => Promise.resolve() };
  }
  const engine = await PgliteEngine.open({
    ...(location.kind === 'directory' ? { directory: `${location.path}/${name}` } : {}),
    ...(template === undefined ? {} : { template }),
  });
  return { pool: engine.pool(schema), end: () => engine.close() };
}

interface Migration {
  readonly id: string;
  readonly script: string;
}

function named(set: string, scripts: readonly string[]): Migration[] {
  return scripts.map((script, index) => ({ id: `${set}-${index + 1}`, script }));
}

async function migrate<Tables>(
  kysely: Kysely<Tables>,
  schema: string,
  scripts: readonly Migration[],
): Promise<void> {
  await kysely.transaction().execute(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(trx);
    await sql`CREATE SCHEMA IF NOT EXISTS ${sql.id(schema)}`.execute(trx);
    await sql`CREATE TABLE IF NOT EXISTS migration (id TEXT PRIMARY KEY)`.execute(trx);
    const { rows } = await sql<{ id: string }>`SELECT id FROM migration`.execute(trx);
    const done = new Set(rows.map(({ id }) => id));
    for (const { id, script } of scripts) {
      if (done.has(id)) continue;
      for (const statement of statementsOf(script)) await sql.raw(statement).execute(trx);
      await sql`INSERT INTO migration (id) VALUES (${id})`.execute(trx);
    }
  });
}

/** Statements end with a semicolon at the end of a line. */
function statementsOf(script: string): string[] {
  return script
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
