/** The products of the cart, as the catalogue has them now. */
import { catalogue } from '../api/shop.ts';
import type { Product } from '../api/types.ts';
import { useCart } from './cart.tsx';
import { type Resource, useResource } from './resource.ts';

export interface CartLine {
  readonly product: Product;
  readonly quantity: number;
}

export interface CartLines extends Omit<Resource<readonly Product[]>, 'data'> {
  readonly lines: readonly CartLine[];
  readonly totalCents: number;
  /** Something in the cart is not there in this number. */
  readonly hasShort: boolean;
}

/** More is wanted than there is. */
export function isShort({ product, quantity }: CartLine): boolean {
  return product.available !== null && quantity > product.available;
}

/** Products that are gone are left out. */
export function useCartLines(): CartLines {
  const { items } = useCart();
  const ids = items.map(({ productId }) => productId).sort();
  const { data, ...rest } = useResource(`cart-products:${ids.join()}`, (signal) =>
    readProducts(ids, signal),
  );
  const known = new Map((data ?? []).map((product) => [product.id, product]));
  const lines = items.flatMap(({ productId, quantity }) => {
    const product = known.get(productId);
    return product === undefined ? [] : [{ product, quantity }];
  });
  const totalCents = lines.reduce((sum, one) => sum + one.product.priceCents * one.quantity, 0);
  return { ...rest, lines, totalCents, hasShort: lines.some(isShort) };
}

async function readProducts(
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly Product[]> {
  const found = await Promise.allSettled(ids.map((id) => catalogue.product(id, signal)));
  const products = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = found.find((one) => one.status === 'rejected');
  if (products.length === 0 && failed !== undefined) throw failed.reason;
  return products;
}
