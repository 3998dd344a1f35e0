/** The payment service with the real provider and platform; orders are what the test says. */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { type Mall, type MallOptions, startMall } from '../../src/embedded/start-mall.ts';
import { createPaymentService } from '../../src/payment/payment-service.ts';
import { HttpClient } from '../../src/shared/http/http-client.ts';
import { TOPIC } from '../../src/shared/messaging/topics.ts';
import { openService, type ServiceDeps } from '../../src/shared/service.ts';
import { PATIENCE_MS, PATIENT } from '../patience.ts';
import { quietLogger } from '../quiet-logger.ts';

export const INTERNAL_SECRET = 'mall-internal';
export const PROVIDER_SECRET = 'mall-provider';
export const CALLER = { userId: 'u_1', role: 'customer' } as const;

const Opened = z.object({ paymentId: z.string(), payUrl: z.string() });
const Shown = z.object({ payment: z.object({ state: z.string(), amountCents: z.number() }) });
const Theirs = z.object({
  payments: z.array(z.object({ id: z.string(), state: z.string(), amountCents: z.number() })),
});
const Refusals = z.object({
  refusals: z.array(z.object({ reason: z.string(), count: z.number() })),
});

export type Opened = z.infer<typeof Opened>;

/** See the head of this file. */
export class PaymentScene implements AsyncDisposable {
  readonly mall: Mall;
  readonly client = new HttpClient(INTERNAL_SECRET, PATIENCE_MS);

  private constructor(mall: Mall) {
    this.mall = mall;
  }

  static async start(options: Partial<MallOptions> = {}): Promise<PaymentScene> {
    const { replace, settings, ...rest } = options;
    const mall = await startMall({
      services: ['order', 'payment', 'provider'],
      logger: quietLogger,
      ...rest,
      settings: {
        ...PATIENT,
        reconcileMs: PATIENCE_MS,
        publicUrl: 'http://shop.example',
        ...settings,
      },
      replace: { order: createOrderStandIn, payment: createPaymentService, ...replace },
    });
    await mall.ready();
    return new PaymentScene(mall);
  }

  get deps(): ServiceDeps {
    return this.mall.deps;
  }

  open(orderId: string): Promise<Opened> {
    return this.client.call({
      url: `${this.deps.urls.payment}/payments`,
      body: { orderId, channel: 'bank' },
      caller: CALLER,
      output: Opened,
    });
  }

  async state(paymentId: string): Promise<string> {
    const url = `${this.deps.urls.payment}/payments/${paymentId}`;
    return (await this.client.call({ url, caller: CALLER, output: Shown })).payment.state;
  }

  /** What the visitor does at the bank. */
  async decide(paymentId: string, decision: 'pay' | 'decline' = 'pay'): Promise<void> {
    const { id } = await this.theirs(paymentId);
    await this.provider('POST', `/v1/payments/${id}/attempts`, { decision });
  }

  /** The payment in the provider's books. */
  async theirs(paymentId: string): Promise<z.infer<typeof Theirs>['payments'][number]> {
    const answer = await this.provider('GET', `/v1/payments?reference=${paymentId}`);
    const [payment] = Theirs.parse(await answer.json()).payments;
    if (payment === undefined) throw new Error(`The provider has no payment ${paymentId}`);
    return payment;
  }

  provider(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.deps.urls.provider}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${PROVIDER_SECRET}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Calls back as the provider does, or as somebody who would like to be it. */
  callBack(event: object, forged: { secret?: string; ageMs?: number } = {}): Promise<Response> {
    const body = JSON.stringify(event);
    const timestamp = String(Math.floor((Date.now() - (forged.ageMs ?? 0)) / 1000));
    const signature = createHmac('sha256', forged.secret ?? PROVIDER_SECRET)
      .update(`${timestamp}.${body}`)
      .digest('hex');
    return fetch(`${this.deps.urls.payment}/callback`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-provider-timestamp': timestamp,
        'x-provider-signature': signature,
      },
      body,
    });
  }

  async refusals(): Promise<Record<string, number>> {
    const url = `${this.deps.urls.payment}/internal/refusals`;
    const { refusals } = await this.client.call({ url, output: Refusals });
    return Object.fromEntries(refusals.map(({ count, reason }) => [reason, count]));
  }

  /** The payment events of an order that consumers can see, by type. */
  async announced(orderId: string): Promise<string[]> {
    const messages = (await this.mall.platform?.messages(TOPIC.payment)) ?? [];
    return messages.filter(({ keys }) => keys.includes(orderId)).map(({ tags }) => tags ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.mall.stop();
  }
}

/** Every order is there, of one user, and costs what its id says: `o_500` five yuan. */
export async function createOrderStandIn(deps: ServiceDeps) {
  const context = await openService<object>(deps, { name: 'order', migrations: [] });
  context.http.route(
    {
      ...{ method: 'GET', url: '/internal/orders/:id', access: 'internal' },
      ...{ input: z.object({ params: z.object({ id: z.string() }) }), summary: 'An order' },
    },
    async ({ params }) => {
      const payableCents = Number(/\d+$/.exec(params.id)?.[0] ?? 1);
      const state = params.id.startsWith('o_paid') ? 'paid' : 'awaiting-payment';
      return { order: { userId: CALLER.userId, state, payableCents } };
    },
  );
  context.http.route(
    {
      ...{ method: 'POST', url: '/say', access: 'internal', summary: 'Sends a message' },
      input: z.object({
        body: z.object({
          topic: z.enum([TOPIC.orderRollback, TOPIC.refund]),
          event: z.looseObject({}),
        }),
      }),
    },
    async ({ body }) => {
      const { topic, event } = body;
      const { eventId, orderId } = z
        .object({ eventId: z.string(), orderId: z.string() })
        .parse(event);
      await context.transaction(async (trx) => {
        await context.outbox.add(trx, { topic, tag: 'test', orderId, eventId, body: event });
      });
    },
  );
  return context.start();
}
