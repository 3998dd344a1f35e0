/** Every page of the web shop, for everybody: by axe, by keyboard, on a phone, by night. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Page } from 'playwright-core';
import { eventually } from '../eventually.ts';
import { accessibilityProblems } from './accessibility.ts';
import { skipWithoutBrowser } from './browser.ts';
import { WebScene } from './scene.ts';
import { orderOne, reaches } from './visitor.ts';

/** Address -> what is there when the page is whole. */
const PAGES: readonly (readonly [string, string])[] = [
  ['/', 'article'],
  ['/?q=no-such-thing', 'main h2'],
  ['/cart', 'main h2'],
  ['/orders', 'article'],
  ['/account', '[data-testid=coupon]'],
  ['/flash-sale', 'article'],
  ['/office/products', 'table'],
  ['/office/coupons', 'table'],
  ['/office/orders', 'table'],
  ['/control', 'figure'],
  ['/nowhere', 'main h2'],
];

const LOOKS = [
  { theme: 'light', width: 1280, height: 900 },
  { theme: 'dark', width: 390, height: 844 },
];

suite('pages of the web shop', { skip: skipWithoutBrowser() }, () => {
  let scene: WebScene;
  before(async () => {
    scene = await WebScene.start();
  });
  after(() => scene?.[Symbol.asyncDispose]());

  /** On a desktop by day, and on a phone by night. */
  async function expectAccessible(page: Page, what: string): Promise<void> {
    // What is still being loaded would come while one looks.
    await page.locator('.skeleton').first().waitFor({ state: 'hidden' });
    for (const { theme, width, height } of LOOKS) {
      await page.setViewportSize({ width, height });
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
      const problems = await accessibilityProblems(page);
      assert.deepEqual(problems, [], `${what}, ${theme}:\n${problems.join('\n')}`);
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
      assert.ok(wide <= width, `${what} is ${wide} wide on a screen of ${width}`);
    }
  }

  test('no page keeps anybody out', async () => {
    const { context, page } = await scene.staff();
    await orderOne(page, { coupon: false, balance: '', quantity: 1 });
    await reaches(page, 'awaiting-payment');
    await expectAccessible(page, 'the page of an order');
    for (const [path, whole] of PAGES) {
      await page.goto(path);
      await page.locator(whole).first().waitFor();
      await expectAccessible(page, path);
    }
    await page.goto('/office/products');
    await page.getByRole('button', { name: 'New product' }).click();
    await page.getByRole('dialog').waitFor();
    await expectAccessible(page, 'a dialog');
    await page.goto('/?q=mug');
    await page.getByRole('article').getByRole('link').first().click();
    await page.getByTestId('stock').waitFor();
    await expectAccessible(page, 'a product');
    await page.getByRole('button', { name: 'Add to cart', exact: true }).click();
    await page.goto('/cart');
    await page.getByRole('link', { name: 'Go to checkout' }).waitFor();
    await expectAccessible(page, 'a cart with something in it');
    await page.goto('/checkout');
    await page.getByRole('button', { name: 'Place the order' }).waitFor();
    await expectAccessible(page, 'the checkout');
    await context.close();
  });

  test('who is not signed in can read the pages for that', async () => {
    const { context, page } = await scene.visitor('zh');
    for (const path of ['/sign-in?next=/cart', '/register', '/']) {
      await page.goto(path);
      await page.locator('main h1').waitFor();
      await expectAccessible(page, path);
    }
    await context.close();
  });

  test('the keyboard is enough, and the focus is where one expects it', async () => {
    const { context, page } = await scene.customer();
    // The focus follows what is shown, a moment later.
    const expectFocus = (on: string): Promise<void> =>
      eventually(`the focus on ${on}`, async () => {
        const active = 'document.activeElement';
        const name = `${active}.getAttribute('aria-label') || ${active}.innerText`;
        return (await page.evaluate<string>(name)) === on;
      });
    await page.goto('/');
    await page.getByRole('article').first().waitFor();
    await page.keyboard.press('Tab');
    await expectFocus('Skip to the content');
    await page.getByRole('link', { name: 'Orders' }).first().press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Your orders' }).waitFor();
    await expectFocus('Your orders');
    const menu = page.locator('summary');
    const name = (await menu.getAttribute('aria-label')) ?? '';
    await menu.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Sign out' }).waitFor({ state: 'hidden' });
    await expectFocus(name);
    await context.close();
  });
});
