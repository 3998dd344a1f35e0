/** What the shop shows: products, search, carts, and what is popular. */
import { sql } from 'kysely';
import { newId } from '../shared/ids.ts';
import { cart } from '../shared/messaging/events.ts';
import { SEED_PRODUCTS } from '../shared/seed/seed-products.ts';
import { type CreateService, openService, type ServiceContext } from '../shared/service.ts';
import { addCartRoutes } from './cart-routes.ts';
import { CART_MIGRATION, CartReporter } from './carts.ts';
import { addOfficeRoutes } from './office-routes.ts';
import { followPrices, PriceCache } from './price-cache.ts';
import { addProductRoutes } from './product-routes.ts';
import { insertProduct, PRODUCT_MIGRATION, productsById } from './products.ts';

/** How often what visitors did with carts is sent. */
const REPORT_MS = 500;

export const createCatalogueService: CreateService = async (deps) => {
  const context = await openService<object>(deps, {
    name: 'catalogue',
    migrations: [PRODUCT_MIGRATION, CART_MIGRATION],
  });
  const { kysely } = context.database;
  if (deps.settings.seed) {
    // Products that staff have added since are not touched.
    for (const product of [...SEED_PRODUCTS].reverse()) {
      await insertProduct(kysely, product.id, { ...product, tags: [...product.tags] });
    }
  }
  const cache = new PriceCache(deps.clock, (ids) => productsById(kysely, ids));
  const reporter = new CartReporter(context.producer, deps.logger);
  addProductRoutes(context, cache);
  addCartRoutes(context, reporter);
  addOfficeRoutes(context, cache);
  context.own(() => followPrices(deps, cache, newId('r')));
  context.every(REPORT_MS, 'cart statistics', () => reporter.send());
  context.onStop(() => reporter.send());
  countCarts(context);
  return context.start();
};

/** Statistics: each event counts once, although the messages come in batches and may come again. */
function countCarts(context: ServiceContext<object>): void {
  context.consume({
    group: 'mall-catalogue-cart',
    topic: cart,
    filter: { tags: ['added'] },
    async handle({ productId, quantity }, trx) {
      await sql`
        INSERT INTO popularity (product_id, score) VALUES (${productId}, ${quantity})
        ON CONFLICT (product_id) DO UPDATE SET score = popularity.score + ${quantity}
      `.execute(trx);
    },
  });
}
