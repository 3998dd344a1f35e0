/** The moves of an order that have consequences, each in one transaction with its messages. */
import type { QueryExecutorProvider } from 'kysely';
import { newId } from '../shared/ids.ts';
import {
  type RollbackReason,
  STEPS,
  type StepName,
  type TimelineType,
} from '../shared/messaging/events.ts';
import type { OutboxMessage } from '../shared/messaging/outbox.ts';
import { TOPIC, type TopicName } from '../shared/messaging/topics.ts';
import type { ServiceContext } from '../shared/service.ts';
import { type Order, type OrderState, stepsOf, type Undoing } from './order.ts';
import { expectUndone, moveOrder, noteUndone, stillToUndo } from './orders.ts';

type Trx = QueryExecutorProvider;

/** Why an order ends. */
interface Ending {
  /** As `cancelCode` of an order: what the visitor is told comes from it. */
  readonly code: string;
  readonly text: string;
}

export interface Cancellation extends Ending {
  readonly reason: RollbackReason;
  /** Default: every state from which an order may be cancelled. */
  readonly from?: readonly OrderState[];
}

export class OrderWork {
  readonly #context: ServiceContext<object>;

  constructor(context: ServiceContext<object>) {
    this.#context = context;
  }

  get #nowMs(): number {
    return this.#context.deps.clock.nowMs();
  }

  async say(trx: Trx, order: Order, type: TimelineType, more: Says = {}): Promise<void> {
    await this.write(trx, this.said(order, type, more));
  }

  /** An event for {@link write}. */
  said({ id: orderId, userId }: Order, type: TimelineType, more: Says = {}): OutboxMessage {
    return this.#context.timeline.message({ orderId, userId, type, ...more });
  }

  /** Several at once cost as much as one. */
  async write(trx: Trx, ...messages: readonly OutboxMessage[]): Promise<void> {
    await this.#context.outbox.add(trx, ...messages);
  }

  /**
   * Everything is reserved: now the customer has so long to pay. `before` is written with it.
   * Undefined: the order was cancelled in between.
   */
  async confirm(
    trx: Trx,
    order: Order,
    before: readonly OutboxMessage[],
  ): Promise<Order | undefined> {
    const nowMs = this.#nowMs;
    const { paymentTimeoutMs } = this.#context.deps.settings;
    const isFree = order.payableCents === 0;
    const confirmed = await moveOrder(trx, order.id, {
      ...{ to: isFree ? 'paid' : 'awaiting-payment', nowMs },
      changes: { confirmedMs: nowMs, expiresMs: nowMs + paymentTimeoutMs },
    });
    if (confirmed === undefined) return undefined;
    const messages = [...before, this.said(confirmed, 'confirmed')];
    if (isFree) {
      messages.push(
        this.said(confirmed, 'paid', { code: 'NOTHING_TO_PAY' }),
        this.#payment(confirmed, 'paid'),
      );
    } else {
      const deliverAtMs = confirmed.expiresMs;
      messages.push(this.#message(confirmed, TOPIC.orderTimeout, 'timeout', { deliverAtMs }));
    }
    await this.write(trx, ...messages);
    return confirmed;
  }

  /** Undefined: the order is in a state in which it cannot be cancelled (any more). */
  async cancel(trx: Trx, id: string, why: Cancellation): Promise<Order | undefined> {
    const { reason, code, text, from } = why;
    const order = await moveOrder(trx, id, {
      ...{ to: 'cancelling', nowMs: this.#nowMs },
      ...(from === undefined ? {} : { from }),
      changes: { cancelReason: text, cancelCode: code, rollbackReason: reason },
    });
    if (order === undefined) return undefined;
    const isFailure = reason === 'confirmation-failed';
    await this.#rollBack(trx, order, reason, [
      ...(isFailure ? [this.said(order, 'confirmation-failed', { code, detail: text })] : []),
    ]);
    return order;
  }

  /** Undefined: the order is not paid, or was shipped. */
  async refund(trx: Trx, id: string, { code, text }: Ending): Promise<Order | undefined> {
    const order = await moveOrder(trx, id, {
      ...{ to: 'refunding', nowMs: this.#nowMs },
      changes: { cancelReason: text, cancelCode: code, rollbackReason: 'refunded' },
    });
    if (order === undefined) return undefined;
    const isFree = order.payableCents === 0;
    if (!isFree) await expectUndone(trx, id, ['payment']);
    await this.#rollBack(trx, order, 'refunded', [
      this.said(order, 'refund-started', { code, detail: text }),
      isFree ? this.#payment(order, 'refunded') : this.#refund(order, order.paymentId, text),
    ]);
    return order;
  }

  /** Asks the payment service to give money back. */
  async requestRefund(
    trx: Trx,
    order: Order,
    paymentId: string | null,
    reason: string,
  ): Promise<void> {
    await this.write(trx, this.#refund(order, paymentId, reason));
  }

  /** Something has come back. The last one ends the order. Lock the order before. */
  async undone(trx: Trx, order: Order, what: Undoing): Promise<void> {
    const missing = await noteUndone(trx, order.id, what);
    if (missing.length > 0) return;
    const nowMs = this.#nowMs;
    if (order.state === 'cancelling') {
      const cancelled = await moveOrder(trx, order.id, { to: 'cancelled', nowMs });
      if (cancelled !== undefined) await this.say(trx, cancelled, 'cancelled', whyOf(cancelled));
    } else if (order.state === 'refunding') {
      const refunded = await moveOrder(trx, order.id, { to: 'refunded', nowMs });
      if (refunded !== undefined) await this.say(trx, refunded, 'refunded');
    }
  }

  /** Says again what has to be undone: whatever got lost in between, this gets the order on. */
  async remind(trx: Trx, order: Order): Promise<void> {
    const missing = await stillToUndo(trx, order.id);
    const steps = STEPS.filter((step) => missing.includes(step));
    const reason = order.rollbackReason ?? 'cancelled';
    if (steps.length > 0) {
      await this.write(trx, this.#rollback(order, reason, steps));
    }
    if (missing.includes('payment')) {
      await this.requestRefund(trx, order, order.paymentId, 'reminder');
    }
  }

  async #rollBack(
    trx: Trx,
    order: Order,
    reason: RollbackReason,
    before: readonly OutboxMessage[],
  ): Promise<void> {
    const steps = stepsOf(order);
    await expectUndone(trx, order.id, steps);
    await this.write(
      trx,
      ...before,
      this.said(order, 'rollback-started', { detail: steps.join(', ') }),
      this.#rollback(order, reason, steps),
    );
  }

  #rollback(order: Order, reason: RollbackReason, steps: readonly StepName[]): OutboxMessage {
    return this.#message(order, TOPIC.orderRollback, reason, { body: { reason, steps } });
  }

  #refund(order: Order, paymentId: string | null, reason: string): OutboxMessage {
    return this.#message(order, TOPIC.refund, 'requested', { body: { paymentId, reason } });
  }

  /** For an order without anything to pay nobody else says so. */
  #payment(order: Order, type: 'paid' | 'refunded'): OutboxMessage {
    const body = { paymentId: null, type, amountCents: 0 };
    return this.#message(order, TOPIC.payment, type, { body });
  }

  #message(
    { id: orderId, userId }: Order,
    topic: TopicName,
    tag: string,
    { body, deliverAtMs }: { readonly body?: object; readonly deliverAtMs?: number },
  ): OutboxMessage {
    const eventId = newId('e');
    return {
      ...{ topic, tag, orderId, eventId },
      body: { ...body, eventId, orderId, userId, atMs: this.#nowMs },
      ...(deliverAtMs === undefined ? {} : { deliverAtMs }),
    };
  }
}

interface Says {
  readonly step?: StepName;
  readonly attempt?: number;
  readonly code?: string;
  readonly detail?: string;
}

function whyOf({ cancelCode, cancelReason }: Order): Says {
  return {
    ...(cancelCode === null ? {} : { code: cancelCode }),
    ...(cancelReason === null ? {} : { detail: cancelReason }),
  };
}
