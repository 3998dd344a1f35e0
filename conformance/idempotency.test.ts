/** The idempotency stores and the transactional handler against real PostgreSQL and Redis. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ConsumerMessage,
  idempotentInTransaction,
  redisIdempotencyStore,
  type SqlQuery,
  sqlIdempotencyStore,
} from '@skylarkmq/client';
import pg from 'pg';
import { type Peer, startPostgres, startRedis } from '../bench/servers.ts';
import { deliver } from '../packages/client/test/fake/delivered.ts';
import { testStore } from '../packages/client/test/idempotency/store-suite.ts';
import { freePort } from './servers/ports.ts';
import { RedisClient } from './servers/redis-client.ts';
import { skipWithout } from './servers/toolchain.ts';

const { signal } = new AbortController();

suite('Redis', { skip: skipWithout('redis') }, () => {
  let server: Peer | undefined;
  let client: RedisClient | undefined;
  before(async () => {
    server = await startRedis(await freePort(), 'everysec');
    client = new RedisClient(server.address);
  });
  after(async () => {
    client?.close();
    await server?.stop();
  });

  testStore('Redis', () => ({
    store: redisIdempotencyStore({
      evaluate: (script, keys, args) =>
        client?.evaluate(script, keys, args) ?? Promise.reject(new Error('not started')),
    }),
    pass: async (milliseconds) => {
      await delay(milliseconds);
    },
  }));
});

function queryOf(client: pg.Pool | pg.PoolClient): SqlQuery {
  return async (text, values) => {
    const { rows, rowCount } = await client.query<Record<string, unknown>>(text, [...values]);
    return { rows, changed: rowCount ?? 0 };
  };
}

suite('PostgreSQL', { skip: skipWithout('postgres') }, () => {
  let server: Peer | undefined;
  let pool: pg.Pool;
  before(async () => {
    server = await startPostgres(await freePort(), 'async');
    const connectionString = server.address;
    pool = new pg.Pool({ connectionString, max: 20 });
    // Connections are killed by a test, and at the end by the server's own end.
    pool.on('error', () => {});
    pool.on('connect', (client) => client.on('error', () => {}));
    await connected(pool);
    await sqlIdempotencyStore({ query: queryOf(pool) }).createTable();
    await pool.query('CREATE TABLE effects (message_id TEXT NOT NULL)');
  });
  after(async () => {
    await pool.end();
    await server?.stop();
  });

  testStore('PostgreSQL', () => ({
    store: sqlIdempotencyStore({ query: queryOf(pool) }),
    pass: async (milliseconds) => {
      await delay(milliseconds);
    },
  }));

  test('sweeping deletes what is over and nothing else', async () => {
    const store = sqlIdempotencyStore({ query: queryOf(pool), table: 'swept' });
    await store.createTable();
    await store.createTable();
    await store.claim('old', 't', 1);
    await store.claim('new', 't', 600_000);
    await delay(20);
    assert.equal(await store.sweep(), 1);
    assert.equal(await store.claim('new', 'u', 1_000), 'busy');
  });

  async function transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let broken = true;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      broken = false;
      return result;
    } catch (error) {
      await client.query('ROLLBACK');
      broken = false;
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Notes the message in the transaction, then does what else the test wants. */
  function handler(
    scope: string,
    then: (message: ConsumerMessage, client: pg.PoolClient) => unknown = () => {},
    duplicates: string[] = [],
  ) {
    return idempotentInTransaction(
      { transaction, query: queryOf, scope, onDuplicate: (one) => duplicates.push(one.messageId) },
      async (message, client: pg.PoolClient) => {
        const values = [`${scope}/${message.messageId}`];
        await client.query('INSERT INTO effects (message_id) VALUES ($1)', values);
        await then(message, client);
      },
    );
  }

  async function effects(scope: string): Promise<number> {
    const text = 'SELECT count(*) AS n FROM effects WHERE message_id LIKE $1';
    const { rows } = await pool.query<{ n: string }>(text, [`${scope}/%`]);
    return Number(rows[0]?.n);
  }

  test('a storm of duplicates has exactly one effect each', async () => {
    const duplicates: string[] = [];
    const handle = handler('storm', () => delay(2), duplicates);
    const storm = Array.from({ length: 200 }, (_, index) => `m${index % 20}`);
    await Promise.all(storm.map((id) => handle(deliver(id).message, signal)));
    assert.equal(await effects('storm'), 20);
    assert.equal(duplicates.length, 180);
  });

  test('a handler that fails after its work has no effect, then exactly one', async () => {
    let failures = 0;
    const handle = handler('failing', () => {
      if (failures++ < 3) throw new Error('after the work');
    });
    for (let time = 0; time < 3; time++) {
      await assert.rejects(async () => handle(deliver('m').message, signal), /after the work/);
      assert.equal(await effects('failing'), 0);
    }
    await handle(deliver('m').message, signal);
    await handle(deliver('m').message, signal);
    assert.equal(await effects('failing'), 1);
  });

  test('a connection that dies before the commit leaves nothing, the next works', async () => {
    const dying = handler('dying', (_, client) =>
      client.query('SELECT pg_terminate_backend(pg_backend_pid())'),
    );
    await assert.rejects(async () => dying(deliver('m').message, signal));
    assert.equal(await effects('dying'), 0);
    await handler('dying')(deliver('m').message, signal);
    assert.equal(await effects('dying'), 1);
  });

  test('a message that the handler retries or rejects is rolled back', async () => {
    const retried = deliver('m');
    await handler('undone', (message) => message.retry({ delayMs: 1_000 }))(
      retried.message,
      signal,
    );
    assert.deepEqual(retried.settled, ['retry 1000']);
    await handler('undone', (message) => message.reject())(deliver('m').message, signal);
    assert.equal(await effects('undone'), 0);
    await handler('undone')(deliver('m').message, signal);
    assert.equal(await effects('undone'), 1);
  });

  test('a key that is leased in the same table is not taken for done', async () => {
    await sqlIdempotencyStore({ query: queryOf(pool) }).claim('leased/m', 'other', 600_000);
    await assert.rejects(async () => handler('leased')(deliver('m').message, signal), {
      code: 'BUSY',
      retryable: true,
    });
    assert.equal(await effects('leased'), 0);
  });
});

/** The port is open before the server takes connections. */
async function connected(pool: pg.Pool): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      await pool.query('SELECT 1');
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(100);
    }
  }
}
