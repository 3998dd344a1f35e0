/** Many customers at once, as the order service sees them behind the edge. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Invariant, Invariants } from '../src/control/invariants.ts';
import { realClock } from '../src/shared/clock.ts';
import { HttpClient } from '../src/shared/http/http-client.ts';
import type { ServiceName } from '../src/shared/service.ts';
import { eventually } from './eventually.ts';
import type { OrderWish } from './shopper.ts';

const usersSchema = z.object({ userIds: z.array(z.string()) });
const orderIdSchema = z.object({ orderId: z.string() });
const totalsSchema = z.object({
  states: z.array(z.object({ state: z.string(), count: z.number() })),
});
const couponsSchema = z.object({
  coupons: z.array(z.object({ id: z.string(), kind: z.string(), state: z.string() })),
});

const MOVING = ['created', 'pre-ordered', 'confirming', 'cancelling', 'refunding'];
const PATIENCE_MS = 120_000;

export class Crowd {
  readonly client: HttpClient;
  readonly #urls: Record<ServiceName, string>;
  readonly #invariants: Invariants;

  constructor(urls: Record<ServiceName, string>, secret = 'mall-internal') {
    this.#urls = urls;
    this.client = new HttpClient(secret);
    this.#invariants = new Invariants({ client: this.client, deps: { urls, clock: realClock } });
  }

  async users(count: number): Promise<string[]> {
    const url = `${this.#urls.user}/internal/demo-users`;
    const call = { url, body: { count }, timeoutMs: PATIENCE_MS, output: usersSchema };
    return (await this.client.call(call)).userIds;
  }

  async couponOf(userId: string): Promise<string | undefined> {
    const { coupons } = await this.client.call({
      url: `${this.#urls.coupon}/mine`,
      caller: { userId, role: 'customer' },
      timeoutMs: PATIENCE_MS,
      output: couponsSchema,
    });
    return coupons.find(({ kind, state }) => kind === 'amount' && state === 'unused')?.id;
  }

  /** The order's id. The request id makes a repeated call harmless. */
  async order(userId: string, wish: OrderWish): Promise<string> {
    const { orderId } = await this.client.call({
      url: `${this.#urls.order}/orders`,
      body: { requestId: randomUUID(), ...wish },
      caller: { userId, role: 'customer' },
      timeoutMs: PATIENCE_MS,
      output: orderIdSchema,
    });
    return orderId;
  }

  /** Orders by state. */
  async states(): Promise<Map<string, number>> {
    const url = `${this.#urls.order}/internal/totals`;
    const call = { url, timeoutMs: PATIENCE_MS, output: totalsSchema };
    const { states } = await this.client.call(call);
    return new Map(states.map(({ state, count }) => [state, count]));
  }

  /** Waits until no order is on its way, and says how many are in which state. */
  async settled(more: readonly string[] = [], limitMs?: number): Promise<Map<string, number>> {
    let states = new Map<string, number>();
    const what = 'every order to end';
    await eventually(
      what,
      async () => {
        states = await this.states().catch(() => new Map([['created', 1]]));
        return [...MOVING, ...more].every((state) => !states.has(state));
      },
      limitMs,
    );
    return states;
  }

  /** Waits until all services say the same; the invariants as they are then. */
  async agreed(limitMs?: number): Promise<readonly Invariant[]> {
    let invariants: readonly Invariant[] = [];
    try {
      await eventually(
        'the invariants',
        async () => {
          invariants = await this.#invariants.check().catch(() => []);
          return invariants.length > 0 && invariants.every((one) => one.values['difference'] === 0);
        },
        limitMs,
      );
    } catch (error) {
      throw new Error(`${error} ${JSON.stringify(invariants, null, 1)}`);
    }
    return invariants;
  }

  close(): void {
    this.client.close();
  }
}
