import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, beforeEach, suite, test } from 'node:test';
import { z } from 'zod';
import { type ProviderServer, startProvider } from '../../src/provider/provider-server.ts';
import { ask, type Callback, Merchant, Payment, SECRET } from './merchant.ts';

suite('provider', { timeout: 1_800_000 }, () => {
  let merchant: Merchant;
  let provider: ProviderServer;
  const running: { stop(): Promise<void> }[] = [];

  beforeEach(async () => {
    merchant = await new Merchant().start();
    provider = await startProvider({
      secret: SECRET,
      clock: { nowMs: () => Date.now() },
      logger: { warn: () => {} },
    });
    running.push(merchant, provider);
  });

  after(async () => {
    for (const one of running) await one.stop();
  });

  async function behave(behaviour: object): Promise<void> {
    const answer = await ask(`${provider.url}/v1/behaviour`, 'PUT', behaviour);
    assert.equal(answer.status, 200);
  }

  function attempt(id: string, decision = 'pay'): Promise<Response> {
    return ask(`${provider.url}/v1/payments/${id}/attempts`, 'POST', { decision });
  }

  test('a visitor pays on the page, in both languages, and is sent back', async () => {
    const { payUrl } = await merchant.open(provider.url, 'p_1');
    const english = await (await fetch(payUrl)).text();
    assert.match(english, /Pay now/);
    assert.match(english, /CN¥12\.34/);
    assert.match(english, /Order p_1 &#60;&#38;&#62;/, 'what merchants say is no HTML');
    const chinese = await (await fetch(payUrl, { headers: { 'accept-language': 'zh-CN' } })).text();
    assert.match(chinese, /立即付款/);
    assert.match(await (await fetch(`${payUrl}?lang=zh`)).text(), /lang="zh-CN"/);
    const token = /name="token" value="([^"]+)"/.exec(english)?.[1] ?? '';
    const post = (body: Record<string, string>): Promise<Response> =>
      fetch(payUrl, { method: 'POST', body: new URLSearchParams(body), redirect: 'manual' });
    assert.equal((await post({ token: 'x', decision: 'pay' })).status, 403);
    const paid = await post({ token, decision: 'pay' });
    assert.equal(paid.status, 303);
    assert.equal(paid.headers.get('location'), `${merchant.url}/orders/1`);
    await merchant.waitFor(1);
    const [callback] = merchant.callbacks;
    assert.equal(callback?.event.type, 'payment.succeeded');
    assert.equal(callback?.event.amountCents, 12_34);
    assert.ok(isSigned(callback));
    assert.equal((await post({ token, decision: 'pay' })).status, 303);
    assert.equal((await ask(`${provider.url}/v1/payments?reference=p_1`)).status, 200);
    assert.equal(merchant.callbacks.length, 1, 'paying twice is one event');
  });

  test('a declined attempt leaves the payment open', async () => {
    const { id, payUrl } = await merchant.open(provider.url, 'p_2');
    await behave({ mode: 'fail' });
    await attempt(id);
    assert.match(await (await fetch(payUrl)).text(), /role="alert"/);
    await behave({ mode: 'ok' });
    assert.equal(Payment.parse(await (await attempt(id)).json()).state, 'captured');
    await merchant.waitFor(2);
    const types = merchant.callbacks.map(({ event }) => [event.sequence, event.type]).sort();
    assert.deepEqual(types, [
      [1, 'payment.failed'],
      [2, 'payment.succeeded'],
    ]);
  });

  test('a reference is one payment, and money goes back once', async () => {
    const first = await merchant.open(provider.url, 'p_3');
    assert.equal((await merchant.open(provider.url, 'p_3')).id, first.id);
    const taken = await ask(`${provider.url}/v1/payments`, 'POST', {
      ...{ reference: 'p_3', amountCents: 1, currency: 'CNY' },
      ...{ callbackUrl: merchant.url, returnUrl: merchant.url },
    });
    assert.equal(taken.status, 409);
    const refund = (amountCents: number): Promise<Response> =>
      ask(`${provider.url}/v1/payments/${first.id}/refunds`, 'POST', {
        ...{ reference: 'r_1', amountCents },
      });
    assert.equal((await refund(12_34)).status, 409, 'nothing was paid');
    await attempt(first.id);
    assert.equal((await refund(12_35)).status, 409);
    const answers = await Promise.all([refund(12_34), refund(12_34), refund(12_34)]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 201],
    );
    await merchant.waitFor(2);
    const refunds = merchant.callbacks.filter(({ event }) => event.type === 'refund.succeeded');
    assert.equal(refunds.length, 1);
    assert.equal(refunds[0]?.event.refundReference, 'r_1');
  });

  test('callbacks come again until they are taken', async () => {
    merchant.answers.push(500, 404);
    const { id } = await merchant.open(provider.url, 'p_4');
    await attempt(id);
    await merchant.waitFor(3);
    const ids = new Set(merchant.callbacks.map(({ event }) => event.eventId));
    assert.equal(ids.size, 1);
  });

  test('it misbehaves as it is told', async () => {
    const pay = async (mode: string, reference: string): Promise<Callback[]> => {
      await behave({ mode, slowMs: 300, lateMs: 300, disorderMs: 50 });
      const { id } = await merchant.open(provider.url, reference);
      const startedMs = performance.now();
      merchant.callbacks.length = 0;
      await attempt(id);
      const count = { duplicate: 3, disorder: 2 }[mode] ?? 1;
      await merchant.waitFor(count);
      if (mode === 'slow' || mode === 'late') assert.ok(performance.now() - startedMs >= 299);
      return merchant.callbacks.slice(0, count);
    };
    await pay('slow', 'p_5');
    await pay('late', 'p_6');
    const copies = await pay('duplicate', 'p_7');
    assert.equal(new Set(copies.map(({ event }) => event.eventId)).size, 1);
    const disordered = await pay('disorder', 'p_8');
    assert.deepEqual(
      disordered.map(({ event }) => event.type),
      ['payment.succeeded', 'payment.processing'],
    );
    const [wrong] = await pay('wrong-amount', 'p_9');
    assert.equal(wrong?.event.amountCents, 12_35);
    assert.ok(isSigned(wrong));
    const [forged] = await pay('bad-signature', 'p_10');
    assert.ok(forged !== undefined && !isSigned(forged));
  });

  test('merchants are known by their key, and told what is wrong', async () => {
    assert.equal((await fetch(`${provider.url}/v1/payments`)).status, 401);
    const answer = await ask(`${provider.url}/v1/payments`, 'POST', { reference: 'a b' });
    assert.equal(answer.status, 400);
    const { error } = z
      .object({ error: z.object({ code: z.string(), message: z.string() }) })
      .parse(await answer.json());
    assert.equal(error.code, 'INVALID');
    assert.match(error.message, /amountCents/);
    assert.equal((await ask(`${provider.url}/v1/payments/none`)).status, 404);
    const broken = await fetch(`${provider.url}/v1/payments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
      body: '{',
    });
    assert.equal(broken.status, 400);
    await assert.rejects(
      startProvider({
        secret: 'short',
        clock: { nowMs: () => 0 },
        logger: { warn: () => {} },
      }),
      /12 characters/,
    );
  });
});

function isSigned({ headers, body }: Callback): boolean {
  const timestamp = String(headers['x-provider-timestamp']);
  const expected = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
  return headers['x-provider-signature'] === expected;
}
