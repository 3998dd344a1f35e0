/**
 * The provider's storage where its neighbours use a database server: lines in a table of its own.
 */
import { type Kysely, sql } from 'kysely';
import type { Database } from '../shared/database/database.ts';
import type { Journal, JournalOpener } from './journal.ts';

/** The only table. */
export interface JournalTables {
  readonly journal: { readonly id: number; readonly line: string };
}

export const JOURNAL_MIGRATIONS: readonly string[] = [
  'CREATE TABLE journal (id BIGSERIAL PRIMARY KEY, line TEXT NOT NULL);',
];

const READ_MAX = 1_000;

/** Lines are added in the order of the calls; the database closes with the journal. */
export function databaseJournal(database: Database<JournalTables>): JournalOpener {
  return async (load, compact) => {
    await database.transaction(async (trx) => {
      await readAll(trx, load);
      await trx.deleteFrom('journal').execute();
      for (const value of compact()) await insert(trx, [value]);
    });
    return new TableJournal(database);
  };
}

async function readAll(
  kysely: Kysely<JournalTables>,
  load: (value: unknown) => void,
): Promise<void> {
  let last = 0;
  for (;;) {
    const rows = await kysely
      .selectFrom('journal')
      .select(['id', 'line'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(READ_MAX)
      .execute();
    for (const { line } of rows) load(JSON.parse(line));
    last = rows.at(-1)?.id ?? last;
    if (rows.length < READ_MAX) return;
  }
}

async function insert(kysely: Kysely<JournalTables>, lines: readonly unknown[]): Promise<void> {
  const values = lines.map((line) => sql`(${JSON.stringify(line)})`);
  await sql`INSERT INTO journal (line) VALUES ${sql.join(values)}`.execute(kysely);
}

class TableJournal implements Journal {
  readonly #database: Database<JournalTables>;
  #last: Promise<void> = Promise.resolve();

  constructor(database: Database<JournalTables>) {
    this.#database = database;
  }

  append(lines: readonly unknown[]): Promise<void> {
    this.#last = this.#last.then(() => insert(this.#database.kysely, lines));
    return this.#last;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#database.close();
  }
}
