/** Buyers without hands: they order and pay as visitors do, over the same interfaces. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ApiError } from '../shared/api-error.ts';
import type { Caller } from '../shared/http/http-server.ts';
import type { ServiceContext } from '../shared/service.ts';

type Context = Pick<ServiceContext<object>, 'client' | 'deps'>;

const Products = z.object({
  total: z.number().int(),
  products: z.array(
    z.object({
      id: z.string(),
      sku: z.string(),
      priceCents: z.number().int(),
      available: z.number().nullable(),
      flashSale: z.boolean().nullish(),
    }),
  ),
});
/** A product as buyers see it. */
export type Product = z.infer<typeof Products>['products'][number];

const UserIds = z.object({ userIds: z.array(z.string()) });
const OrderId = z.object({ orderId: z.string() });
const OrderState = z.object({ order: z.object({ state: z.string() }) });
const PaymentId = z.object({ paymentId: z.string() });
const TheirPayments = z.object({ payments: z.array(z.object({ id: z.string() })) });
const Totals = z.object({
  stock: z.array(
    z.object({
      sku: z.string(),
      available: z.number(),
      reserved: z.number(),
      sold: z.number(),
    }),
  ),
  conflicts: z.number(),
});

/** What the inventory has in its books. */
export type StockTotals = z.infer<typeof Totals>;

const PAGES_MAX = 10;
const USERS_AT_ONCE = 1_000;
/** Under a load that is too high, buyers are patient. */
const TIMEOUT_MS = 20_000;
const STAFF: Caller = { userId: 'control', role: 'staff' };

/** An order that a buyer places. */
export interface Wish {
  readonly userId: string;
  readonly product: Product;
  readonly quantity: number;
  readonly useBalanceCents: number;
}

/** See the head of this file. */
export class Buyers {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** New customers, each with the balance that new ones are given. */
  async register(count: number): Promise<string[]> {
    const { client, deps } = this.#context;
    const userIds: string[] = [];
    while (userIds.length < count) {
      const call = {
        url: `${deps.urls.user}/internal/demo-users`,
        body: { count: Math.min(count - userIds.length, USERS_AT_ONCE) },
        atLeastMs: TIMEOUT_MS,
        output: UserIds,
      };
      userIds.push(...(await client.call(call)).userIds);
    }
    return userIds;
  }

  /** The catalogue, or so many pages of it. */
  async products(): Promise<readonly Product[]> {
    const { client, deps } = this.#context;
    const found: Product[] = [];
    for (let page = 1; page <= PAGES_MAX; page++) {
      const url = `${deps.urls.catalogue}/products?page=${page}`;
      const { products, total } = await client.call({ url, output: Products });
      found.push(...products);
      if (products.length === 0 || found.length >= total) break;
    }
    return found;
  }

  /** The id of the order. */
  async order({ product, quantity, useBalanceCents, userId }: Wish): Promise<string> {
    const { client, deps } = this.#context;
    const { orderId } = await client.call({
      url: `${deps.urls.order}/orders`,
      body: {
        items: [{ productId: product.id, quantity, priceCents: product.priceCents }],
        useBalanceCents,
        requestId: randomUUID(),
      },
      caller: { userId, role: 'customer' },
      atLeastMs: TIMEOUT_MS,
      output: OrderId,
    });
    return orderId;
  }

  /** Pays at the bank, if there is something to pay. */
  async pay(orderId: string, userId: string): Promise<void> {
    const { client, deps } = this.#context;
    const { urls } = deps;
    const url = `${urls.order}/internal/orders/${encodeURIComponent(orderId)}`;
    const { order } = await client.call({ url, atLeastMs: TIMEOUT_MS, output: OrderState });
    if (order.state !== 'awaiting-payment') return;
    const { paymentId } = await client.call({
      url: `${urls.payment}/payments`,
      body: { orderId, channel: 'bank' },
      caller: { userId, role: 'customer' },
      atLeastMs: TIMEOUT_MS,
      output: PaymentId,
    });
    const headers = { authorization: `Bearer ${deps.secrets.provider}` };
    const { payments } = await client.call({
      url: `${urls.provider}/v1/payments?reference=${paymentId}`,
      ...{ headers, atLeastMs: TIMEOUT_MS, output: TheirPayments },
    });
    const [payment] = payments;
    if (payment === undefined) throw new ApiError('NOT_FOUND', `The bank has no ${paymentId}`);
    await client.call({
      url: `${urls.provider}/v1/payments/${payment.id}/attempts`,
      ...{ headers, body: { decision: 'pay' }, atLeastMs: TIMEOUT_MS, output: z.object({}) },
    });
  }

  /** What is in stock, reserved and sold. */
  stock(): Promise<StockTotals> {
    const { client, deps } = this.#context;
    const url = `${deps.urls.inventory}/internal/totals`;
    return client.call({ url, output: Totals });
  }

  /** Sets what is available of a product. */
  async restock(sku: string, available: number): Promise<void> {
    const { client, deps } = this.#context;
    await client.call({
      method: 'PUT',
      url: `${deps.urls.inventory}/office/stock/${encodeURIComponent(sku)}`,
      body: { available },
      caller: STAFF,
      output: z.object({}),
    });
  }
}
