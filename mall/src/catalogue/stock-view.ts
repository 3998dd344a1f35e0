/** Products with what the inventory has of them. */
import { z } from 'zod';
import { messageOf } from '../shared/api-error.ts';
import type { ServiceContext } from '../shared/service.ts';
import type { Product } from './products.ts';

const stockAnswer = z.object({
  stock: z.array(z.object({ sku: z.string(), available: z.number() })),
});

export type ShownProduct = Product & {
  /** Null: the inventory does not answer. The shop shows its products all the same. */
  readonly available: number | null;
};

const TIMEOUT_MS = 1_000;

export async function withStock<Tables>(
  { client, deps }: ServiceContext<Tables>,
  products: readonly Product[],
): Promise<ShownProduct[]> {
  if (products.length === 0) return [];
  const available = new Map<string, number>();
  try {
    const skus = products.map(({ sku }) => encodeURIComponent(sku)).join(',');
    const { stock } = await client.call({
      url: `${deps.urls.inventory}/internal/stock?skus=${skus}`,
      timeoutMs: TIMEOUT_MS,
      output: stockAnswer,
    });
    for (const one of stock) available.set(one.sku, one.available);
  } catch (error) {
    deps.logger.warn({ error: messageOf(error) }, 'Products are shown without their stock');
    return products.map((product) => ({ ...product, available: null }));
  }
  return products.map((product) => ({ ...product, available: available.get(product.sku) ?? 0 }));
}
