/** Every page of the web shop, for everybody: by axe, by keyboard, on a phone, by night. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Mall, startMall } from '../../src/embedded/start-mall.ts';
import { quietLogger } from '../quiet-logger.ts';
import { accessibilityProblems } from './accessibility.ts';
import { buildWebShop, launchBrowser, newVisitor, skipWithoutBrowser } from './browser.ts';
import { orderOne, reaches, register } from './visitor.ts';

const STAFF = { email: 'staff@mall.example', password: 'only for this test' };

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
  let mall: Mall;
  let browser: Browser;
  let baseURL: string;

  before(async () => {
    const settings = {
      webDirectory: buildWebShop(),
      requestsPerSecond: Number.POSITIVE_INFINITY,
      staffPassword: STAFF.password,
    };
    [mall, browser] = await Promise.all([
      startMall({ logger: quietLogger, settings }),
      launchBrowser(),
    ]);
    await mall.ready();
    baseURL = mall.deps.urls.edge;
  });

  after(async () => {
    await browser?.close();
    await mall?.stop();
  });

  async function staff(): Promise<BrowserContext> {
    const context = await newVisitor(browser, { baseURL });
    const page = await context.newPage();
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(STAFF.email);
    await page.getByLabel('Password').fill(STAFF.password);
    await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${baseURL}/`);
    await page.close();
    return context;
  }

  /** On a desktop by day, and on a phone by night. */
  async function expectAccessible(page: Page, what: string): Promise<void> {
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
    const context = await staff();
    const page = await context.newPage();
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
    const context = await newVisitor(browser, { baseURL, language: 'zh' });
    const page = await context.newPage();
    for (const path of ['/sign-in?next=/cart', '/register', '/']) {
      await page.goto(path);
      await page.locator('main h1').waitFor();
      await expectAccessible(page, path);
    }
    await context.close();
  });

  test('the keyboard is enough, and the focus is where one expects it', async () => {
    const context = await newVisitor(browser, { baseURL });
    await register(context);
    const page = await context.newPage();
    const focused = (): Promise<string> =>
      page.evaluate<string>('document.activeElement.innerText || document.activeElement.tagName');
    await page.goto('/');
    await page.getByRole('article').first().waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to the content');
    await page.getByRole('link', { name: 'Orders' }).first().press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Your orders' }).waitFor();
    assert.equal(await focused(), 'Your orders');
    const menu = page.locator('summary');
    await menu.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Sign out' }).waitFor({ state: 'hidden' });
    const isMenu = "document.activeElement === document.querySelector('summary')";
    assert.equal(await page.evaluate(isMenu), true);
    await context.close();
  });
});
