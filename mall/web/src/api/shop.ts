/** The calls of the shop's own pages. */
import { request, withQuery } from './http.ts';
import type {
  CartItem,
  Category,
  Coupon,
  LedgerEntry,
  Order,
  Product,
  Sequenced,
  User,
} from './types.ts';

type Signal = AbortSignal | undefined;

function get<T>(path: string, signal: Signal): Promise<T> {
  return request<T>('GET', path, signal === undefined ? {} : { signal });
}

export interface ProductQuery {
  readonly q?: string;
  readonly category?: string;
  readonly page?: number;
}

export interface ProductPage {
  readonly products: readonly Product[];
  readonly total: number;
}

export const catalogue = {
  products: (query: ProductQuery, signal?: AbortSignal): Promise<ProductPage> =>
    get(withQuery('/api/catalogue/products', { ...query }), signal),
  product: async (id: string, signal?: AbortSignal): Promise<Product> =>
    unwrap(await get<Product | { product: Product }>(`/api/catalogue/products/${seg(id)}`, signal)),
  categories: (signal?: AbortSignal): Promise<{ categories: readonly Category[] }> =>
    get('/api/catalogue/categories', signal),
  /** Asked of the warehouse at this moment: request-reply over the message platform. */
  stock: (id: string, signal?: AbortSignal): Promise<{ available: number }> =>
    get(`/api/catalogue/products/${seg(id)}/stock`, signal),
  popular: (signal?: AbortSignal): Promise<{ products: readonly Product[] }> =>
    get('/api/catalogue/popular', signal),
  cart: (signal?: AbortSignal): Promise<{ items: readonly CartItem[] }> =>
    get('/api/catalogue/cart', signal),
  putCart: (items: readonly CartItem[]): Promise<unknown> =>
    request('PUT', '/api/catalogue/cart', { body: { items } }),
};

function unwrap(answer: Product | { readonly product: Product }): Product {
  return 'product' in answer ? answer.product : answer;
}

/** One part of a path: nothing in it can lead elsewhere. */
function seg(value: string): string {
  return encodeURIComponent(value);
}

export const users = {
  me: (signal?: AbortSignal): Promise<{ user: User }> => get('/api/user/me', signal),
  signIn: (email: string, password: string): Promise<unknown> =>
    request('POST', '/api/user/sign-in', { body: { email, password } }),
  register: (email: string, password: string, name: string): Promise<unknown> =>
    request('POST', '/api/user/register', { body: { email, password, name } }),
  signOut: (): Promise<unknown> => request('POST', '/api/user/sign-out', { body: {} }),
  ledger: (signal?: AbortSignal): Promise<{ entries: readonly LedgerEntry[] }> =>
    get('/api/user/ledger', signal),
};

export const coupons = {
  mine: (signal?: AbortSignal): Promise<{ coupons: readonly Coupon[] }> =>
    get('/api/coupon/mine', signal),
};

export interface NewOrder {
  readonly items: readonly { productId: string; quantity: number; priceCents: number }[];
  readonly couponId?: string;
  readonly useBalanceCents?: number;
  /** One for each click on "place order": a repeated call gives the same order. */
  readonly requestId: string;
}

export interface OrderWithTimeline {
  readonly order: Order;
  readonly timeline: readonly Sequenced[];
}

export const orders = {
  place: (order: NewOrder): Promise<{ orderId: string }> =>
    request('POST', '/api/order/orders', { body: order }),
  list: (
    page: number,
    signal?: AbortSignal,
  ): Promise<{ orders: readonly Order[]; total: number }> =>
    get(withQuery('/api/order/orders', { page }), signal),
  one: (id: string, signal?: AbortSignal): Promise<OrderWithTimeline> =>
    get(`/api/order/orders/${seg(id)}`, signal),
  cancel: (id: string): Promise<unknown> =>
    request('POST', `/api/order/orders/${seg(id)}/cancel`, { body: {} }),
  refund: (id: string): Promise<unknown> =>
    request('POST', `/api/order/orders/${seg(id)}/refund`, { body: {} }),
};

export const payments = {
  create: (orderId: string): Promise<{ paymentId: string; payUrl: string }> =>
    request('POST', '/api/payment/payments', { body: { orderId, channel: 'bank' } }),
};

export const push = {
  ticket: (): Promise<{ ticket: string }> => request('POST', '/api/push/ticket', { body: {} }),
};
