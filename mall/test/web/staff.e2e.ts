/** What staff do by clicks, and what customers then see: dead letters, refunds, a flash sale. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { eventually } from '../eventually.ts';
import { skipWithoutBrowser } from './browser.ts';
import { WebScene } from './scene.ts';
import { accountOf, orderOne, payAtBank, reaches, shows } from './visitor.ts';

suite('staff in the web shop', { skip: skipWithoutBrowser() }, () => {
  let scene: WebScene;
  before(async () => {
    scene = await WebScene.start({ shipAfterMs: 0 });
  });
  after(() => scene?.[Symbol.asyncDispose]());

  test('a dead letter is sent again, and its buyer sees the order go on', async () => {
    const staff = await scene.staff();
    const { faults } = scene.mall.deps;
    await staff.page.goto('/control');
    const poison = staff.page.getByRole('switch', { name: 'Shipping fails' });
    await poison.click();
    await eventually('shipping to fail', () => faults.switches.poisonShipping);

    const { context, page } = await scene.customer();
    await orderOne(page, { coupon: false, balance: '49.00', quantity: 1 });
    await shows(page, 'paid', 'retry', 'dead-letter');
    await reaches(page, 'paid');
    await page.evaluate('window.notLoadedAnew = true');
    const orderId = orderIdOf(page.url());

    const letters = staff.page.getByTestId('dead-letter');
    const letter = letters.filter({ hasText: orderId });
    await letter.getByText('mall-shipping').waitFor();
    await poison.and(staff.page.locator('[aria-checked=true]')).click();
    await eventually('shipping to work', () => !faults.switches.poisonShipping);
    await letter.getByRole('button', { name: 'Send again' }).click();
    await letter.waitFor({ state: 'detached' });

    await reaches(page, 'shipped');
    await shows(page, 'shipped');
    assert.equal(await page.evaluate('window.notLoadedAnew'), true);
    await context.close();
    await staff.context.close();
  });

  test('a refund in the back office brings everything back', async () => {
    const { faults } = scene.mall.deps;
    // As long as no parcel leaves, the order can be given back.
    faults.set({ poisonShipping: true });
    const { context, page } = await scene.customer();
    await orderOne(page, { coupon: true, balance: '20.00', quantity: 2 });
    await payAtBank(page);
    await reaches(page, 'paid');
    await shows(page, 'points-granted', 'coupon-settled');
    await page.evaluate('window.notLoadedAnew = true');

    const staff = await scene.staff();
    await staff.page.goto('/office/orders');
    const row = staff.page.getByRole('row').filter({ hasText: orderIdOf(page.url()) });
    await row.getByRole('button', { name: 'Refund' }).click();
    await row.getByText('Refunded', { exact: true }).waitFor();
    assert.equal(await row.getByRole('button').count(), 0);

    await reaches(page, 'refunded');
    await shows(page, 'refund-started', 'refunded');
    assert.equal(await page.evaluate('window.notLoadedAnew'), true);
    await eventually('points to be taken back', async () => (await accountOf(page)).points === '0');
    const { balance, coupons } = await accountOf(page);
    assert.equal(balance, '¥500.00');
    assert.deepEqual(coupons, ['unused', 'unused']);
    faults.set({ poisonShipping: false });
    await context.close();
    await staff.context.close();
  });

  test('a flash sale that is started by a click sells what there is, to the piece', async () => {
    const { context, page } = await scene.staff();
    await page.goto('/flash-sale');
    await page.getByRole('spinbutton', { name: 'Buyers' }).fill('20');
    await page.getByRole('spinbutton', { name: 'Pieces' }).fill('5');
    await page.getByRole('button', { name: 'Start the rush' }).click();
    const outcome = page.getByTestId('flash-sale').and(page.locator('[data-state=done]'));
    await outcome.getByText('Exactly 5 sold: none too many, none lost').waitFor();
    const tooLate = outcome.locator('dl > div').filter({ hasText: 'Too late' }).locator('dd');
    assert.equal(await tooLate.textContent(), '15');
    await page.getByRole('article').getByRole('link').first().click();
    await page.getByTestId('stock').getByText('Sold out').waitFor();
    await context.close();
  });
});

function orderIdOf(url: string): string {
  return new URL(url).pathname.split('/').at(-1) ?? '';
}
