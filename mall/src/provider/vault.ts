/**
 * The provider's books: payments, refunds, and the callbacks that tell of them, all in memory and
 * in a journal. A change and its callbacks are one line, so that neither is there without the
 * other.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Behaviour } from './behaviour.ts';
import { planCallbacks } from './behaviour.ts';
import type { Journal, JournalOpener } from './journal.ts';
import { ProviderError } from './provider-error.ts';
import {
  Delivery,
  type PaymentRequest,
  type ProviderEvent,
  type ProviderEventType,
  ProviderPayment,
  type RefundRequest,
} from './records.ts';

const Line = z.object({
  payment: ProviderPayment.optional(),
  deliveries: z.array(Delivery).optional(),
  delivered: z.string().optional(),
});
type Line = z.infer<typeof Line>;

/** More payments than this that are not settled are refused: it is a demonstration, not a bank. */
const PAYMENTS_MAX = 1_000_000;
const PAGE_MAX = 500;

/** What a {@link Vault} uses. */
export interface VaultDeps {
  readonly clock: { nowMs(): number };
  readonly behaviour: () => Behaviour;
  /** Told of callbacks when they are stored. */
  readonly stored: (deliveries: readonly Delivery[]) => void;
}

/** What a change of a payment is made of. */
interface Change {
  readonly types: readonly ProviderEventType[];
  readonly patch: Partial<ProviderPayment>;
  readonly refund?: RefundRequest;
}

/** See the head of this file. */
export class Vault {
  readonly #deps: VaultDeps;
  readonly #payments = new Map<string, ProviderPayment>();
  readonly #ids = new Map<string, string>();
  readonly #deliveries = new Map<string, Delivery>();
  #journal: Journal | undefined;

  constructor(deps: VaultDeps) {
    this.#deps = deps;
  }

  /** Reads what is stored. */
  async open(openJournal: JournalOpener): Promise<void> {
    const load = (value: unknown): void => this.#apply(Line.parse(value));
    this.#journal = await openJournal(load, () => [...this.#lines()]);
  }

  /** Callbacks that were neither taken nor given up. */
  get pending(): readonly Delivery[] {
    return [...this.#deliveries.values()];
  }

  /** The payment of a reference: a new one, or the one that is there if it is the same. */
  async create(request: PaymentRequest): Promise<ProviderPayment> {
    const known = this.byReference(request.reference);
    if (known !== undefined) {
      if (known.amountCents === request.amountCents && known.currency === request.currency) {
        return known;
      }
      const text = `Reference ${request.reference} is taken by a payment of another amount`;
      throw new ProviderError(409, 'REFERENCE_TAKEN', text);
    }
    if (this.#payments.size >= PAYMENTS_MAX) {
      throw new ProviderError(503, 'FULL', `There are ${PAYMENTS_MAX} payments already`);
    }
    const payment: ProviderPayment = {
      ...request,
      id: newId('pp'),
      state: 'open',
      sequence: 0,
      declined: 0,
      createdMs: this.#deps.clock.nowMs(),
      capturedMs: null,
      refunds: [],
    };
    await this.#write({ payment });
    return payment;
  }

  /** NOT_FOUND when there is none. */
  get(id: string): ProviderPayment {
    const payment = this.#payments.get(id);
    if (payment !== undefined) return payment;
    throw new ProviderError(404, 'NOT_FOUND', `There is no payment ${id}`);
  }

  /** The payment with a merchant's reference. */
  byReference(reference: string): ProviderPayment | undefined {
    const id = this.#ids.get(reference);
    return id === undefined ? undefined : this.#payments.get(id);
  }

  /** Payments opened at or after a time, oldest first. */
  since(fromMs: number, max: number): readonly ProviderPayment[] {
    const found: ProviderPayment[] = [];
    for (const payment of this.#payments.values()) {
      if (payment.createdMs >= fromMs) found.push(payment);
      if (found.length >= Math.min(max, PAGE_MAX)) break;
    }
    return found;
  }

  /** The visitor pays, if the bank lets them; paying what is paid changes nothing. */
  async pay(id: string): Promise<ProviderPayment> {
    const payment = this.get(id);
    if (payment.state !== 'open') return payment;
    const { mode } = this.#deps.behaviour();
    if (mode === 'fail') return this.decline(id);
    const types: ProviderEventType[] = ['payment.succeeded'];
    if (mode === 'disorder') types.unshift('payment.processing');
    const patch: Partial<ProviderPayment> = {
      state: 'captured',
      capturedMs: this.#deps.clock.nowMs(),
    };
    return this.#change(payment, { types, patch });
  }

  /** The bank declines; the payment stays open for another attempt. */
  async decline(id: string): Promise<ProviderPayment> {
    const payment = this.get(id);
    if (payment.state !== 'open') return payment;
    const patch = { declined: payment.declined + 1 };
    return this.#change(payment, { types: ['payment.failed'], patch });
  }

  /** Gives the whole amount back, once for a reference. */
  async refund(id: string, request: RefundRequest): Promise<ProviderPayment> {
    const payment = this.get(id);
    if (payment.refunds.some((one) => one.reference === request.reference)) return payment;
    if (payment.state !== 'captured' || request.amountCents !== payment.amountCents) {
      const { state, amountCents } = payment;
      const text = `Payment ${id} is ${state}, of ${amountCents}: only captured ones go back`;
      throw new ProviderError(409, 'NOT_REFUNDABLE', text);
    }
    const patch: Partial<ProviderPayment> = { state: 'refunded' };
    return this.#change(payment, { types: ['refund.succeeded'], patch, refund: request });
  }

  /** A callback was tried: it was taken, or is due again, or is given up (undefined). */
  async settled(id: string, again: Delivery | undefined): Promise<void> {
    await this.#write(again === undefined ? { delivered: id } : { deliveries: [again] });
  }

  async close(): Promise<void> {
    await this.#journal?.close();
  }

  async #change(payment: ProviderPayment, change: Change): Promise<ProviderPayment> {
    const nowMs = this.#deps.clock.nowMs();
    const events = change.types.map(
      (type, index): ProviderEvent => ({
        eventId: newId('evt'),
        type,
        providerPaymentId: payment.id,
        reference: payment.reference,
        sequence: payment.sequence + index + 1,
        amountCents: payment.amountCents,
        currency: payment.currency,
        refundReference: change.refund?.reference ?? null,
        occurredMs: nowMs,
      }),
    );
    const refunds = [...payment.refunds];
    if (change.refund !== undefined) refunds.push({ ...change.refund, refundedMs: nowMs });
    const sequence = payment.sequence + events.length;
    const changed = { ...payment, ...change.patch, sequence, refunds };
    const deliveries = planCallbacks(events, this.#deps.behaviour()).map(
      ({ event, delayMs, isForged }): Delivery => ({
        id: newId('dlv'),
        url: payment.callbackUrl,
        body: JSON.stringify(event),
        isForged,
        dueMs: nowMs + delayMs,
        attempts: 0,
      }),
    );
    await this.#write({ payment: changed, deliveries });
    this.#deps.stored(deliveries);
    return changed;
  }

  /**
   * In memory first: a second request of the same moment must see the first one's change. Nobody is
   * answered before the line is on the disk.
   */
  async #write(line: Line): Promise<void> {
    this.#apply(line);
    await this.#journal?.append([line]);
  }

  #apply({ payment, deliveries = [], delivered }: Line): void {
    if (payment !== undefined) {
      this.#payments.set(payment.id, payment);
      this.#ids.set(payment.reference, payment.id);
    }
    for (const delivery of deliveries) this.#deliveries.set(delivery.id, delivery);
    if (delivered !== undefined) this.#deliveries.delete(delivered);
  }

  *#lines(): Generator<Line> {
    for (const payment of this.#payments.values()) yield { payment };
    yield { deliveries: [...this.#deliveries.values()] };
  }
}

const ID_BYTES = 16;

function newId(prefix: string): string {
  return `${prefix}_${randomBytes(ID_BYTES).toString('base64url')}`;
}
