/**
 * PostgreSQL in the process. One engine has one connection, so its users take turns; they may have
 * a schema each. It survives a killed process, not a power cut: it does not wait for the disk.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { PgliteStream } from './pglite-stream.ts';
import { typeParser } from './type-parser.ts';

/** Eight parts of a shop in one process: each makes do with little. */
const START_PARAMETERS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'];
const PREPARED_MAX = 400;

export interface EngineOptions {
  /** Undefined: in memory. */
  readonly directory?: string;
  /**
   * A file with a new, empty database; made when it is missing. Opening a copy of it takes a tenth
   * of the time that making one takes.
   */
  readonly template?: string;
}

export class PgliteEngine {
  readonly #pglite: PGlite;
  readonly #client: pg.Client;
  /** Statements that the engine has parsed, by schema and text. */
  readonly #prepared = new Map<string, string>();
  #turn: Promise<void> = Promise.resolve();
  #schema = 'public';

  private constructor(pglite: PGlite, client: pg.Client) {
    this.#pglite = pglite;
    this.#client = client;
  }

  static async open({ directory, template }: EngineOptions): Promise<PgliteEngine> {
    if (directory !== undefined) await mkdir(directory, { recursive: true });
    const isNew = directory === undefined || !existsSync(`${directory}/PG_VERSION`);
    const image = isNew && template !== undefined ? await templateImage(template) : undefined;
    const pglite = await PGlite.create({
      ...(directory === undefined ? {} : { dataDir: directory }),
      ...(image === undefined ? {} : { loadDataDir: image }),
      startParams: START_PARAMETERS,
    });
    const client = new pg.Client({
      user: 'postgres',
      stream: () => new PgliteStream(pglite),
      types: { getTypeParser: typeParser },
    });
    await client.connect();
    return new PgliteEngine(pglite, client);
  }

  /** A pool as Kysely's dialect for PostgreSQL wants it, with one connection. */
  pool(schema: string): PostgresPool {
    return {
      connect: () => this.#connect(schema),
      end: () => Promise.resolve(),
    };
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#client.end();
    await this.#pglite.close();
  }

  async #connect(schema: string): Promise<PostgresPoolClient> {
    const before = this.#turn;
    let release = (): void => {};
    this.#turn = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    // It works within one turn of the event loop: without this, nobody else would have theirs.
    await nextTurn();
    const query: Query = (text, values) => this.#query(schema, text, values);
    return new Connection(query, release);
  }

  async #query<R>(
    schema: string,
    text: string,
    values: readonly unknown[],
  ): Promise<PostgresQueryResult<R>> {
    if (this.#schema !== schema) {
      await this.#client.query(`SET search_path TO ${schema}`);
      this.#schema = schema;
    }
    // Without values it may be several statements, or one that is not prepared, such as a begin.
    const name = values.length === 0 ? undefined : this.#nameOf(`${schema} ${text}`);
    const statement = { text, values: [...values], ...(name === undefined ? {} : { name }) };
    const { rows, rowCount, command } = await this.#client.query<R & pg.QueryResultRow>(statement);
    return {
      command: COMMANDS.find((one) => one === command) ?? 'SELECT',
      rowCount: rowCount ?? 0,
      rows,
    };
  }

  /** The first so many texts are prepared: those of the code come first, lists of ids vary. */
  #nameOf(key: string): string | undefined {
    const known = this.#prepared.get(key);
    if (known !== undefined || this.#prepared.size >= PREPARED_MAX) return known;
    const name = `s${this.#prepared.size}`;
    this.#prepared.set(key, name);
    return name;
  }
}

type Query = <R>(text: string, values: readonly unknown[]) => Promise<PostgresQueryResult<R>>;

/** Kysely asks for a cursor only when it streams, which nothing here does. */
class Connection implements PostgresPoolClient {
  readonly #query: Query;
  readonly release: () => void;

  constructor(query: Query, release: () => void) {
    this.#query = query;
    this.release = release;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query(cursor: object): never;
  query<R>(
    sql: string | object,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> {
    if (typeof sql !== 'string') throw new Error('The embedded database has no cursors');
    return this.#query<R>(sql, parameters);
  }
}

const COMMANDS: readonly PostgresQueryResult<unknown>['command'][] = [
  ...(['INSERT', 'UPDATE', 'DELETE', 'MERGE'] as const),
];

let making: Promise<Blob> | undefined;

/** Reads the template, or makes it; several services that start at once make one. */
function templateImage(path: string): Promise<Blob> {
  making ??= existsSync(path) ? readTemplate(path) : makeTemplate(path);
  return making;
}

async function readTemplate(path: string): Promise<Blob> {
  return new Blob([new Uint8Array(await readFile(path))]);
}

async function makeTemplate(path: string): Promise<Blob> {
  const pglite = await PGlite.create({ startParams: START_PARAMETERS });
  const image = await pglite.dumpDataDir('none');
  await pglite.close();
  await mkdir(dirname(path), { recursive: true });
  // Another process may be doing the same: each writes its own file, the last one stays.
  const own = `${path}.${process.pid}`;
  await writeFile(own, new Uint8Array(await image.arrayBuffer()));
  await rename(own, path);
  return image;
}
