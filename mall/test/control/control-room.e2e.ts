/** The control room with the whole mall: switches, load, charts, dead letters, a flash sale. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { z } from 'zod';
import { type Mall, startMall } from '../../src/embedded/start-mall.ts';
import { ALL_WELL } from '../../src/shared/faults.ts';
import { HttpClient } from '../../src/shared/http/http-client.ts';
import { eventually } from '../eventually.ts';
import { PATIENCE_MS, PATIENT } from '../patience.ts';
import { quietLogger } from '../quiet-logger.ts';
import { Shopper } from '../shopper.ts';

const Load = z.object({ ratePerSecond: z.number(), running: z.number(), done: z.number() });
const Metrics = z.object({
  points: z.array(z.object({ created: z.number(), p99Ms: z.number().nullable() })),
  totals: z.object({ created: z.number(), confirmed: z.number(), paid: z.number() }),
  lag: z.array(z.object({ group: z.string(), lag: z.number() })),
  conflicts: z.number().nullable(),
});
const Letters = z.object({
  deadLetters: z.array(
    z.object({ id: z.string(), group: z.string(), orderId: z.string().nullable() }),
  ),
});
const Sale = z.object({
  state: z.string(),
  ordered: z.number(),
  sold: z.number(),
  refused: z.number(),
  conflicts: z.number(),
  error: z.string().nullable(),
});
const Timeline = z.object({
  timeline: z.array(z.object({ seq: z.number(), event: z.object({ type: z.string() }) })),
});

suite('control room', { timeout: 1_800_000 }, () => {
  let mall: Mall;
  let shopper: Shopper;
  const client = new HttpClient('mall-internal', PATIENCE_MS);
  const room = () => `${mall.deps.urls.control}`;
  const caller = { userId: 'staff', role: 'staff' } as const;

  const read = <T>(path: string, output: z.ZodType<T>): Promise<T> =>
    client.call({ url: `${room()}${path}`, caller, output });
  const change = <T>(method: 'PUT' | 'POST', path: string, body: object, output: z.ZodType<T>) =>
    client.call({ method, url: `${room()}${path}`, body, caller, output });

  before(async () => {
    mall = await startMall({
      settings: { ...PATIENT, sweepMs: 500, shipAfterMs: 0 },
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

  test('switches are turned one by one, and nonsense is refused', async () => {
    assert.deepEqual(await read('/switches', z.unknown()), ALL_WELL);
    const slow = await change('PUT', '/switches', { payment: 'slow' }, z.unknown());
    assert.deepEqual(slow, { ...ALL_WELL, payment: 'slow' });
    const headers = { authorization: `Bearer ${mall.deps.secrets.provider}` };
    const answer = await fetch(`${mall.deps.urls.provider}/v1/behaviour`, { headers });
    const { mode } = z.object({ mode: z.string() }).parse(await answer.json());
    assert.equal(mode, 'slow', 'the provider follows');
    for (const wrong of [{ payment: 'never' }, { unknown: true }, { inventoryDown: 'yes' }]) {
      await assert.rejects(change('PUT', '/switches', wrong, z.unknown()), { code: 'INVALID' });
    }
    await change('PUT', '/switches', ALL_WELL, z.unknown());
    const customer = { userId: 'u_1', role: 'customer' } as const;
    const asCustomer = client.call({
      ...{ url: `${room()}/switches`, caller: customer, output: z.unknown() },
    });
    await assert.rejects(asCustomer, { code: 'FORBIDDEN' });
  });

  test('load makes orders that are paid, and charts show them', async () => {
    await eventually('orders', async () => {
      const load = await read('/load', Load);
      // A busy machine is not buried in orders: it would never be through with them.
      const ratePerSecond = load.running < 3 ? 1 : 0;
      if (ratePerSecond !== load.ratePerSecond) {
        await change('PUT', '/load', { ratePerSecond }, Load);
      }
      return load.done >= 3 && (await read('/metrics', Metrics)).totals.paid >= 2;
    });
    await change('PUT', '/load', { ratePerSecond: 0 }, Load);
    await eventually('the consumer of payments to be measured', async () => {
      const { lag } = await read('/metrics', Metrics);
      return lag.some(({ group }) => group === 'mall-order-payment');
    });
    const { points, conflicts } = await read('/metrics?seconds=300', Metrics);
    assert.equal(points.length, 300);
    assert.ok(points.some(({ p99Ms }) => p99Ms !== null && p99Ms > 0));
    assert.ok(points.some(({ created }) => created > 0));
    assert.notEqual(conflicts, null);
    await assert.rejects(change('PUT', '/load', { ratePerSecond: 1_000 }, Load), {
      code: 'INVALID',
    });
  });

  test('a dead letter that is sent again completes its order', async () => {
    await change('PUT', '/switches', { poisonShipping: true }, z.unknown());
    const orderId = await shopper.order({
      items: [{ productId: 'kit-mug-01', quantity: 1, priceCents: 4_900 }],
      useBalanceCents: 4_900,
    });
    await shopper.until(orderId, 'paid');
    let letter: z.infer<typeof Letters>['deadLetters'][number] | undefined;
    await eventually('a dead letter', async () => {
      const { deadLetters } = await read('/dead-letters', Letters);
      letter = deadLetters.find((one) => one.orderId === orderId);
      return letter !== undefined;
    });
    assert.equal(letter?.group, 'mall-shipping');
    await eventually('the visitor sees it', async () => {
      const types = await timelineOf(orderId);
      return types.includes('dead-letter') && types.includes('retry');
    });
    await change('PUT', '/switches', { poisonShipping: false }, z.unknown());
    const id = encodeURIComponent(letter?.id ?? '');
    await change('POST', `/dead-letters/${id}/resend`, {}, z.unknown());
    await shopper.until(orderId, 'shipped');
    await assert.rejects(change('POST', `/dead-letters/${id}/resend`, {}, z.unknown()), {
      code: 'NOT_FOUND',
    });
    const nowhere = change('POST', '/dead-letters/nobody:1/resend', {}, z.unknown());
    await assert.rejects(nowhere, { code: 'NOT_FOUND' });
  });

  test('a flash sale sells what there is, to the piece', async () => {
    await change('POST', '/flash-sale/start', { buyers: 40, pieces: 8 }, Sale);
    const again = change('POST', '/flash-sale/start', { buyers: 1, pieces: 1 }, Sale);
    await assert.rejects(again, { code: 'CONFLICT' });
    let sale: z.infer<typeof Sale> | undefined;
    await eventually('the end of the sale', async () => {
      sale = await read('/flash-sale', Sale);
      return sale.state !== 'running';
    });
    assert.deepEqual(
      { ...sale, conflicts: 0 },
      { state: 'done', ordered: 40, sold: 8, refused: 32, conflicts: 0, error: null },
    );
  });

  test('the broker is killed and comes back, and orders go on', async () => {
    await change('POST', '/broker/restart', {}, z.object({ restarted: z.literal(true) }));
    const orderId = await shopper.order({
      items: [{ productId: 'kit-mug-01', quantity: 1, priceCents: 4_900 }],
      useBalanceCents: 4_900,
    });
    await shopper.until(orderId, 'shipped');
  });

  test('after all that the books of all services agree', async () => {
    const output = z.object({
      invariants: z.array(
        z.object({
          name: z.string(),
          ok: z.boolean(),
          detail: z.string(),
          values: z.record(z.string(), z.union([z.string(), z.number()])),
        }),
      ),
    });
    await eventually('books without a difference', async () => {
      const { invariants } = await read('/invariants', output);
      return invariants.every(({ ok, values }) => ok && values['difference'] === 0);
    });
  });

  async function timelineOf(orderId: string): Promise<string[]> {
    const path = `/api/order/orders/${orderId}`;
    const { timeline } = await shopper.ask(Timeline, 'GET', path);
    return timeline.map(({ event }) => event.type);
  }
});
