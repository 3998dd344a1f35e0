/** A merchant for tests: takes the provider's callbacks and calls its interface. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { z } from 'zod';

export const SECRET = 'a-secret-of-the-merchant';

export interface Callback {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: z.infer<typeof Event>;
  /** What it was answered with. */
  readonly status: number;
}

const Event = z.object({
  eventId: z.string(),
  type: z.string(),
  reference: z.string(),
  sequence: z.number(),
  amountCents: z.number(),
  refundReference: z.string().nullable(),
});

export const Payment = z.object({
  id: z.string(),
  state: z.string(),
  payUrl: z.string(),
  amountCents: z.number(),
  reference: z.string(),
});

export class Merchant {
  readonly callbacks: Callback[] = [];
  /** What callbacks are answered with, first to last; then 200. */
  readonly answers: number[] = [];
  readonly #server: Server;
  readonly #listeners = new Set<() => void>();
  url = '';

  constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        const event = Event.parse(JSON.parse(body));
        const status = this.answers.shift() ?? 200;
        this.callbacks.push({ headers: request.headers, body, event, status });
        response.statusCode = status;
        response.end();
        for (const listener of this.#listeners) listener();
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('No port');
    this.url = `http://127.0.0.1:${address.port}`;
    return this;
  }

  /** Resolves when so many callbacks have come. */
  waitFor(count: number): Promise<void> {
    return this.waitUntil((callbacks) => callbacks.length >= count);
  }

  /** Resolves when the callbacks that have come are as they should be. */
  async waitUntil(isSo: (callbacks: readonly Callback[]) => boolean): Promise<void> {
    while (!isSo(this.callbacks)) {
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          this.#listeners.delete(listener);
          resolve();
        };
        this.#listeners.add(listener);
      });
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async open(provider: string, reference: string, amountCents = 12_34): Promise<Opened> {
    const request = {
      ...{ reference, amountCents, currency: 'CNY', description: `Order ${reference} <&>` },
      ...{ callbackUrl: `${this.url}/callback`, returnUrl: `${this.url}/orders/1` },
    };
    const answer = await ask(`${provider}/v1/payments`, 'POST', request);
    return Payment.parse(await answer.json());
  }
}

export type Opened = z.infer<typeof Payment>;

/** Calls the provider with the merchant's key. */
export function ask(url: string, method = 'GET', body?: unknown): Promise<Response> {
  return fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${SECRET}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
