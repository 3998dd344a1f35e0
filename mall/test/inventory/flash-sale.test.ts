/** A thousand buyers at once for a hundred pieces. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { z } from 'zod';
import { startMall } from '../../src/embedded/start-mall.ts';
import { ApiError } from '../../src/shared/api-error.ts';
import { Crowd } from '../crowd.ts';
import { PATIENCE_MS, PATIENT } from '../patience.ts';
import { quietLogger } from '../quiet-logger.ts';

const SKU = 'FLASH-HEADPHONES-01';
const BUYERS = 1_000;
const PIECES = 100;

const totalsSchema = z.object({
  stock: z.array(
    z.object({ sku: z.string(), available: z.number(), reserved: z.number(), sold: z.number() }),
  ),
  conflicts: z.number(),
});

suite('a flash sale', { timeout: 1_800_000 }, () => {
  test('a thousand at once for a hundred pieces: a hundred get one, conflicts count', async () => {
    await using mall = await startMall({ services: ['inventory'], logger: quietLogger });
    const crowd = new Crowd(mall.deps.urls);
    const reserve = async (buyer: number): Promise<boolean> => {
      try {
        await crowd.client.call({
          url: `${mall.deps.urls.inventory}/internal/steps/stock/do`,
          body: { orderId: `o_${buyer}`, input: { items: [{ sku: SKU, quantity: 1 }] } },
          timeoutMs: 300_000,
          output: z.object({}),
        });
        return true;
      } catch (error) {
        if (error instanceof ApiError && error.code === 'OUT_OF_STOCK') return false;
        throw error;
      }
    };
    const outcomes = await Promise.all(
      Array.from({ length: BUYERS }, (_, buyer) => reserve(buyer)),
    );
    assert.equal(outcomes.filter((isBought) => isBought).length, PIECES);
    const url = `${mall.deps.urls.inventory}/internal/totals`;
    const { stock, conflicts } = await crowd.client.call({
      ...{ url, timeoutMs: PATIENCE_MS, output: totalsSchema },
    });
    const flash = stock.find(({ sku }) => sku === SKU);
    assert.deepEqual(flash, { sku: SKU, available: 0, reserved: PIECES, sold: 0 });
    // 64 connections read the same version, one of them writes first.
    assert.ok(conflicts > 0, 'there was no conflict of versions');
    crowd.close();
  });

  test('whole orders: a hundred are paid, all others get their money back', async () => {
    await using mall = await startMall({
      services: ['order', 'inventory', 'coupon', 'user', 'catalogue'],
      settings: PATIENT,
      logger: quietLogger,
    });
    await mall.ready();
    const crowd = new Crowd(mall.deps.urls);
    const buyers = await crowd.users(BUYERS);
    const item = { productId: SKU.toLowerCase(), quantity: 1, priceCents: 9_900 };
    const wish = { items: [item], useBalanceCents: item.priceCents };
    await Promise.all(buyers.map((buyer) => crowd.order(buyer, wish)));
    const states = await crowd.settled([], 300_000);
    assert.deepEqual(Object.fromEntries(states), { cancelled: BUYERS - PIECES, paid: PIECES });
    crowd.close();
  });
});
