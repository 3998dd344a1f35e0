/**
 * What must always hold, computed from what the services say of themselves. What one service knows
 * alone holds at every moment. What two services know is the same once their messages have
 * arrived: such a difference turns red when it lasts.
 */
import { z } from 'zod';
import type { HttpClient } from '../shared/http/http-client.ts';
import { formatCents } from '../shared/money.ts';
import type { ServiceDeps, ServiceName } from '../shared/service.ts';

export interface Invariant {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** `difference` is 0 when both sides are the same, whatever `ok` says. */
  readonly values: Readonly<Record<string, number | string>>;
}

export interface InvariantDeps {
  readonly client: HttpClient;
  readonly deps: Pick<ServiceDeps, 'urls' | 'clock'>;
}

/** Messages may be under way for so long, and redelivered after a fault. */
const GRACE_MS = 30_000;
const TIMEOUT_MS = 10_000;
const PAGE = 1_000;

const stockTotals = z.object({
  stock: z.array(
    z.object({
      sku: z.string(),
      initial: z.number(),
      available: z.number(),
      reserved: z.number(),
      sold: z.number(),
    }),
  ),
  movements: z.array(z.object({ sku: z.string(), kind: z.string(), quantity: z.number() })),
  conflicts: z.number(),
});
const userTotals = z.object({
  balances: z.number(),
  ledger: z.number(),
  wrong: z.array(z.string()),
  takenCents: z.number(),
});
const couponTotals = z.object({
  states: z.array(z.object({ state: z.string(), count: z.number() })),
  twice: z.number(),
  astray: z.number(),
});
const orderTotals = z.object({
  states: z.array(
    z.object({
      state: z.string(),
      count: z.number(),
      payableCents: z.number(),
      balanceCents: z.number(),
    }),
  ),
  stuck: z.array(z.string()),
  sold: z.array(z.object({ sku: z.string(), quantity: z.number() })),
});
const paymentPage = z.object({
  payments: z.array(z.object({ id: z.string(), state: z.string(), amountCents: z.number() })),
});

type Stock = z.infer<typeof stockTotals>;
type Users = z.infer<typeof userTotals>;
type Coupons = z.infer<typeof couponTotals>;
type Orders = z.infer<typeof orderTotals>;

/** States in which what an order took is taken. */
const TAKEN: readonly string[] = ['awaiting-payment', 'paid', 'shipped'];
const SOLD: readonly string[] = ['paid', 'shipped'];

export class Invariants {
  readonly #invariants: InvariantDeps;
  /** Name -> since when two services have said different things. */
  readonly #differs = new Map<string, number>();

  constructor(invariants: InvariantDeps) {
    this.#invariants = invariants;
  }

  /** Throws when a service does not answer: then nothing is known. */
  async check(): Promise<Invariant[]> {
    const [stock, users, coupons, orders, keptCents] = await Promise.all([
      this.#ask('inventory', stockTotals),
      this.#ask('user', userTotals),
      this.#ask('coupon', couponTotals),
      this.#ask('order', orderTotals),
      this.#keptCents(),
    ]);
    return [
      stockAddsUp(stock),
      stockBookAddsUp(stock),
      ledgerIsBalance(users),
      couponsUsedOnce(coupons),
      noStuckOrder(orders),
      this.#lasting(paidIsCaptured(orders, keptCents)),
      this.#lasting(balanceIsTaken(orders, users)),
      this.#lasting(soldIsOrdered(orders, stock)),
    ];
  }

  /** A difference is forgiven while it is young. */
  #lasting(invariant: Invariant): Invariant {
    const { name } = invariant;
    if (invariant.ok) {
      this.#differs.delete(name);
      return invariant;
    }
    const nowMs = this.#invariants.deps.clock.monotonicMs();
    const sinceMs = this.#differs.get(name) ?? nowMs;
    this.#differs.set(name, sinceMs);
    if (nowMs - sinceMs > GRACE_MS) return invariant;
    return { ...invariant, ok: true, detail: `${invariant.detail} (messages are under way)` };
  }

  /** What was captured and not given back. */
  async #keptCents(): Promise<number> {
    const { client, deps } = this.#invariants;
    let sum = 0;
    let after = '';
    for (;;) {
      const url = `${deps.urls.payment}/internal/payments?after=${after}&max=${PAGE}`;
      const { payments } = await client.call({
        url,
        atLeastMs: TIMEOUT_MS,
        output: paymentPage,
      });
      for (const { state, amountCents } of payments) if (state === 'paid') sum += amountCents;
      const last = payments.at(-1);
      if (last === undefined || payments.length < PAGE) return sum;
      after = last.id;
    }
  }

  #ask<Output>(service: ServiceName, output: z.ZodType<Output>): Promise<Output> {
    const { client, deps } = this.#invariants;
    const url = `${deps.urls[service]}/internal/totals`;
    return client.call({ url, atLeastMs: TIMEOUT_MS, output });
  }
}

function stockAddsUp({ stock, conflicts }: Stock): Invariant {
  const wrong = stock.filter((one) => one.available + one.reserved + one.sold !== one.initial);
  const sum = (key: 'initial' | 'available' | 'reserved' | 'sold'): number =>
    stock.reduce((total, one) => total + one[key], 0);
  const [initial, available] = [sum('initial'), sum('available')];
  const [reserved, sold] = [sum('reserved'), sum('sold')];
  const words = `${available} available + ${reserved} reserved + ${sold} sold`;
  return {
    name: 'stock',
    ok: wrong.length === 0,
    detail: wrong.length === 0 ? `${words} = ${initial} initial` : `wrong: ${wrong[0]?.sku}`,
    values: { initial, available, reserved, sold, conflicts, difference: wrong.length },
  };
}

function stockBookAddsUp({ stock, movements }: Stock): Invariant {
  const moved = new Map(movements.map(({ sku, kind, quantity }) => [`${sku} ${kind}`, quantity]));
  const of = (sku: string, kind: string): number => moved.get(`${sku} ${kind}`) ?? 0;
  const wrong = stock.filter(({ sku, reserved, sold }) => {
    const held = of(sku, 'reserved') - of(sku, 'released') - of(sku, 'sold');
    return held !== reserved || of(sku, 'sold') - of(sku, 'returned') !== sold;
  });
  return {
    name: 'stock-book',
    ok: wrong.length === 0,
    detail: wrong.length === 0 ? 'every movement was made once' : `wrong: ${wrong[0]?.sku}`,
    values: { difference: wrong.length },
  };
}

function ledgerIsBalance({ balances, ledger, wrong }: Users): Invariant {
  return {
    name: 'ledger',
    ok: balances === ledger && wrong.length === 0,
    detail: `ledger ${formatCents(ledger)}, balances ${formatCents(balances)}`,
    values: { ledger, balances, difference: ledger - balances + wrong.length },
  };
}

function couponsUsedOnce({ states, twice, astray }: Coupons): Invariant {
  const counts = Object.fromEntries(states.map(({ state, count }) => [state, count]));
  return {
    name: 'coupons',
    ok: twice === 0 && astray === 0,
    detail: `${twice} used twice, ${astray} locked or used without an order`,
    values: { ...counts, difference: twice + astray },
  };
}

function noStuckOrder({ states, stuck }: Orders): Invariant {
  const counts = Object.fromEntries(states.map(({ state, count }) => [state, count]));
  return {
    name: 'no-stuck-order',
    ok: stuck.length === 0,
    detail: stuck.length === 0 ? 'every order moves on' : `stuck: ${stuck.join(', ')}`,
    values: { ...counts, difference: stuck.length },
  };
}

function paidIsCaptured({ states }: Orders, keptCents: number): Invariant {
  const paidCents = states
    .filter(({ state }) => SOLD.includes(state))
    .reduce((sum, one) => sum + one.payableCents, 0);
  return {
    name: 'payments',
    ok: keptCents === paidCents,
    detail: `captured - refunded ${formatCents(keptCents)}, paid orders ${formatCents(paidCents)}`,
    values: { keptCents, paidCents, difference: keptCents - paidCents },
  };
}

function balanceIsTaken({ states }: Orders, { takenCents }: Users): Invariant {
  const orderedCents = states
    .filter(({ state }) => TAKEN.includes(state))
    .reduce((sum, one) => sum + one.balanceCents, 0);
  const words = `taken ${formatCents(takenCents)}, in orders ${formatCents(orderedCents)}`;
  return {
    name: 'balances',
    ok: takenCents === orderedCents,
    detail: words,
    values: { takenCents, orderedCents, difference: takenCents - orderedCents },
  };
}

function soldIsOrdered({ sold: ordered }: Orders, { stock }: Stock): Invariant {
  const orderedOf = new Map(ordered.map(({ sku, quantity }) => [sku, quantity]));
  const wrong = stock.filter(({ sku, sold }) => sold !== (orderedOf.get(sku) ?? 0));
  return {
    name: 'sold',
    ok: wrong.length === 0,
    detail: wrong.length === 0 ? 'sold is what paid orders hold' : `differs: ${wrong[0]?.sku}`,
    values: { difference: wrong.length },
  };
}
