import { z } from 'zod';
import { ApiError } from '../shared/api-error.ts';
import { nothing } from '../shared/http/http-server.ts';
import { newId } from '../shared/ids.ts';
import { TOPIC } from '../shared/messaging/topics.ts';
import type { ServiceContext } from '../shared/service.ts';
import type { PriceCache } from './price-cache.ts';
import { findProducts, insertProduct, productDraftSchema, updateProduct } from './products.ts';
import { withStock } from './stock-view.ts';

const PRODUCTS_MAX = 1_000;

/** What staff do with products. */
export function addOfficeRoutes(context: ServiceContext<object>, cache: PriceCache): void {
  const { http, database, outbox, deps } = context;
  http.route(
    {
      ...{ method: 'GET', url: '/office/products', access: 'staff', input: nothing },
      summary: 'All products',
    },
    async () => {
      const all = { q: '', category: '', page: 1, pageSize: PRODUCTS_MAX };
      const { products } = await findProducts(database.kysely, all);
      return { products: await withStock(context, products) };
    },
  );
  http.route(
    {
      ...{ method: 'POST', url: '/office/products', access: 'staff', status: 201 },
      summary: 'A new product; its stock is set at the inventory',
      input: z.object({ body: productDraftSchema }),
    },
    async ({ body }) => {
      const id = body.sku.toLowerCase();
      if (await insertProduct(database.kysely, id, body)) return { id };
      throw new ApiError('CONFLICT', `There is a product with the sku ${body.sku}`);
    },
  );
  http.route(
    {
      ...{ method: 'PUT', url: '/office/products/:id', access: 'staff' },
      summary: 'Changes a product; a new price is told to every instance',
      input: z.object({ params: z.object({ id: z.string() }), body: productDraftSchema }),
    },
    async ({ params: { id }, body }) => {
      const event = {
        eventId: newId('e'),
        productId: id,
        priceCents: body.priceCents,
        atMs: deps.clock.nowMs(),
      };
      await context.transaction(async (trx) => {
        if ((await updateProduct(trx, id, body)) === undefined) {
          throw new ApiError('NOT_FOUND', `There is no product ${id}`);
        }
        const { eventId } = event;
        await outbox.add(trx, {
          ...{ topic: TOPIC.price, tag: 'changed', orderId: id, eventId, body: event },
        });
      });
      cache.forget(id);
      return { id };
    },
  );
}
