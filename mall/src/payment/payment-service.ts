/**
 * Paying: opens payments at the provider, takes its callbacks, tells everybody of the outcome,
 * gives money back, and compares its books with the provider's.
 */
import { z } from 'zod';
import { ApiError, messageOf } from '../shared/api-error.ts';
import { type Exchange, nothing } from '../shared/http/http-server.ts';
import { orderRollback, refund } from '../shared/messaging/events.ts';
import { CURRENCY } from '../shared/money.ts';
import {
  openService,
  type Service,
  type ServiceContext,
  type ServiceDeps,
} from '../shared/service.ts';
import { signatureProblem } from './callback-signature.ts';
import { OutboxAnnouncer } from './outbox-announcer.ts';
import { PaymentBooks } from './payment-books.ts';
import { ProviderCallback } from './payment-rules.ts';
import { ProviderClient, ProviderRefused } from './provider-client.ts';
import { Reconciliation } from './reconciliation.ts';
import { PAYMENT_MIGRATIONS, type PaymentRow, type PaymentTables } from './tables.ts';
import { TransactionalAnnouncer } from './transactional-announcer.ts';

const NewPayment = z.object({
  body: z.strictObject({
    orderId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    channel: z.literal('bank'),
  }),
});
const OnePayment = z.object({ params: z.object({ id: z.string().max(64) }) });
const PageOfPayments = z.object({
  query: z.object({
    after: z.string().max(64).default(''),
    max: z.coerce.number().int().min(1).max(1_000).default(500),
  }),
});

/** What the order service says of an order that is to be paid. */
const PayableOrder = z.object({
  order: z.object({ userId: z.string(), state: z.string(), payableCents: z.number().int() }),
});

/** Parts that tests replace. */
export interface PaymentServiceOptions {
  /** Runs between the commit of a paid payment and the word to the broker. */
  readonly afterCommit?: () => void | Promise<void>;
}

/** See the head of this file. */
export async function createPaymentService(
  deps: ServiceDeps,
  options: PaymentServiceOptions = {},
): Promise<Service> {
  const context = await openService<PaymentTables>(deps, {
    name: 'payment',
    migrations: PAYMENT_MIGRATIONS,
  });
  const desk = new PaymentDesk(context, options);
  desk.addRoutes();
  desk.addConsumers();
  return context.start();
}

class PaymentDesk {
  readonly #context: ServiceContext<PaymentTables>;
  readonly #books: PaymentBooks;
  readonly #reconciliation: Reconciliation;
  readonly #refunding = new Set<Promise<void>>();

  constructor(context: ServiceContext<PaymentTables>, options: PaymentServiceOptions) {
    const { database, deps, outbox, timeline } = context;
    const { clock, faults, logger, namesrv, settings } = deps;
    const checkAfterMs = settings.reconcileMs;
    const crash = (): void => {
      if (!faults.switches.crashAfterCommit) return;
      throw new ApiError('UNAVAILABLE', 'Failing after the commit, as the control room wants it');
    };
    const afterCommit = options.afterCommit ?? crash;
    const transactional = new TransactionalAnnouncer({
      ...{ namesrv, database, clock, logger, afterCommit },
    });
    // Started with both settings: brokers may still ask about what was sent before the change.
    context.own(async () => {
      await transactional.start();
      return { group: 'mall-payment-announcer', close: () => transactional.stop() };
    });
    const announcer =
      settings.fanOut === 'transaction' ? transactional : new OutboxAnnouncer(database, outbox);
    const books = { database, announcer, clock, timeline, outbox, checkAfterMs };
    this.#context = context;
    this.#books = new PaymentBooks(books);
    this.#reconciliation = new Reconciliation({
      ...{ books: this.#books, database, clock, logger, checkAfterMs },
      provider: () => this.#provider,
    });
    context.every(settings.reconcileMs, 'reconciliation', async () => {
      await this.#reconciliation.round();
    });
    context.onStop(async () => {
      await Promise.all(this.#refunding);
    });
  }

  addRoutes(): void {
    const { http } = this.#context;
    http.route(
      {
        ...{ method: 'POST', url: '/payments', access: 'user', input: NewPayment, status: 201 },
        summary: 'Opens the payment of an order; again, and it is the same',
      },
      ({ body }, { caller }) => this.#open(body.orderId, caller.userId),
    );
    http.route(
      {
        ...{ method: 'GET', url: '/payments/:id', access: 'user', input: OnePayment },
        summary: 'A payment of the caller',
      },
      async ({ params }, { caller }) => {
        const payment = await this.#books.get(params.id);
        const isTheirs = payment?.user_id === caller.userId || caller.role === 'staff';
        if (payment === undefined || !isTheirs) {
          throw new ApiError('NOT_FOUND', `There is no payment ${params.id}`);
        }
        return { payment: view(payment) };
      },
    );
    http.route(
      {
        ...{ method: 'POST', url: '/callback', access: 'anybody' },
        ...{ input: z.object({ body: z.unknown() }), summary: "The provider's callbacks" },
      },
      ({ body }, exchange) => this.#callback(body, exchange),
    );
    http.route(
      {
        ...{ method: 'GET', url: '/internal/payments', access: 'internal' },
        ...{ input: PageOfPayments, summary: 'All payments, by id, for those who check the books' },
      },
      async ({ query }) => ({ payments: (await this.#page(query.after, query.max)).map(view) }),
    );
    http.route(
      {
        ...{ method: 'GET', url: '/internal/refusals', access: 'internal', input: nothing },
        summary: 'Callbacks that were not believed, by reason',
      },
      async () => {
        const { kysely } = this.#context.database;
        const refusals = await kysely.selectFrom('refusals').selectAll().execute();
        return { refusals };
      },
    );
  }

  addConsumers(): void {
    this.#context.consume({
      ...{ group: 'mall-payment-refund', topic: refund },
      handle: async ({ orderId, reason }, trx) => {
        await this.#books.requestRefund(trx, orderId, reason);
      },
      committed: ({ orderId }) => this.#refundSoon(orderId),
    });
    this.#context.consume({
      ...{ group: 'mall-payment-rollback', topic: orderRollback },
      handle: async ({ orderId, reason }, trx) => {
        // What is undone because of a refund is paid back by the refund's own message.
        if (reason !== 'refunded') await this.#books.cancelOrder(trx, orderId, reason);
      },
      committed: ({ orderId, reason }) => {
        if (reason !== 'refunded') this.#refundSoon(orderId);
      },
    });
  }

  get #provider(): ProviderClient {
    const { secrets, settings, urls } = this.#context.deps;
    return new ProviderClient(urls.provider, secrets.provider, settings.callTimeoutMs);
  }

  async #open(orderId: string, userId: string): Promise<{ paymentId: string; payUrl: string }> {
    const { client, deps } = this.#context;
    const { order } = await client.call({
      url: `${deps.urls.order}/internal/orders/${orderId}`,
      output: PayableOrder,
    });
    if (order.userId !== userId) throw new ApiError('NOT_FOUND', `There is no order ${orderId}`);
    if (order.state !== 'awaiting-payment') {
      throw new ApiError('CONFLICT', `The order is ${order.state}, it cannot be paid`);
    }
    const amountCents = order.payableCents;
    const payment = await this.#books.create({ orderId, userId, amountCents, currency: CURRENCY });
    const { payment_id: paymentId } = payment;
    if (payment.pay_url !== null) return { paymentId, payUrl: payment.pay_url };
    const shop = deps.settings.publicUrl === '' ? deps.urls.edge : deps.settings.publicUrl;
    try {
      const opened = await this.#provider.open({
        ...{ reference: paymentId, amountCents, currency: payment.currency },
        description: orderId,
        callbackUrl: `${deps.urls.payment}/callback`,
        returnUrl: `${shop}/orders/${orderId}`,
      });
      await this.#books.opened(paymentId, opened.id, opened.payUrl);
      return { paymentId, payUrl: opened.payUrl };
    } catch (error) {
      if (!(error instanceof ProviderRefused)) throw error;
      deps.logger.warn({ paymentId, error: error.message }, 'A payment could not be opened');
      const text = error.isFinal ? 'The bank refuses the payment' : 'The bank does not answer';
      throw new ApiError('UNAVAILABLE', `${text}: try again later`, { cause: error });
    }
  }

  async #callback(body: unknown, { request, rawBody }: Exchange): Promise<object> {
    const { clock, secrets } = this.#context.deps;
    const header = (name: string): string | undefined => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const timestamp = header('x-provider-timestamp');
    const signature = header('x-provider-signature');
    const signed = { timestamp, signature, body: rawBody };
    const problem = signatureProblem(signed, [secrets.provider], clock.nowMs());
    if (problem !== undefined) {
      await this.#books.refuse(problem, `timestamp ${timestamp ?? 'missing'}`);
      throw new ApiError('UNAUTHENTICATED', `The callback is not believed: ${problem}`);
    }
    const event = ProviderCallback.safeParse(body);
    if (!event.success) {
      await this.#books.refuse('malformed', event.error.message);
      throw new ApiError('INVALID', 'The callback is not of the form that was agreed upon');
    }
    const { outcome, why } = await this.#books.apply(event.data);
    if (outcome === 'refused') throw new ApiError('CONFLICT', `The callback is refused: ${why}`);
    const payment = await this.#books.get(event.data.reference);
    if (payment?.state === 'refunding') this.#refundSoon(payment.order_id);
    return { outcome, why };
  }

  /** Asks the provider for a refund that is due; what fails, the reconciliation asks again. */
  #refundSoon(orderId: string): void {
    const work = this.#refund(orderId)
      .catch((error: unknown) => {
        const { logger } = this.#context.deps;
        logger.warn({ orderId, error: messageOf(error) }, 'A refund waits for another attempt');
      })
      .finally(() => this.#refunding.delete(work));
    this.#refunding.add(work);
  }

  async #refund(orderId: string): Promise<void> {
    const payment = await this.#books.byOrder(orderId);
    this.#context.outbox.flush();
    if (payment?.state === 'refunding') await this.#reconciliation.sendRefund(payment);
  }

  #page(after: string, max: number): Promise<PaymentRow[]> {
    return this.#context.database.kysely
      .selectFrom('payments')
      .selectAll()
      .where('payment_id', '>', after)
      .orderBy('payment_id')
      .limit(max)
      .execute();
  }
}

function view(payment: PaymentRow): object {
  return {
    id: payment.payment_id,
    orderId: payment.order_id,
    userId: payment.user_id,
    state: payment.state,
    amountCents: payment.amount_cents,
    currency: payment.currency,
    payUrl: payment.pay_url,
    createdMs: payment.created_ms,
  };
}
