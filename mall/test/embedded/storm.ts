/**
 * Customers who order, pay, cancel and return while processes are killed and everything is switched
 * on that can go wrong. At the end the books must be right to the cent.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createPrng, type Prng } from '@skylarkmq/base';
import { z } from 'zod';
import { ALL_WELL, type Switches } from '../../src/shared/faults.ts';
import { RefusedError } from '../../src/shared/http/http-client.ts';
import { Crowd } from '../crowd.ts';
import type { OrderWish } from '../shopper.ts';
import { type Fleet, PROVIDER_SECRET } from './fleet.ts';

export interface StormOptions {
  readonly orders: number;
  readonly atOnce: number;
  readonly kills: number;
  readonly seed: number;
}

const PRODUCTS = [
  { productId: 'kit-mug-01', priceCents: 4_900 },
  { productId: 'sta-notebook-01', priceCents: 3_900 },
  { productId: 'kit-coffee-01', priceCents: 8_800 },
  { productId: 'flash-headphones-01', priceCents: 9_900 },
] as const;
const PAYMENT_MODES: readonly Switches['payment'][] = [
  ...(['ok', 'fail', 'slow', 'duplicate', 'bad-signature'] as const),
  ...(['wrong-amount', 'disorder', 'late'] as const),
];
const RETRY_MS = 200;
const GIVE_UP_MS = 300_000;
const PLACING = ['created', 'pre-ordered', 'confirming'];

const orderSchema = z.object({ order: z.object({ state: z.string(), payableCents: z.number() }) });
const paymentSchema = z.object({ payUrl: z.string() });

export class Storm {
  readonly crowd: Crowd;
  readonly #fleet: Fleet;
  readonly #options: StormOptions;
  readonly #prng: Prng;
  #done = 0;
  #killed = 0;

  constructor(fleet: Fleet, options: StormOptions) {
    this.#fleet = fleet;
    this.#options = options;
    this.#prng = createPrng(options.seed);
    this.crowd = new Crowd(fleet.urls);
  }

  /** All orders, with all kills in between; then everything is well again. */
  async rage(): Promise<void> {
    const { orders, atOnce } = this.#options;
    const users = await this.crowd.users(Math.ceil(orders / 2));
    const customers = Array.from({ length: atOnce }, async () => {
      for (;;) {
        const number = this.#done++;
        if (number >= orders) return;
        const user = users[number % users.length] ?? '';
        await this.#shop(user);
      }
    });
    const trouble = this.#makeTrouble();
    await Promise.all(customers);
    await trouble;
    this.#fleet.set(ALL_WELL);
    await this.#fleet.recovered();
  }

  /** Kills spread over the orders. */
  async #makeTrouble(): Promise<void> {
    const { orders, kills } = this.#options;
    while (this.#killed < kills) {
      const due = (orders * (this.#killed + 1)) / (kills + 1);
      if (this.#done < due && this.#done < orders) {
        await delay(RETRY_MS / 4);
        continue;
      }
      this.#fleet.set(this.#someSwitches());
      await this.#fleet.kill(this.#prng.below(this.#fleet.size));
      this.#killed++;
    }
  }

  #someSwitches(): Switches {
    const chance = (percent: number): boolean => this.#prng.below(100) < percent;
    return {
      ...ALL_WELL,
      payment: PAYMENT_MODES[this.#prng.below(PAYMENT_MODES.length)] ?? 'ok',
      duplicateDelivery: chance(50),
      crashAfterCommit: chance(50),
      inventoryDown: chance(15),
    };
  }

  async #shop(userId: string): Promise<void> {
    const wish = await this.#wish(userId);
    const id = await this.#persistently(() => this.crowd.order(userId, wish));
    const order = await this.#placed(id);
    if (order.state !== 'awaiting-payment' && order.state !== 'paid') return;
    const choice = this.#prng.below(10);
    // Some pay and some do not, some change their mind; what comes of it is the mall's business.
    if (choice < 8 && order.state === 'awaiting-payment') await this.#pay(userId, id);
    if (choice === 8) await this.#attempt(() => this.#post(userId, id, 'cancel'));
    if (choice === 9 || choice === 0) {
      await this.#attempt(() => this.#post(userId, id, 'refund'));
    }
  }

  async #wish(userId: string): Promise<OrderWish> {
    const product = PRODUCTS[this.#prng.below(PRODUCTS.length)] ?? PRODUCTS[0];
    const items = [{ ...product, quantity: 1 + this.#prng.below(2) }];
    const requestId = randomUUID();
    const balance = [0, 1_000, 5_000, 100_000][this.#prng.below(4)] ?? 0;
    const wantsCoupon = this.#prng.below(3) === 0;
    const couponId = wantsCoupon
      ? await this.#persistently(() => this.crowd.couponOf(userId))
      : undefined;
    return {
      ...{ items, requestId, useBalanceCents: Math.min(balance, 20_000) },
      ...(couponId === undefined ? {} : { couponId }),
    };
  }

  async #placed(id: string): Promise<{ state: string; payableCents: number }> {
    for (;;) {
      const { order } = await this.#persistently(() =>
        this.crowd.client.call({
          url: `${this.#fleet.urls.order}/internal/orders/${id}`,
          output: orderSchema,
        }),
      );
      if (!PLACING.includes(order.state)) return order;
      await delay(RETRY_MS);
    }
  }

  async #pay(userId: string, orderId: string): Promise<void> {
    const { client } = this.crowd;
    const payment = await this.#attempt(() =>
      client.call({
        url: `${this.#fleet.urls.payment}/payments`,
        body: { orderId, channel: 'bank' },
        caller: { userId, role: 'customer' },
        output: paymentSchema,
      }),
    );
    if (payment === undefined) return;
    const id = payment.payUrl.split('/').at(-1);
    await this.#attempt(() =>
      client.call({
        url: `${this.#fleet.urls.provider}/v1/payments/${id}/attempts`,
        body: { decision: 'pay' },
        headers: { authorization: `Bearer ${PROVIDER_SECRET}` },
        output: z.unknown(),
      }),
    );
  }

  #post(userId: string, id: string, what: 'cancel' | 'refund'): Promise<unknown> {
    return this.crowd.client.call({
      url: `${this.#fleet.urls.order}/orders/${id}/${what}`,
      body: {},
      caller: { userId, role: 'customer' },
      output: z.unknown(),
    });
  }

  /** The answer, if it is a yes. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#persistently(work);
    } catch (error) {
      if (error instanceof RefusedError) return undefined;
      throw error;
    }
  }

  /** Tries until there is an answer, be it a no. */
  async #persistently<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + GIVE_UP_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof RefusedError || performance.now() > deadline) throw error;
        await delay(RETRY_MS);
      }
    }
  }
}
