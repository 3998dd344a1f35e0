/** What a cart is, without browser or server. */
import type { CartItem } from '../api/types.ts';

/** Pieces of one product in one order. */
export const QUANTITY_MAX = 99;
const ITEMS_MAX = 50;

/** Reads a stored cart; what makes no sense is left out. */
export function parseCart(text: string | null): readonly CartItem[] {
  if (text === null) return [];
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed)) return [];
    return parsed.filter(isItem).slice(0, ITEMS_MAX);
  } catch {
    return [];
  }
}

function isItem(value: unknown): value is CartItem {
  if (typeof value !== 'object' || value === null) return false;
  if (!('productId' in value) || !('quantity' in value)) return false;
  const { productId, quantity } = value;
  return typeof productId === 'string' && isQuantity(quantity);
}

function isQuantity(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= QUANTITY_MAX;
}

export function addItem(
  items: readonly CartItem[],
  productId: string,
  quantity: number,
): readonly CartItem[] {
  const before = items.find((item) => item.productId === productId)?.quantity ?? 0;
  return setQuantity(items, productId, before + quantity);
}

/** A quantity of 0 removes the product. */
export function setQuantity(
  items: readonly CartItem[],
  productId: string,
  quantity: number,
): readonly CartItem[] {
  const wanted = Math.min(Math.max(Math.trunc(quantity), 0), QUANTITY_MAX);
  if (wanted === 0) return items.filter((item) => item.productId !== productId);
  const known = items.some((item) => item.productId === productId);
  if (!known) return [...items, { productId, quantity: wanted }].slice(0, ITEMS_MAX);
  return items.map((item) =>
    item.productId === productId ? { productId, quantity: wanted } : item,
  );
}

/** A cart filled before signing in joins the one of before: of each product the larger quantity. */
export function mergeCarts(
  mine: readonly CartItem[],
  stored: readonly CartItem[],
): readonly CartItem[] {
  let merged = mine;
  for (const { productId, quantity } of stored) {
    const before = merged.find((item) => item.productId === productId)?.quantity ?? 0;
    if (quantity > before) merged = setQuantity(merged, productId, quantity);
  }
  return merged;
}
