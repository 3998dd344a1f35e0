/** What a visitor does in the web shop, for its tests. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { BrowserContext, Page } from 'playwright-core';

/** Opens an account as the page would, and is signed in. */
export async function register(context: BrowserContext): Promise<void> {
  // The first answer brings the cookie whose value every change must repeat.
  await context.request.get('/api/user/me');
  const cookies = await context.cookies();
  const token = cookies.find(({ name }) => name === 'mall_csrf')?.value ?? '';
  const id = randomBytes(6).toString('hex');
  const answer = await context.request.post('/api/user/register', {
    headers: { 'x-csrf-token': token },
    data: { email: `${id}@example.com`, password: `password-${id}`, name: `Visitor ${id}` },
  });
  assert.equal(answer.ok(), true, await answer.text());
}

export interface Wish {
  readonly coupon: boolean;
  /** Such as 30.00; empty: none of it. */
  readonly balance: string;
  readonly quantity: number;
}

/** Buys mugs, as far as the page of the order. */
export async function orderOne(page: Page, wish: Wish): Promise<void> {
  await toCheckout(page, wish);
  await placeOrder(page);
}

export async function placeOrder(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Place the order' }).click();
  await page.waitForURL('**/orders/*');
}

/** As far as the button that places the order. */
export async function toCheckout(page: Page, { coupon, balance, quantity }: Wish): Promise<void> {
  await page.goto('/?q=mug');
  await page.getByRole('article').getByRole('link').first().click();
  for (let more = 1; more < quantity; more++) {
    await page.getByRole('button', { name: 'One more' }).click();
  }
  await page.getByRole('button', { name: 'Buy now' }).click();
  await page.waitForURL('**/checkout');
  if (coupon) await page.getByRole('radio').and(page.locator(':enabled')).first().check();
  if (balance !== '') {
    await page.getByRole('switch', { name: 'Pay with my balance' }).click();
    await page.getByLabel('How much of it').fill(balance);
  }
}

/** From the page of an unpaid order to the bank, which sends back who has paid. */
export async function payAtBank(page: Page): Promise<void> {
  const order = page.url();
  await page.getByRole('button', { name: 'Pay at the bank' }).click();
  await page.locator('button[value=pay]').click();
  await page.waitForURL(order);
}

/** Resolves when the page shows this state, without being loaded anew. */
export async function reaches(page: Page, state: string): Promise<void> {
  await page.locator(`[data-testid=order-state][data-state=${state}]`).waitFor();
}

/**
 * Resolves when the page shows an event of each of these types. The state of an order may be known
 * before the event that brought it is there: one is asked of the order, the other is pushed.
 */
export async function shows(page: Page, ...types: readonly string[]): Promise<void> {
  for (const type of types) {
    await page.locator(`[data-testid=timeline] > [data-type=${type}]`).first().waitFor();
  }
}

export interface ShownEvent {
  readonly seq: number;
  readonly type: string;
}

/** The events that the page of an order shows. */
export async function timelineOf(page: Page): Promise<ShownEvent[]> {
  const items = await page.locator('[data-testid=timeline] > li').all();
  return await Promise.all(
    items.map(async (item) => ({
      seq: Number(await item.getAttribute('data-seq')),
      type: (await item.getAttribute('data-type')) ?? '',
    })),
  );
}

export interface ShownAccount {
  readonly balance: string;
  readonly points: string;
  /** States of all coupons. */
  readonly coupons: readonly string[];
}

export async function accountOf(page: Page): Promise<ShownAccount> {
  await page.goto('/account');
  await page.getByTestId('coupon').first().waitFor();
  const coupons = await page.getByTestId('coupon').all();
  return {
    balance: (await page.getByTestId('balance').textContent()) ?? '',
    points: (await page.getByTestId('points').textContent()) ?? '',
    coupons: await Promise.all(
      coupons.map(async (one) => (await one.getAttribute('data-state')) ?? ''),
    ),
  };
}
