/**
 * The books of the payments: every change of a payment is made here, in a database transaction that
 * also takes down what caused it and what is to be told of it.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import { ApiError } from '../shared/api-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { Database } from '../shared/database/database.ts';
import { newId } from '../shared/ids.ts';
import type { PaymentEvent } from '../shared/messaging/events.ts';
import type { Outbox } from '../shared/messaging/outbox.ts';
import type { Timeline, TimelineEntry } from '../shared/messaging/timeline.ts';
import type { Announcer } from './announcer.ts';
import { KeyedLock } from './keyed-lock.ts';
import {
  type Decision,
  decide,
  type PaymentState,
  type ProviderCallback,
} from './payment-rules.ts';
import type { PaymentRow, PaymentTables, RefundRow } from './tables.ts';

/** What the books use. */
export interface PaymentBooksDeps {
  readonly database: Database<PaymentTables>;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly outbox: Outbox;
  /** When to ask the provider about a payment that it says nothing of. */
  readonly checkAfterMs: number;
}

/** What became of an event. `applied` is the only outcome with an effect. */
export interface EventOutcome {
  readonly outcome: 'applied' | 'absorbed' | 'refused';
  readonly why: string;
}

/** An order that is to be paid. */
export interface PayableOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly amountCents: number;
  readonly currency: string;
}

/** An event is decided on anew when the payment changed in between, so often at most. */
const ATTEMPTS_MAX = 5;

/** See the head of this file. */
export class PaymentBooks {
  readonly #deps: PaymentBooksDeps;
  readonly #lock = new KeyedLock();

  constructor(deps: PaymentBooksDeps) {
    this.#deps = deps;
  }

  /** The payment of an order: there is one, however often it is asked for. */
  async create(order: PayableOrder): Promise<PaymentRow> {
    const { clock, checkAfterMs } = this.#deps;
    const nowMs = clock.nowMs();
    const paymentId = newId('p');
    const { amountCents, currency, orderId, userId } = order;
    await this.#transaction(async (transaction) => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('payments')
        .values({
          ...{ payment_id: paymentId, order_id: orderId, user_id: userId, currency },
          ...{ amount_cents: amountCents, state: 'created', created_ms: nowMs, updated_ms: nowMs },
          check_ms: nowMs + checkAfterMs,
        })
        .onConflict((conflict) => conflict.column('order_id').doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows !== 1n) return;
      const subject = { order_id: orderId, user_id: userId };
      await this.#tell(transaction, subject, { type: 'payment-created' });
    });
    const payment = await this.byOrder(orderId);
    if (payment === undefined) throw new Error(`The payment of order ${orderId} is not there`);
    return payment;
  }

  /** The provider has opened it. */
  async opened(paymentId: string, providerPaymentId: string, payUrl: string): Promise<void> {
    await this.#deps.database.kysely
      .updateTable('payments')
      .set({ provider_payment_id: providerPaymentId, pay_url: payUrl })
      .where('payment_id', '=', paymentId)
      .execute();
  }

  get(paymentId: string): Promise<PaymentRow | undefined> {
    return this.#find(this.#deps.database.kysely, 'payment_id', paymentId);
  }

  byOrder(orderId: string): Promise<PaymentRow | undefined> {
    return this.#find(this.#deps.database.kysely, 'order_id', orderId);
  }

  /** Does what an event says, if it is to be believed and nothing did it before. */
  apply(event: ProviderCallback): Promise<EventOutcome> {
    return this.#lock.run(event.reference, () => this.#apply(event));
  }

  /** Counts what was not believed. */
  async refuse(reason: string, detail: string): Promise<EventOutcome> {
    const { clock, database } = this.#deps;
    const row = { last_detail: detail.slice(0, 300), last_ms: clock.nowMs() };
    await database.kysely
      .insertInto('refusals')
      .values({ reason, count: 1, ...row })
      .onConflict((conflict) =>
        conflict.column('reason').doUpdateSet({ count: sql`refusals.count + 1`, ...row }),
      )
      .execute();
    return { outcome: 'refused', why: detail };
  }

  /** Remembers that an order was given up; the refund that this begins, if it was paid already. */
  async cancelOrder(
    transaction: Transaction<PaymentTables>,
    orderId: string,
    reason: string,
  ): Promise<RefundRow | undefined> {
    await transaction
      .insertInto('cancelled_orders')
      .values({ order_id: orderId, reason, cancelled_ms: this.#deps.clock.nowMs() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return this.requestRefund(transaction, orderId, reason);
  }

  /** The refund of an order's payment: a new one, the one that is there, or none without money. */
  async requestRefund(
    transaction: Transaction<PaymentTables>,
    orderId: string,
    reason: string,
  ): Promise<RefundRow | undefined> {
    const { clock, checkAfterMs } = this.#deps;
    const found = await this.#find(transaction, 'order_id', orderId);
    if (found === undefined) return undefined;
    const payment = await this.#locked(transaction, found.payment_id);
    if (payment.state !== 'paid') {
      return transaction
        .selectFrom('refunds')
        .selectAll()
        .where('payment_id', '=', payment.payment_id)
        .executeTakeFirst();
    }
    const nowMs = clock.nowMs();
    await transaction
      .updateTable('payments')
      .set({ state: 'refunding', updated_ms: nowMs, check_ms: nowMs + checkAfterMs })
      .where('payment_id', '=', payment.payment_id)
      .execute();
    return this.#insertRefund(transaction, payment, reason);
  }

  async #apply(event: ProviderCallback): Promise<EventOutcome> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const payment = await this.get(event.reference);
      if (payment === undefined) {
        return this.refuse('unknown-payment', `There is no payment ${event.reference}`);
      }
      if (await this.#isDuplicate(payment, event)) return { outcome: 'absorbed', why: 'known' };
      const decision = await this.#decide(this.#deps.database.kysely, payment, event);
      if (decision.kind === 'refuse') return this.refuse('contradiction', decision.why);
      const outcome = await this.#execute(payment, event, decision);
      if (outcome !== undefined) return outcome;
    }
    throw new ApiError('BUSY', `Payment ${event.reference} changes all the time: send it again`);
  }

  /** Undefined: the payment has changed since the decision. */
  async #execute(
    payment: PaymentRow,
    event: ProviderCallback,
    decision: Decision,
  ): Promise<EventOutcome | undefined> {
    const { announcer, database, outbox } = this.#deps;
    let outcome: EventOutcome | undefined;
    const change = async (transaction: Transaction<PaymentTables>): Promise<boolean> => {
      outcome = await this.#change(transaction, event, decision);
      return outcome?.outcome === 'applied';
    };
    const to = decision.kind === 'apply' ? decision.to : undefined;
    // What the order service and others hear of; other changes are the payment service's own.
    if (to === 'paid' || to === 'refunded') {
      await announcer.announce(this.#event(payment, to), change);
    } else {
      await database.transaction(change);
    }
    outbox.flush();
    return outcome;
  }

  /** Does what was decided, unless it is not what would be decided now: then nothing is done. */
  async #change(
    transaction: Transaction<PaymentTables>,
    event: ProviderCallback,
    planned: Decision,
  ): Promise<EventOutcome | undefined> {
    const payment = await this.#locked(transaction, event.reference);
    const decision = await this.#decide(transaction, payment, event);
    if (decision.kind === 'refuse' || whyOf(decision) !== whyOf(planned)) return undefined;
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('provider_events')
      .values({
        ...{ event_id: event.eventId, payment_id: payment.payment_id, type: event.type },
        outcome: whyOf(decision),
        ...{ received_ms: this.#deps.clock.nowMs(), duplicates: 0 },
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) return { outcome: 'absorbed', why: 'known' };
    await this.#tell(transaction, payment, {
      type: 'payment-callback',
      detail: event.type,
      ...(decision.kind === 'apply' ? {} : { code: 'CHANGES_NOTHING' }),
    });
    if (decision.kind === 'absorb') return { outcome: 'absorbed', why: decision.why };
    await this.#move(transaction, payment, decision.to);
    return { outcome: 'applied', why: decision.to };
  }

  async #move(
    transaction: Transaction<PaymentTables>,
    payment: PaymentRow,
    to: PaymentState,
  ): Promise<void> {
    const { clock, checkAfterMs } = this.#deps;
    const nowMs = clock.nowMs();
    const isSettled = to === 'paid' || to === 'refunded';
    await transaction
      .updateTable('payments')
      .set({ state: to, updated_ms: nowMs, check_ms: isSettled ? null : nowMs + checkAfterMs })
      .where('payment_id', '=', payment.payment_id)
      .execute();
    if (to === 'refunding') {
      const reason = 'paid after the order was cancelled';
      await this.#insertRefund(transaction, payment, reason);
      // Other refunds the order service asks for, and tells of.
      const why = { code: 'PAID_TOO_LATE', detail: reason };
      await this.#tell(transaction, payment, { type: 'refund-started', ...why });
    }
    if (to !== 'refunded') return;
    await transaction
      .updateTable('refunds')
      .set({ done_ms: nowMs })
      .where('payment_id', '=', payment.payment_id)
      .execute();
  }

  async #insertRefund(
    transaction: Transaction<PaymentTables>,
    payment: PaymentRow,
    reason: string,
  ): Promise<RefundRow> {
    const { clock } = this.#deps;
    const refund: RefundRow = {
      refund_id: `r_${payment.payment_id}`,
      payment_id: payment.payment_id,
      reason,
      requested_ms: clock.nowMs(),
      done_ms: null,
    };
    await transaction.insertInto('refunds').values(refund).execute();
    return refund;
  }

  /** Counts a copy of an event that is known; the first is shown to the visitor. */
  async #isDuplicate(payment: PaymentRow, event: ProviderCallback): Promise<boolean> {
    return this.#transaction(async (transaction) => {
      const row = await transaction
        .updateTable('provider_events')
        .set({ duplicates: sql`duplicates + 1` })
        .where('event_id', '=', event.eventId)
        .returning('duplicates')
        .executeTakeFirst();
      if (row === undefined) return false;
      if (row.duplicates !== 1) return true;
      await this.#tell(transaction, payment, {
        type: 'payment-callback',
        code: 'DUPLICATE',
        detail: event.type,
      });
      return true;
    });
  }

  async #decide(
    database: Kysely<PaymentTables>,
    payment: PaymentRow,
    event: ProviderCallback,
  ): Promise<Decision> {
    const facts = {
      ...{ state: payment.state, amountCents: payment.amount_cents, currency: payment.currency },
      ...{ providerPaymentId: payment.provider_payment_id },
      isOrderCancelled: await this.#isCancelled(database, payment.order_id),
    };
    return decide(facts, event);
  }

  #event(payment: PaymentRow, type: 'paid' | 'refunded'): PaymentEvent {
    const { amount_cents, order_id, payment_id, user_id } = payment;
    return {
      ...{ eventId: `${type}_${payment_id}`, orderId: order_id, userId: user_id, type },
      ...{ paymentId: payment_id, amountCents: amount_cents, atMs: this.#deps.clock.nowMs() },
    };
  }

  async #isCancelled(database: Kysely<PaymentTables>, orderId: string): Promise<boolean> {
    const query = database.selectFrom('cancelled_orders').select('order_id');
    return (await query.where('order_id', '=', orderId).executeTakeFirst()) !== undefined;
  }

  /** Takes down, in the transaction, what the visitor is told. */
  async #tell(
    transaction: Transaction<PaymentTables>,
    { order_id, user_id }: Pick<PaymentRow, 'order_id' | 'user_id'>,
    entry: Pick<TimelineEntry, 'type' | 'code' | 'detail'>,
  ): Promise<void> {
    await this.#deps.timeline.add(transaction, { orderId: order_id, userId: user_id, ...entry });
  }

  async #transaction<T>(work: (trx: Transaction<PaymentTables>) => Promise<T>): Promise<T> {
    const { database, outbox } = this.#deps;
    const result = await database.transaction(work);
    outbox.flush();
    return result;
  }

  #find(
    database: Kysely<PaymentTables>,
    column: 'payment_id' | 'order_id',
    value: string,
  ): Promise<PaymentRow | undefined> {
    const query = database.selectFrom('payments').selectAll().where(column, '=', value);
    return query.executeTakeFirst();
  }

  /** The payment, and nobody else changes it until the transaction ends. */
  #locked(transaction: Transaction<PaymentTables>, paymentId: string): Promise<PaymentRow> {
    const query = transaction.selectFrom('payments').selectAll().forUpdate();
    return query.where('payment_id', '=', paymentId).executeTakeFirstOrThrow();
  }
}

function whyOf(decision: Decision): string {
  return decision.kind === 'apply' ? decision.to : decision.why;
}
