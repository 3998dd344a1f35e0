/** Orders through the edge: what goes well, and every step that fails, with what comes back. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { Producer } from '@skylarkmq/client';
import { sql } from 'kysely';
import { z } from 'zod';
import { type Mall, startMall } from '../../src/embedded/start-mall.ts';
import { openDatabase } from '../../src/shared/database/database.ts';
import { HttpClient } from '../../src/shared/http/http-client.ts';
import { TOPIC } from '../../src/shared/messaging/topics.ts';
import { eventually } from '../eventually.ts';
import { PATIENCE_MS, PATIENT } from '../patience.ts';
import { quietLogger } from '../quiet-logger.ts';
import { Shopper } from '../shopper.ts';

const MUG = { productId: 'kit-mug-01', quantity: 2, priceCents: 4_900 };
const WOK = { productId: 'kit-pan-01', quantity: 1, priceCents: 19_900 };
const FLASH = 'FLASH-HEADPHONES-01';

const stockSchema = z.object({
  stock: z.array(
    z.object({
      sku: z.string(),
      initial: z.number(),
      available: z.number(),
      reserved: z.number(),
      sold: z.number(),
    }),
  ),
});

suite('placing orders', { timeout: 1_800_000 }, () => {
  let mall: Mall;
  let shopper: Shopper;
  const client = new HttpClient('mall-internal', PATIENCE_MS);

  before(async () => {
    mall = await startMall({
      services: ['order', 'inventory', 'coupon', 'user', 'catalogue', 'edge'],
      settings: { ...PATIENT, sweepMs: 500 },
      logger: quietLogger,
    });
    await mall.ready();
    shopper = new Shopper(() => mall.deps.urls.edge);
    await shopper.register();
  });
  after(async () => {
    client.close();
    await mall.stop();
  });

  async function stockOf(sku: string) {
    const url = `${mall.deps.urls.inventory}/internal/totals`;
    const { stock } = await client.call({ url, output: stockSchema });
    const found = stock.find((one) => one.sku === sku);
    assert.ok(found);
    return found;
  }

  async function unusedCoupon(kind: string): Promise<string> {
    const coupons = await shopper.coupons();
    const found = coupons.find((one) => one.kind === kind && one.state === 'unused');
    assert.ok(found, JSON.stringify(coupons));
    return found.id;
  }

  test('stock, coupon and balance are taken, the rest is to be paid', async () => {
    const couponId = await unusedCoupon('amount');
    const wish = { items: [MUG, WOK], couponId, useBalanceCents: 10_000 };
    const before = await stockOf('KIT-MUG-01');
    const order = await shopper.until(await shopper.order(wish), 'awaiting-payment');
    assert.equal(order.totalCents, 29_700);
    assert.equal(order.couponCents, 1_000);
    assert.equal(order.payableCents, 18_700);
    assert.equal((await shopper.me()).balanceCents, 40_000);
    const stock = await stockOf('KIT-MUG-01');
    assert.equal(stock.reserved, before.reserved + 2);
    assert.equal((await shopper.coupons()).find((one) => one.id === couponId)?.state, 'locked');

    await shopper.ask(z.unknown(), 'POST', `/api/order/orders/${order.id}/cancel`, {});
    await shopper.until(order.id, 'cancelled');
    assert.equal((await shopper.me()).balanceCents, 50_000);
    assert.deepEqual(await stockOf('KIT-MUG-01'), before);
    assert.equal((await shopper.coupons()).find((one) => one.id === couponId)?.state, 'unused');
  });

  test('an order that the balance pays is paid at once, and can be taken back', async () => {
    const before = await stockOf('KIT-PAN-01');
    const couponId = await unusedCoupon('amount');
    const wish = { items: [WOK], couponId, useBalanceCents: 50_000 };
    const order = await shopper.until(await shopper.order(wish), 'paid');
    assert.equal(order.payableCents, 0);
    assert.equal(order.balanceCents, 18_900);
    await eventually('the stock to be sold', async () => {
      return (await stockOf('KIT-PAN-01')).sold === before.sold + 1;
    });
    await eventually('the coupon to be used', async () => {
      return (await shopper.coupons()).find((one) => one.id === couponId)?.state === 'used';
    });
    await shopper.ask(z.unknown(), 'POST', `/api/order/orders/${order.id}/refund`, {});
    await shopper.until(order.id, 'refunded');
    assert.deepEqual(await stockOf('KIT-PAN-01'), before);
    assert.equal((await shopper.me()).balanceCents, 50_000);
    assert.equal((await shopper.coupons()).find((one) => one.id === couponId)?.state, 'unused');
    const { status } = await shopper.fetch('POST', `/api/order/orders/${order.id}/cancel`, {});
    assert.equal(status, 409);
  });

  test('the same request is the same order', async () => {
    const requestId = randomUUID();
    const wish = { items: [MUG], requestId };
    const ids = await Promise.all(Array.from({ length: 10 }, () => shopper.order(wish)));
    assert.equal(new Set(ids).size, 1);
    const [id = ''] = ids;
    await shopper.until(id, 'awaiting-payment');
    await shopper.ask(z.unknown(), 'POST', `/api/order/orders/${id}/cancel`, {});
    await shopper.until(id, 'cancelled');
  });

  test('each refusal cancels the order, says why, and leaves nothing behind', async () => {
    const before = { me: await shopper.me(), mug: await stockOf('KIT-MUG-01') };
    const refusals = [
      [{ items: [{ ...MUG, priceCents: 1 }] }, 'PRICE_CHANGED'],
      [{ items: [{ ...MUG, productId: 'none' }] }, 'NOT_FOUND'],
      [{ items: [MUG], couponId: 'c_none' }, 'COUPON_NOT_USABLE'],
      [{ items: [MUG], couponId: await unusedCoupon('percent') }, 'COUPON_MINIMUM'],
      [{ items: [{ ...WOK, quantity: 99 }, MUG], useBalanceCents: 60_000 }, 'BALANCE_TOO_LOW'],
      [
        { items: [MUG, { productId: 'ele-laptop-01', quantity: 31, priceCents: 549_900 }] },
        'OUT_OF_STOCK',
      ],
    ] as const;
    for (const [wish, code] of refusals) {
      const order = await shopper.until(await shopper.order(wish), 'cancelled');
      assert.equal(order.cancelCode, code);
    }
    assert.deepEqual({ me: await shopper.me(), mug: await stockOf('KIT-MUG-01') }, before);
  });

  test('an inventory that is down fails the order, which ends when it is up again', async () => {
    const before = await stockOf('KIT-MUG-01');
    mall.deps.faults.set({ inventoryDown: true });
    const id = await shopper.order({ items: [MUG], useBalanceCents: 9_800 });
    await shopper.until(id, 'cancelling');
    mall.deps.faults.set({ inventoryDown: false });
    await shopper.until(id, 'cancelled');
    assert.deepEqual(await stockOf('KIT-MUG-01'), before);
    assert.equal((await shopper.me()).balanceCents, 50_000);
  });

  test('copies of all messages, and consumers that fail after their commit', async () => {
    const before = await stockOf('KIT-MUG-01');
    mall.deps.faults.set({ duplicateDelivery: true, crashAfterCommit: true });
    const ids = await Promise.all(
      Array.from({ length: 5 }, () => shopper.order({ items: [MUG], useBalanceCents: 1_000 })),
    );
    for (const id of ids) {
      await shopper.until(id, 'awaiting-payment');
      await shopper.ask(z.unknown(), 'POST', `/api/order/orders/${id}/cancel`, {});
    }
    for (const id of ids) await shopper.until(id, 'cancelled');
    mall.deps.faults.set({ duplicateDelivery: false, crashAfterCommit: false });
    for (const group of ['mall-inventory-rollback', 'mall-user-rollback']) {
      await mall.platform?.waitUntilConsumed(group, TOPIC.orderRollback, { within: PATIENCE_MS });
    }
    assert.deepEqual(await stockOf('KIT-MUG-01'), before);
    assert.equal((await shopper.me()).balanceCents, 50_000);
  });

  test('what is not paid in time is cancelled, by the message or by the sweep', async () => {
    const ids = [await shopper.order({ items: [MUG] }), await shopper.order({ items: [MUG] })];
    for (const id of ids) await shopper.until(id, 'awaiting-payment');
    const [byMessage = '', bySweep = ''] = ids;
    const producer = new Producer({ namesrv: mall.deps.namesrv });
    const event = { eventId: randomUUID(), orderId: byMessage, userId: '', atMs: 0 };
    await producer.send({ topic: TOPIC.orderTimeout, body: JSON.stringify(event), delayMs: 10 });
    const order = await shopper.until(byMessage, 'cancelled');
    assert.equal(order.cancelCode, 'UNPAID');
    // The message of the other one is lost: it is past its time, and nobody has told.
    const database = await openDatabase<object>({
      ...{ name: 'order', location: mall.deps.database, migrations: [], logger: quietLogger },
    });
    await sql`UPDATE orders SET expires_ms = 1 WHERE id = ${bySweep}`.execute(database.kysely);
    await shopper.until(bySweep, 'cancelled');
    await producer.close();
  });

  test('the catalogue: search, stock by a message, carts counted', async () => {
    const list = z.object({ products: z.array(z.object({ id: z.string() })), total: z.number() });
    const found = await shopper.ask(list, 'GET', '/api/catalogue/products?q=mug');
    assert.deepEqual(found.products, [{ id: 'kit-mug-01' }]);
    const none = await shopper.ask(list, 'GET', '/api/catalogue/products?q=100%25_');
    assert.equal(none.total, 0);
    const quote = await shopper.ask(
      z.object({ available: z.number() }),
      'GET',
      `/api/catalogue/products/${FLASH.toLowerCase()}/stock`,
    );
    assert.equal(quote.available, 100);
    const items = [{ productId: 'kit-mug-01', quantity: 3 }];
    await shopper.ask(z.unknown(), 'PUT', '/api/catalogue/cart', { items });
    await eventually('the mug to be popular', async () => {
      const { products } = await shopper.ask(
        z.object({ products: z.array(z.object({ id: z.string() })) }),
        'GET',
        '/api/catalogue/popular',
      );
      return products[0]?.id === 'kit-mug-01';
    });
  });
});
