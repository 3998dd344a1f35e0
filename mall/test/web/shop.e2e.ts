/** The web shop in a real browser, before the whole mall in one process. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { WebSocketRoute } from 'playwright-core';
import { skipWithoutBrowser } from './browser.ts';
import { WebScene } from './scene.ts';
import {
  accountOf,
  orderOne,
  payAtBank,
  placeOrder,
  reaches,
  shows,
  timelineOf,
  toCheckout,
} from './visitor.ts';

suite('the web shop', { skip: skipWithoutBrowser() }, () => {
  let scene: WebScene;
  before(async () => {
    scene = await WebScene.start({ shipAfterMs: 0 });
  });
  after(() => scene?.[Symbol.asyncDispose]());

  test('a visitor registers, buys, pays, and sees it paid without a reload', async () => {
    const { context, page } = await scene.visitor();
    await page.goto('/');
    await page.getByRole('searchbox').fill('mug');
    await page.getByRole('searchbox').press('Enter');
    await page.getByRole('heading', { name: 'Results for' }).waitFor();
    await page.getByRole('article').getByRole('link').first().click();
    await page.getByTestId('stock').getByText('in stock').waitFor();
    await page.getByRole('button', { name: 'Add to cart', exact: true }).click();
    await page.getByRole('link', { name: 'Cart, 1 pieces' }).click();
    await page.getByRole('link', { name: 'Go to checkout' }).click();
    await page.waitForURL('**/sign-in?**');
    await page.getByRole('link', { name: 'Register' }).click();
    await page.getByLabel('Name').fill('Lin Wei');
    await page.getByLabel('E-mail').fill('lin@example.com');
    await page.getByLabel('Password').fill('correct horse');
    await page.getByRole('button', { name: 'Register' }).click();
    await page.waitForURL('**/checkout');
    await page.getByRole('switch', { name: 'Pay with my balance' }).click();
    await page.getByLabel('How much of it').fill('20.00');
    await page.getByRole('button', { name: 'Place the order' }).click();
    await page.waitForURL('**/orders/*');
    await reaches(page, 'awaiting-payment');

    // A second tab stays where it is, and must not be loaded anew.
    const watching = await context.newPage();
    await watching.goto(page.url());
    await reaches(watching, 'awaiting-payment');
    await watching.evaluate('window.notLoadedAnew = true');
    await payAtBank(page);
    for (const tab of [page, watching]) await reaches(tab, 'shipped');
    assert.equal(await watching.evaluate('window.notLoadedAnew'), true);
    await shows(watching, 'created', 'step-done', 'confirmed', 'paid', 'points-granted', 'shipped');
    const account = await accountOf(page);
    assert.equal(account.balance, '¥480.00');
    assert.notEqual(account.points, '0');
    await context.close();
  });

  /** What the warehouse has of the mug, as staff set it. */
  async function setStock(available: number): Promise<void> {
    const answer = await fetch(`${scene.mall.deps.urls.inventory}/office/stock/KIT-MUG-01`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        'x-mall-internal': scene.mall.deps.secrets.internal,
        'x-user-id': 'staff',
        'x-user-role': 'staff',
      },
      body: JSON.stringify({ available }),
    });
    assert.equal(answer.ok, true, await answer.text());
  }

  test('a failed stock step ends in a cancelled order, coupon and balance are back', async () => {
    const { context, page } = await scene.customer();
    await setStock(50);
    await toCheckout(page, { coupon: true, balance: '30.00', quantity: 2 });
    // The last ones are sold while the visitor thinks.
    await setStock(1);
    await placeOrder(page);
    await reaches(page, 'cancelled');
    await shows(page, 'step-failed', 'confirmation-failed', 'rolled-back', 'cancelled');
    await page.getByText('coupon and balance are back where they were').waitFor();
    const reason = page.getByTestId('cancel-reason');
    await reason.getByText('Not enough of it was left.').waitFor();
    await page.getByRole('button', { name: '中文' }).click();
    await reason.getByText('库存不足。').waitFor();
    const failed = page.locator('[data-testid=timeline] > [data-type=step-failed]');
    assert.match((await failed.textContent()) ?? '', /库存不足/);
    const account = await accountOf(page);
    assert.equal(account.balance, '¥500.00');
    assert.deepEqual(account.coupons, ['unused', 'unused']);
    await setStock(200);
    await context.close();
  });

  test('a callback that comes twice changes nothing', async () => {
    const { context, page } = await scene.customer();
    scene.mall.deps.faults.set({ payment: 'duplicate', duplicateDelivery: true });
    try {
      await orderOne(page, { coupon: false, balance: '', quantity: 1 });
      await payAtBank(page);
      await reaches(page, 'shipped');
    } finally {
      scene.mall.deps.faults.set({ payment: 'ok', duplicateDelivery: false });
    }
    await shows(page, 'paid', 'points-granted', 'shipped');
    const counts = new Map<string, number>();
    for (const { type } of await timelineOf(page)) counts.set(type, (counts.get(type) ?? 0) + 1);
    for (const type of ['paid', 'points-granted', 'shipped']) {
      assert.equal(counts.get(type), 1, type);
    }
    await context.close();
  });

  test('a WebSocket that is cut comes back, and the timeline goes on without a gap', async () => {
    const { context, page } = await scene.customer();
    const sockets: WebSocketRoute[] = [];
    await page.routeWebSocket(/\/api\/push\/ws/, (socket) => {
      sockets.push(socket);
      socket.connectToServer();
    });
    await orderOne(page, { coupon: false, balance: '', quantity: 1 });
    await reaches(page, 'awaiting-payment');
    const before = await timelineOf(page);
    const stream = '[data-testid=stream][data-connected=true]';
    const resumed = await page.locator(stream).getAttribute('data-resumed');
    await sockets.at(-1)?.close({ code: 1012, reason: 'cut by the test' });
    await page.locator(`${stream}:not([data-resumed="${resumed}"])`).waitFor();
    const payer = await context.newPage();
    await payer.goto(page.url());
    await payAtBank(payer);
    await shows(page, 'shipped');
    const seqs = (await timelineOf(page)).map(({ seq }) => seq);
    assert.ok(seqs.length > before.length);
    assert.deepEqual(
      seqs,
      seqs.map((_, index) => index + 1),
    );
    assert.ok(sockets.length >= 2);
    await context.close();
  });

  test('where WebSocket is blocked there are server-sent events, then polling', async () => {
    const { context, page } = await scene.customer();
    await page.routeWebSocket(/\/api\/push\/ws/, (socket) => socket.close());
    await orderOne(page, { coupon: false, balance: '', quantity: 1 });
    await page.locator('[data-testid=stream][data-transport=sse][data-connected=true]').waitFor();
    await reaches(page, 'awaiting-payment');
    const url = page.url();
    await page.close();
    const poor = await context.newPage();
    await poor.routeWebSocket(/\/api\/push\/ws/, (socket) => socket.close());
    await poor.route(/\/api\/push\/sse/, (route) => route.abort());
    await poor.goto(url);
    const polling = '[data-testid=stream][data-transport=polling][data-connected=true]';
    await poor.locator(polling).waitFor();
    await shows(poor, 'confirmed');
    await context.close();
  });

  test('both languages, and the choice is kept', async () => {
    const { context, page } = await scene.visitor('zh');
    await page.goto('/');
    await page.getByRole('heading', { name: '好物，井然有序。' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Good things, kept in good order.' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Good things, kept in good order.' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    await context.close();
  });
});
