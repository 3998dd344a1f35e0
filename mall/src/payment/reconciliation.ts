/**
 * Asks the provider about payments that it said nothing of for too long, and repairs our books by
 * its own: callbacks get lost, are refused for a wrong signature or amount, or never come. It also
 * asks again for refunds that the provider did not take.
 */
import type { Logger } from '@skylarkmq/client';
import type { Clock } from '../shared/clock.ts';
import type { Database } from '../shared/database/database.ts';
import type { EventOutcome, PaymentBooks } from './payment-books.ts';
import type { ProviderCallback } from './payment-rules.ts';
import type { ProviderClient, ProviderPayment } from './provider-client.ts';
import type { PaymentRow, PaymentTables } from './tables.ts';

/** What it uses. */
export interface ReconciliationDeps {
  readonly books: PaymentBooks;
  readonly database: Database<PaymentTables>;
  /** Asked for late: its address may not be known yet. */
  readonly provider: () => ProviderClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Pause before a payment is asked about again. */
  readonly checkAfterMs: number;
}

/** What a round did. */
export interface ReconciliationRound {
  readonly checked: number;
  /** Payments whose state was wrong and is right now. */
  readonly repaired: number;
  readonly failed: number;
}

const BATCH_MAX = 50;
/** A payment that nobody made for so long is not asked about any more. */
const GIVE_UP_MS = 86_400_000;
/** The older a payment, the longer the pause: this part of its age. */
const AGE_SHARE = 4;

/** See the head of this file. */
export class Reconciliation {
  readonly #deps: ReconciliationDeps;

  constructor(deps: ReconciliationDeps) {
    this.#deps = deps;
  }

  /** Asks about the payments that are due, some at a time. */
  async round(): Promise<ReconciliationRound> {
    const { clock, database, logger } = this.#deps;
    const due = await database.kysely
      .selectFrom('payments')
      .selectAll()
      .where('check_ms', '<=', clock.nowMs())
      .orderBy('check_ms')
      .limit(BATCH_MAX)
      .execute();
    let repaired = 0;
    let failed = 0;
    for (const payment of due) {
      try {
        if (await this.check(payment)) repaired++;
      } catch (error) {
        failed++;
        await this.#checkLater(payment);
        const { payment_id } = payment;
        logger.warn({ payment_id, error }, 'A payment could not be compared with the provider');
      }
    }
    return { checked: due.length, repaired, failed };
  }

  /** Compares one payment with the provider's books; true when it changed. */
  async check(payment: PaymentRow): Promise<boolean> {
    const { books, provider } = this.#deps;
    const theirs = await provider().find(payment.payment_id);
    if (theirs === undefined || theirs.state === 'open') {
      await this.#checkLater(payment);
      return false;
    }
    const isUnpaid = payment.state === 'created' || payment.state === 'failed';
    let isChanged = isUnpaid && isApplied(await books.apply(asEvent(theirs, 'payment.succeeded')));
    const ours = await books.get(payment.payment_id);
    if (ours?.state === 'refunding') {
      if (theirs.state === 'captured') await this.sendRefund(ours);
      else isChanged = isApplied(await books.apply(asEvent(theirs, 'refund.succeeded')));
      await this.#checkLater(ours);
    } else if (ours !== undefined && ours.state !== 'paid' && ours.state !== 'refunded') {
      await this.#checkLater(ours);
    }
    return isChanged;
  }

  /** Asks the provider to give a payment back; it says by a callback when it has. */
  async sendRefund(payment: PaymentRow): Promise<void> {
    const provider = this.#deps.provider();
    const { amount_cents, payment_id, provider_payment_id } = payment;
    const id = provider_payment_id ?? (await provider.find(payment_id))?.id;
    if (id === undefined) throw new Error(`The provider has no payment ${payment_id}`);
    await provider.refund(id, `r_${payment_id}`, amount_cents);
  }

  async #checkLater(payment: PaymentRow): Promise<void> {
    const { checkAfterMs, clock, database } = this.#deps;
    const nowMs = clock.nowMs();
    const ageMs = nowMs - payment.created_ms;
    const isHopeless = payment.state !== 'refunding' && ageMs > GIVE_UP_MS;
    await database.kysely
      .updateTable('payments')
      .set({
        check_ms: isHopeless ? null : nowMs + Math.max(checkAfterMs, Math.round(ageMs / AGE_SHARE)),
      })
      .where('payment_id', '=', payment.payment_id)
      .where('state', '=', payment.state)
      .execute();
  }
}

function isApplied({ outcome }: EventOutcome): boolean {
  return outcome === 'applied';
}

/** What the provider's books say, in the form of the event that we did not get. */
function asEvent(
  theirs: ProviderPayment,
  type: 'payment.succeeded' | 'refund.succeeded',
): ProviderCallback {
  return {
    eventId: `reconciled-${type.replace('.', '-')}-${theirs.id}`,
    type,
    providerPaymentId: theirs.id,
    reference: theirs.reference,
    amountCents: theirs.amountCents,
    currency: theirs.currency,
    refundReference: theirs.refunds[0]?.reference ?? null,
    occurredMs: 0,
  };
}
