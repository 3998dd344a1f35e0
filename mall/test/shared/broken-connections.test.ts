/** A server that ends connections, in use and idle: an error for whoever asked, and no more. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { sql } from 'kysely';
import { startPostgres } from '../../../bench/servers.ts';
import { freePort } from '../../../conformance/servers/ports.ts';
import { skipWithout } from '../../../conformance/servers/toolchain.ts';
import { type Database, openDatabase } from '../../src/shared/database/database.ts';
import { eventually } from '../eventually.ts';

suite('a database server that goes away', { skip: skipWithout('postgres') }, () => {
  test('in the middle of a transaction, and between two', async () => {
    const server = await startPostgres(await freePort(), 'async');
    const warnings: string[] = [];
    const warn = (_fields: object, text: string): number => warnings.push(text);
    const logger = { ...{ debug() {}, info() {}, error() {} }, warn };
    const opened: Database<object>[] = [];
    // Its port is open before it takes connections.
    const open = async (): Promise<Database<object>> => {
      const options = {
        ...({ name: 'ends', location: { kind: 'postgres', url: server.address }, logger } as const),
        migrations: ['CREATE TABLE note (words TEXT NOT NULL);'],
      };
      const count = opened.length;
      await eventually('the server to take connections', async () => {
        await openDatabase<object>(options).then(
          (database) => opened.push(database),
          () => undefined,
        );
        return opened.length > count;
      });
      const database = opened.at(-1);
      assert.ok(database);
      return database;
    };
    try {
      const database = await open();
      const killer = await open();
      const before = warnings.length;
      const broken = database.transaction(async (trx) => {
        await sql`INSERT INTO note (words) VALUES ('half')`.execute(trx);
        const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(trx);
        await sql`SELECT pg_terminate_backend(${rows[0]?.pid})`.execute(killer.kysely);
        await eventually('the connection to break', () => warnings.length > before);
        await sql`INSERT INTO note (words) VALUES ('whole')`.execute(trx);
      });
      await assert.rejects(broken);
      const count = sql<{ n: number }>`SELECT count(*)::int AS n FROM note`;
      assert.deepEqual((await count.execute(database.kysely)).rows, [{ n: 0 }]);
      const heard = warnings.length;
      const others = sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`;
      await others.execute(killer.kysely);
      await eventually('the idle one to break', () => warnings.length > heard);
      assert.deepEqual((await count.execute(database.kysely)).rows, [{ n: 0 }]);
    } finally {
      for (const database of opened) await database.close();
      await server.stop();
    }
  });
});
