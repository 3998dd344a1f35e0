/** A visitor as the edge sees one: cookies, the CSRF header, JSON. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { eventually } from './eventually.ts';

export interface Answer {
  readonly status: number;
  readonly json: unknown;
}

const orderSchema = z.object({
  order: z.object({
    id: z.string(),
    state: z.string(),
    totalCents: z.number(),
    couponCents: z.number(),
    balanceCents: z.number(),
    payableCents: z.number(),
    cancelCode: z.string().nullable(),
  }),
  timeline: z.array(z.object({ seq: z.number(), event: z.object({ type: z.string() }) })),
});
export type ShownOrder = z.infer<typeof orderSchema>['order'];

export interface OrderWish {
  readonly items: readonly { productId: string; quantity: number; priceCents: number }[];
  readonly couponId?: string;
  readonly useBalanceCents?: number;
  readonly requestId?: string;
}

export class Shopper {
  readonly #edge: () => string;
  readonly #cookies = new Map<string, string>();

  constructor(edge: () => string) {
    this.#edge = edge;
  }

  async fetch(method: string, path: string, body?: unknown): Promise<Answer> {
    if (method !== 'GET' && !this.#cookies.has('mall_csrf'))
      await this.fetch('GET', '/health/live');
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${this.#edge()}${path}`, {
      method,
      headers: {
        cookie,
        'x-csrf-token': this.#cookies.get('mall_csrf') ?? '',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const header of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (header.split(';')[0] ?? '').split('=');
      this.#cookies.set(name, value);
    }
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, json: isJson ? JSON.parse(text) : text };
  }

  /** The answer, which must be a success of this form. */
  async ask<T>(output: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T> {
    const { status, json } = await this.fetch(method, path, body);
    assert.ok(status < 300, `${method} ${path} answered ${status} ${JSON.stringify(json)}`);
    return output.parse(json);
  }

  async register(): Promise<void> {
    const email = `${randomUUID()}@example.com`;
    const body = { email, password: 'correct horse battery', name: 'Test' };
    await this.ask(z.object({ userId: z.string() }), 'POST', '/api/user/register', body);
  }

  async me(): Promise<{ id: string; balanceCents: number; points: number }> {
    const user = z.object({ id: z.string(), balanceCents: z.number(), points: z.number() });
    return (await this.ask(z.object({ user }), 'GET', '/api/user/me')).user;
  }

  async coupons(): Promise<{ id: string; kind: string; state: string }[]> {
    const coupon = z.object({ id: z.string(), kind: z.string(), state: z.string() });
    const output = z.object({ coupons: z.array(coupon) });
    return (await this.ask(output, 'GET', '/api/coupon/mine')).coupons;
  }

  async order(wish: OrderWish): Promise<string> {
    const body = { requestId: randomUUID(), ...wish };
    const output = z.object({ orderId: z.string() });
    return (await this.ask(output, 'POST', '/api/order/orders', body)).orderId;
  }

  async read(orderId: string): Promise<ShownOrder> {
    return (await this.ask(orderSchema, 'GET', `/api/order/orders/${orderId}`)).order;
  }

  /** Waits until the order is in this state. */
  async until(orderId: string, state: string): Promise<ShownOrder> {
    let order = await this.read(orderId);
    await eventually(`${orderId} to be ${state}, it is ${JSON.stringify(order)}`, async () => {
      order = await this.read(orderId);
      return order.state === state;
    });
    return order;
  }
}
