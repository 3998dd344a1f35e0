/** What callbacks do not tell, because they are wrong or never come, the reconciliation finds. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { eventually } from '../eventually.ts';
import { PaymentScene } from './payment-scene.ts';

suite('reconciliation', { timeout: 1_800_000 }, () => {
  let scene: PaymentScene;
  before(async () => {
    scene = await PaymentScene.start({ settings: { reconcileMs: 300, fanOut: 'outbox' } });
  });
  after(() => scene[Symbol.asyncDispose]());

  for (const mode of ['bad-signature', 'wrong-amount', 'late'] as const) {
    test(`${mode}: the payment is right all the same, and told once`, async () => {
      scene.deps.faults.set({ payment: mode });
      const orderId = `o_${mode}_500`;
      const { paymentId } = await scene.open(orderId);
      await scene.decide(paymentId);
      await eventually('paid', async () => (await scene.state(paymentId)) === 'paid');
      await eventually('told', async () => (await scene.announced(orderId)).length > 0);
      scene.deps.faults.set({ payment: 'ok' });
      assert.deepEqual(await scene.announced(orderId), ['paid']);
      // The callback may come after the reconciliation, and is refused all the same.
      const reason = {
        'bad-signature': 'bad-signature',
        'wrong-amount': 'contradiction',
        late: '',
      };
      const refusal = reason[mode];
      if (refusal === '') return;
      await eventually('a refusal', async () => ((await scene.refusals())[refusal] ?? 0) > 0);
    });
  }

  test('what is not paid at the bank is not paid here', async () => {
    scene.deps.faults.set({ payment: 'fail' });
    const { paymentId } = await scene.open('o_900');
    await scene.decide(paymentId);
    await eventually('declined', async () => (await scene.state(paymentId)) === 'failed');
    scene.deps.faults.set({ payment: 'ok' });
    const { paymentId: other } = await scene.open('o_901');
    await scene.decide(other);
    await eventually('another to be paid', async () => (await scene.state(other)) === 'paid');
    assert.equal(await scene.state(paymentId), 'failed');
    await scene.decide(paymentId);
    await eventually('a second attempt', async () => (await scene.state(paymentId)) === 'paid');
  });
});
