/** Callbacks that are forged, replayed, late, wrong or unknown: one state change per event. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { TOPIC } from '../../src/shared/messaging/topics.ts';
import { eventually } from '../eventually.ts';
import { PATIENCE_MS } from '../patience.ts';
import { PaymentScene } from './payment-scene.ts';

for (const fanOut of ['transaction', 'outbox'] as const) {
  suite(`callbacks, told by ${fanOut}`, { timeout: 1_800_000 }, () => {
    let scene: PaymentScene;
    before(async () => {
      scene = await PaymentScene.start({ settings: { fanOut } });
    });
    after(() => scene[Symbol.asyncDispose]());

    const succeeded = async (paymentId: string, change: object = {}): Promise<object> => {
      const { id, amountCents } = await scene.theirs(paymentId);
      return {
        ...{ eventId: `evt_${paymentId}`, type: 'payment.succeeded', providerPaymentId: id },
        ...{ reference: paymentId, sequence: 1, amountCents, currency: 'CNY' },
        ...{ refundReference: null, occurredMs: Date.now() },
        ...change,
      };
    };

    test('a payment is made at the bank, and everybody is told once', async () => {
      const { paymentId, payUrl } = await scene.open('o_500');
      assert.deepEqual(await scene.open('o_500'), { paymentId, payUrl }, 'there is one payment');
      assert.equal((await fetch(payUrl)).status, 200);
      await scene.decide(paymentId);
      await eventually('paid', async () => (await scene.state(paymentId)) === 'paid');
      await eventually('told', async () => (await scene.announced('o_500')).length === 1);
      assert.deepEqual(await scene.announced('o_500'), ['paid']);
      await assert.rejects(scene.open('o_paid_1'), /cannot be paid/);
    });

    test('one callback a hundred times at once changes one state', async () => {
      const { paymentId } = await scene.open('o_600');
      const event = await succeeded(paymentId);
      const answers = await Promise.all(
        Array.from({ length: 100 }, async () => {
          const answer = await scene.callBack(event);
          const body: { outcome?: string } = JSON.parse(await answer.text());
          return `${answer.status} ${body.outcome}`;
        }),
      );
      assert.equal(answers.filter((answer) => answer === '200 applied').length, 1);
      assert.equal(answers.filter((answer) => answer === '200 absorbed').length, 99);
      assert.equal(await scene.state(paymentId), 'paid');
      await eventually('told', async () => (await scene.announced('o_600')).length === 1);
      // Other events of the same money change nothing either.
      const other = await scene.callBack(await succeeded(paymentId, { eventId: 'evt_other' }));
      assert.match(await other.text(), /absorbed/);
      assert.deepEqual(await scene.announced('o_600'), ['paid']);
      const lines = (await scene.mall.platform?.messages(TOPIC.orderStatus)) ?? [];
      const about = lines.filter(({ keys }) => keys.includes('o_600'));
      assert.ok(about.length <= 4, 'a hundred copies are not a hundred lines for the visitor');
    });

    test('forged, late, wrong and unknown ones are refused and change nothing', async () => {
      const { paymentId } = await scene.open('o_700');
      const good = await succeeded(paymentId);
      const attempts: [string, number, Promise<Response>][] = [
        ['wrong key', 401, scene.callBack(good, { secret: 'guessed-secret' })],
        ['301 s old', 401, scene.callBack(good, { ageMs: 301_000 })],
        ['301 s ahead', 401, scene.callBack(good, { ageMs: -302_000 })],
        ['too much', 409, scene.callBack(await succeeded(paymentId, { amountCents: 701 }))],
        ['too little', 409, scene.callBack(await succeeded(paymentId, { amountCents: 1 }))],
        ['currency', 409, scene.callBack(await succeeded(paymentId, { currency: 'USD' }))],
        ['other', 409, scene.callBack(await succeeded(paymentId, { providerPaymentId: 'pp_x' }))],
        ['unknown', 409, scene.callBack({ ...good, reference: 'p_unknown' })],
        ['no form', 400, scene.callBack({ hello: 'world' })],
      ];
      for (const [what, status, answer] of attempts) {
        assert.equal((await answer).status, status, what);
      }
      const unsigned = await fetch(`${scene.deps.urls.payment}/callback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(good),
      });
      assert.equal(unsigned.status, 401);
      assert.equal(await scene.state(paymentId), 'created');
      assert.deepEqual(await scene.announced('o_700'), []);
      assert.deepEqual(await scene.refusals(), {
        ...{ 'bad-signature': 1, 'outside-window': 2, 'no-signature': 1 },
        ...{ contradiction: 4, 'unknown-payment': 1, malformed: 1 },
      });
      assert.equal((await scene.callBack(good)).status, 200, 'the right one still counts');
      assert.equal(await scene.state(paymentId), 'paid');
    });

    test('declined first and told last: the payment stays paid', async () => {
      const { paymentId } = await scene.open('o_800');
      await scene.callBack(await succeeded(paymentId));
      const failed = { eventId: 'evt_failed', type: 'payment.failed' };
      const answer = await scene.callBack(await succeeded(paymentId, failed));
      assert.match(await answer.text(), /absorbed/);
      assert.equal(await scene.state(paymentId), 'paid');
    });

    test('money for an order that was given up goes back', async () => {
      const { paymentId } = await scene.open('o_900');
      const event = { ...about('o_900', 'rb_1'), reason: 'unpaid', steps: ['stock'] };
      await say(scene, TOPIC.orderRollback, event);
      await scene.mall.platform?.waitUntilConsumed('mall-payment-rollback', TOPIC.orderRollback, {
        within: PATIENCE_MS,
      });
      await scene.decide(paymentId);
      await eventually('given back', async () => (await scene.state(paymentId)) === 'refunded');
      assert.equal((await scene.theirs(paymentId)).state, 'refunded');
      await eventually('told', async () => (await scene.announced('o_900')).length === 1);
      assert.deepEqual(await scene.announced('o_900'), ['refunded'], 'nobody heard of "paid"');
    });

    test('a refund that is asked for several times is made once', async () => {
      const { paymentId } = await scene.open('o_1000');
      await scene.decide(paymentId);
      await eventually('paid', async () => (await scene.state(paymentId)) === 'paid');
      for (const eventId of ['rf_1', 'rf_2', 'rf_2']) {
        const event = { ...about('o_1000', eventId), paymentId: null, reason: 'not wanted' };
        await say(scene, TOPIC.refund, event);
      }
      await eventually('given back', async () => (await scene.state(paymentId)) === 'refunded');
      await eventually('told', async () => (await scene.announced('o_1000')).length === 2);
      assert.deepEqual(await scene.announced('o_1000'), ['paid', 'refunded']);
    });
  });
}

interface Said {
  readonly eventId: string;
  readonly orderId: string;
  readonly userId: string;
  readonly atMs: number;
}

function about(orderId: string, eventId: string): Said {
  return { eventId, orderId, userId: 'u_1', atMs: Date.now() };
}

/** Resolves when the message is on its topic: an outbox sends it a little after its commit. */
async function say(scene: PaymentScene, topic: string, event: Said): Promise<void> {
  const answer = await fetch(`${scene.deps.urls.order}/say`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-mall-internal': 'mall-internal' },
    body: JSON.stringify({ topic, event }),
  });
  assert.equal(answer.status, 200);
  await scene.mall.platform?.expectMessage(
    topic,
    { properties: { eventId: event.eventId } },
    { within: PATIENCE_MS },
  );
}
