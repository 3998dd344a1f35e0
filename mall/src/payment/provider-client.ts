/**
 * Calls the payment provider's interface. It is a stranger: the client of the mall's own services
 * would show it their secret, and expects their form of errors.
 */
import { z } from 'zod';

const ProviderPayment = z.object({
  id: z.string(),
  reference: z.string(),
  state: z.enum(['open', 'captured', 'refunded']),
  amountCents: z.number().int(),
  currency: z.string(),
  payUrl: z.string(),
  refunds: z.array(z.object({ reference: z.string() })),
});
/** A payment as the provider has it. */
export type ProviderPayment = z.infer<typeof ProviderPayment>;

const ProviderPayments = z.object({ payments: z.array(ProviderPayment) });

/** A payment to open. */
export interface OpenPayment {
  readonly reference: string;
  readonly amountCents: number;
  readonly currency: string;
  readonly description: string;
  readonly callbackUrl: string;
  readonly returnUrl: string;
}

/** The provider did not do what it was asked. `isFinal`: asking again is of no use. */
export class ProviderRefused extends Error {
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean, cause?: unknown) {
    super(message, { cause });
    this.isFinal = isFinal;
  }
}

const TIMEOUT_MS = 10_000;

/** See the head of this file. */
export class ProviderClient {
  readonly #url: string;
  readonly #secret: string;
  readonly #timeoutMs: number;

  /** An answer is waited for so long, and never less than 10 s. */
  constructor(url: string, secret: string, timeoutMs: number) {
    this.#url = url;
    this.#secret = secret;
    this.#timeoutMs = Math.max(timeoutMs, TIMEOUT_MS);
  }

  /** Opens a payment, or finds the one of this reference. */
  async open(payment: OpenPayment): Promise<ProviderPayment> {
    return ProviderPayment.parse(await this.#call('POST', '/v1/payments', payment));
  }

  /** The payment of our reference, if the provider has one. */
  async find(reference: string): Promise<ProviderPayment | undefined> {
    const query = new URLSearchParams({ reference });
    const answer = await this.#call('GET', `/v1/payments?${query}`);
    return ProviderPayments.parse(answer).payments[0];
  }

  /** Gives a payment back; the reference makes it happen once. */
  async refund(id: string, reference: string, amountCents: number): Promise<ProviderPayment> {
    const path = `/v1/payments/${encodeURIComponent(id)}/refunds`;
    return ProviderPayment.parse(await this.#call('POST', path, { reference, amountCents }));
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(`${this.#url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#secret}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      text = await answer.text();
    } catch (cause) {
      throw new ProviderRefused('The payment provider does not answer', false, cause);
    }
    if (answer.ok) return JSON.parse(text);
    const isFinal = answer.status < 500 && answer.status !== 429;
    throw new ProviderRefused(`The provider answers ${answer.status}: ${text}`, isFinal);
  }
}
