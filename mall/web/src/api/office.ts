/** The calls of the back office. */
import { request, withQuery } from './http.ts';
import type { Coupon, Order, Product, Translated } from './types.ts';

export interface ProductDraft {
  readonly sku: string;
  readonly name: Translated;
  readonly description: Translated;
  readonly category: string;
  readonly priceCents: number;
  readonly originalPriceCents?: number | null;
  readonly image: string;
  readonly tags: readonly string[];
  readonly flashSale: boolean;
}

/** A coupon as the office sees it: a kind, of which customers have their own. */
export interface OfficeCoupon extends Omit<Coupon, 'state'> {
  readonly state?: string;
  readonly issued?: number;
  readonly used?: number;
}

export interface CouponDraft {
  readonly name: Translated;
  readonly kind: 'amount' | 'percent';
  readonly value: number;
  readonly minimumCents: number;
  readonly expiresMs: number;
}

export const office = {
  products: (signal?: AbortSignal): Promise<{ products: readonly Product[] }> =>
    request('GET', '/api/catalogue/office/products', signal ? { signal } : {}),
  addProduct: (draft: ProductDraft): Promise<unknown> =>
    request('POST', '/api/catalogue/office/products', { body: draft }),
  putProduct: (id: string, draft: ProductDraft): Promise<unknown> =>
    request('PUT', `/api/catalogue/office/products/${encodeURIComponent(id)}`, { body: draft }),
  putStock: (sku: string, available: number): Promise<unknown> =>
    request('PUT', `/api/inventory/office/stock/${encodeURIComponent(sku)}`, {
      body: { available },
    }),
  coupons: (signal?: AbortSignal): Promise<{ coupons: readonly OfficeCoupon[] }> =>
    request('GET', '/api/coupon/office/coupons', signal ? { signal } : {}),
  addCoupon: (draft: CouponDraft): Promise<unknown> =>
    request('POST', '/api/coupon/office/coupons', { body: draft }),
  orders: (state: string, signal?: AbortSignal): Promise<{ orders: readonly Order[] }> =>
    request('GET', withQuery('/api/order/office/orders', { state }), signal ? { signal } : {}),
};
