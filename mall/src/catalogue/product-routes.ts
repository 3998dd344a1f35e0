import { sql } from 'kysely';
import { z } from 'zod';
import { ApiError } from '../shared/api-error.ts';
import { nothing } from '../shared/http/http-server.ts';
import { stockQuestion, stockQuoteSchema } from '../shared/messaging/events.ts';
import { SEED_CATEGORIES } from '../shared/seed/seed-products.ts';
import type { ServiceContext } from '../shared/service.ts';
import type { PriceCache } from './price-cache.ts';
import { findProducts, productSchema } from './products.ts';
import { withStock } from './stock-view.ts';

type Context = ServiceContext<object>;

const PAGE_SIZE = 24;
const PAGE_MAX = 1_000;
const POPULAR = 8;
const IDS_MAX = 100;

const shownSchema = productSchema.extend({ available: z.number().nullable() });
const oneSchema = z.object({ params: z.object({ id: z.string().max(64) }) });

export function addProductRoutes(context: Context, cache: PriceCache): void {
  addLists(context, cache);
  addOne(context, cache);
}

function addLists(context: Context, cache: PriceCache): void {
  const { http, database } = context;
  http.route(
    {
      ...{ method: 'GET', url: '/products', access: 'public' },
      summary: 'Products, by words and category, a page of them',
      input: z.object({
        query: z.object({
          q: z.string().max(100).default(''),
          category: z.string().max(64).default(''),
          page: z.coerce.number().int().min(1).max(PAGE_MAX).default(1),
        }),
      }),
      output: z.object({ products: z.array(shownSchema), total: z.number() }),
    },
    async ({ query }) => {
      const found = await findProducts(database.kysely, { ...query, pageSize: PAGE_SIZE });
      return { products: await withStock(context, found.products), total: found.total };
    },
  );
  http.route(
    {
      ...{ method: 'GET', url: '/categories', access: 'public', input: nothing },
      summary: 'Categories with their names',
    },
    async () => {
      const { rows } = await sql<{ id: string }>`
        SELECT DISTINCT category AS id FROM product
      `.execute(database.kysely);
      const named = new Map(SEED_CATEGORIES.map((one) => [one.id, one]));
      const added = rows.filter(({ id }) => !named.has(id));
      const others = added.map(({ id }) => ({ id, name: { en: id, zh: id } }));
      return { categories: [...SEED_CATEGORIES, ...others] };
    },
  );
  http.route(
    {
      ...{ method: 'GET', url: '/popular', access: 'public', input: nothing },
      summary: 'What visitors put into their carts most',
      output: z.object({ products: z.array(shownSchema) }),
    },
    async () => {
      const { rows } = await sql<{ id: string }>`
        SELECT product_id AS id FROM popularity ORDER BY score DESC LIMIT ${POPULAR}
      `.execute(database.kysely);
      return { products: await withStock(context, await cache.get(rows.map(({ id }) => id))) };
    },
  );
}

function addOne(context: Context, cache: PriceCache): void {
  const { http, producer, deps } = context;
  const one = async (id: string) => {
    const [product] = await cache.get([id]);
    if (product === undefined) throw new ApiError('NOT_FOUND', `There is no product ${id}`);
    return product;
  };
  http.route(
    {
      ...{ method: 'GET', url: '/products/:id', access: 'public', input: oneSchema },
      summary: 'A product',
      output: z.object({ product: shownSchema }),
    },
    async ({ params }) => {
      const [product] = await withStock(context, [await one(params.id)]);
      return { product };
    },
  );
  http.route(
    {
      ...{ method: 'GET', url: '/products/:id/stock', access: 'public', input: oneSchema },
      summary: 'The stock at this moment: asked of the inventory by a message, with a reply',
      output: stockQuoteSchema,
    },
    async ({ params }) => {
      const { sku } = await one(params.id);
      const { callTimeoutMs: timeoutMs } = deps.settings;
      try {
        const question = await stockQuestion.message({ sku }, { keys: [sku] });
        const reply = await producer.request(question, { timeoutMs });
        return stockQuoteSchema.parse(reply.json());
      } catch (error) {
        const text = 'The inventory does not answer: try again';
        throw new ApiError('UNAVAILABLE', text, { cause: error });
      }
    },
  );
  http.route(
    {
      ...{ method: 'GET', url: '/internal/products', access: 'internal' },
      summary: 'Products by id, with the prices that hold now',
      input: z.object({ query: z.object({ ids: z.string() }) }),
    },
    async ({ query }) => ({
      products: await cache.get(query.ids.split(',').slice(0, IDS_MAX)),
    }),
  );
}
