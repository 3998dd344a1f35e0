/** Stock: how much there is, how much is reserved for orders, how much is sold. */
import { PushConsumer } from '@skylarkmq/client';
import { sql } from 'kysely';
import { z } from 'zod';
import { stockInputSchema, stockStep, VersionConflict } from '../flows/steps/stock.ts';
import { ApiError } from '../shared/api-error.ts';
import { nothing } from '../shared/http/http-server.ts';
import { stockQuestion } from '../shared/messaging/events.ts';
import { TOPIC } from '../shared/messaging/topics.ts';
import { SAGA_MIGRATION } from '../shared/saga.ts';
import { SEED_PRODUCTS } from '../shared/seed/seed-products.ts';
import { type CreateService, openService, type ServiceContext } from '../shared/service.ts';
import { serveStep } from '../shared/steps.ts';

type Context = ServiceContext<object>;

const MIGRATIONS = [
  SAGA_MIGRATION,
  `
  CREATE TABLE stock (
    sku TEXT PRIMARY KEY,
    initial INT NOT NULL,
    available INT NOT NULL CHECK (available >= 0),
    reserved INT NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    sold INT NOT NULL DEFAULT 0 CHECK (sold >= 0),
    version INT NOT NULL DEFAULT 0
  );
  CREATE TABLE stock_movement (
    order_id TEXT NOT NULL,
    sku TEXT NOT NULL,
    kind TEXT NOT NULL,
    quantity INT NOT NULL,
    PRIMARY KEY (order_id, sku, kind)
  );
  `,
];

/** After so many conflicts the update's own condition decides. */
const OPTIMISTIC_ATTEMPTS = 4;
const STOCK_MAX = 1_000_000;
const SKUS_MAX = 500;

export const createInventoryService: CreateService = async (deps) => {
  const context = await openService<object>(deps, { name: 'inventory', migrations: MIGRATIONS });
  if (deps.settings.seed) await seed(context);
  const statistics = { conflicts: 0 };
  const expectUp = (): void => {
    if (!deps.faults.switches.inventoryDown) return;
    throw new ApiError('UNAVAILABLE', 'The inventory is down, as the control room wants it');
  };
  serveStep({
    context,
    input: stockInputSchema,
    step: () => stockStep<object>(undefined),
    expectUp,
    perform: (work, { items }) => optimistically(context, statistics, items, work),
  });
  addReading(context, statistics, expectUp);
  addOffice(context);
  context.own(() => answerQuotes(context, expectUp));
  return context.start();
};

async function seed(context: Context): Promise<void> {
  for (const { sku, stock } of SEED_PRODUCTS) {
    await sql`
      INSERT INTO stock (sku, initial, available) VALUES (${sku}, ${stock}, ${stock})
      ON CONFLICT (sku) DO NOTHING
    `.execute(context.database.kysely);
  }
}

type Step = ReturnType<typeof stockStep<object>>;

/** Reads, then writes if nobody wrote in between, else again. */
async function optimistically(
  { database, deps }: Context,
  statistics: { conflicts: number },
  items: readonly { readonly sku: string }[],
  work: (step: Step) => Promise<boolean>,
): Promise<boolean> {
  const skus = items.map(({ sku }) => sku);
  for (let attempt = 1; attempt <= OPTIMISTIC_ATTEMPTS; attempt++) {
    const { rows } = await sql<{ sku: string; version: number }>`
      SELECT sku, version FROM stock WHERE sku IN (${sql.join(skus)})
    `.execute(database.kysely);
    const versions = new Map(rows.map(({ sku, version }) => [sku, version]));
    try {
      return await work(stockStep<object>(versions));
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      statistics.conflicts++;
      deps.logger.debug({ sku: error.message, attempt }, 'A conflict of versions');
    }
  }
  return work(stockStep<object>(undefined));
}

const stockSchema = z.object({
  sku: z.string(),
  initial: z.number(),
  available: z.number(),
  reserved: z.number(),
  sold: z.number(),
});

function addReading(
  { http, database }: Context,
  statistics: { readonly conflicts: number },
  expectUp: () => void,
): void {
  http.route(
    {
      ...{ method: 'GET', url: '/internal/stock', access: 'internal' },
      summary: 'What is available of some products',
      input: z.object({ query: z.object({ skus: z.string() }) }),
    },
    async ({ query }) => {
      expectUp();
      const skus = query.skus.split(',').slice(0, SKUS_MAX);
      const { rows } = await sql`
        SELECT sku, available FROM stock WHERE sku IN (${sql.join(skus)})
      `.execute(database.kysely);
      return { stock: rows };
    },
  );
  http.route(
    {
      ...{ method: 'GET', url: '/internal/totals', access: 'internal' },
      summary: 'For the invariants: all stock, and what the book of movements says',
      input: nothing,
    },
    async () => {
      // One moment for both.
      const reading = database.kysely.transaction().setIsolationLevel('repeatable read');
      const { stock, movements } = await reading.execute(async (trx) => ({
        stock: await sql`
          SELECT sku, initial, available, reserved, sold FROM stock ORDER BY sku
        `.execute(trx),
        movements: await sql`
          SELECT sku, kind, sum(quantity)::int AS quantity FROM stock_movement GROUP BY sku, kind
        `.execute(trx),
      }));
      const { conflicts } = statistics;
      return { stock: stock.rows, movements: movements.rows, conflicts };
    },
  );
}

function addOffice({ http, database }: Context): void {
  http.route(
    {
      ...{ method: 'GET', url: '/office/stock', access: 'staff' },
      summary: 'All stock',
      input: nothing,
      output: z.object({ stock: z.array(stockSchema) }),
    },
    async () => {
      const { rows } = await sql`
        SELECT sku, initial, available, reserved, sold FROM stock ORDER BY sku
      `.execute(database.kysely);
      return { stock: rows };
    },
  );
  http.route(
    {
      ...{ method: 'PUT', url: '/office/stock/:sku', access: 'staff' },
      summary: 'Sets what is available; what has come or gone changes the initial stock',
      input: z.object({
        params: z.object({ sku: z.string().min(1).max(64) }),
        body: z.object({ available: z.number().int().min(0).max(STOCK_MAX) }),
      }),
      output: stockSchema,
    },
    async ({ params: { sku }, body: { available } }) => {
      const { rows } = await sql`
        INSERT INTO stock (sku, initial, available) VALUES (${sku}, ${available}, ${available})
        ON CONFLICT (sku) DO UPDATE SET
          initial = stock.initial + ${available} - stock.available,
          available = ${available}, version = stock.version + 1
        RETURNING sku, initial, available, reserved, sold
      `.execute(database.kysely);
      return rows[0];
    },
  );
}

/** Answers questions for the stock of a product: a message there, a message back. */
async function answerQuotes({ deps, database, producer }: Context, expectUp: () => void) {
  const { namesrv, logger, clock } = deps;
  const group = 'mall-inventory-quote';
  const consumer = new PushConsumer({
    ...{ namesrv, group, logger },
    subscriptions: TOPIC.stockQuote,
  });
  await consumer.start();
  const running = consumer.run(
    producer.replying(async (request) => {
      expectUp();
      const { sku } = await stockQuestion.read(request);
      const { rows } = await sql<{ available: number }>`
        SELECT available FROM stock WHERE sku = ${sku}
      `.execute(database.kysely);
      return JSON.stringify({ sku, available: rows[0]?.available ?? 0, atMs: clock.nowMs() });
    }),
  );
  return {
    group,
    async close(): Promise<void> {
      await consumer.close();
      await running;
    },
  };
}
