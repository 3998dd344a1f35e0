/**
 * A flash sale: so many buyers at once for so few pieces. Everybody orders one and pays from the
 * balance, so that what is sold is sold; how many that were, the inventory's books say.
 */
import { ApiError, messageOf } from '../shared/api-error.ts';
import type { ServiceDeps } from '../shared/service.ts';
import type { Buyers, Product, StockTotals } from './buyers.ts';
import type { OrderEvents } from './order-events.ts';

/** How it stands. */
export interface FlashSaleReport {
  readonly state: 'idle' | 'running' | 'done' | 'failed';
  readonly productId: string | null;
  readonly buyers: number;
  readonly pieces: number;
  /** Orders that were placed, sold out or not. */
  readonly ordered: number;
  readonly sold: number;
  readonly refused: number;
  /** Two wanted to change the same row of the stock at once: each is one more attempt. */
  readonly conflicts: number;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly error: string | null;
}

export const BUYERS_MAX = 5_000;
const CONCURRENCY = 64;
const DECIDED_TIMEOUT_MS = 120_000;
/** What new customers are given; the product must not cost more. */
const BALANCE_CENTS = 50_000;

const IDLE: FlashSaleReport = {
  ...{ state: 'idle', productId: null, buyers: 0, pieces: 0, ordered: 0, sold: 0, refused: 0 },
  ...{ conflicts: 0, startedMs: null, endedMs: null, error: null },
};

/** What it uses. */
export interface FlashSaleDeps extends Pick<ServiceDeps, 'clock' | 'logger'> {
  readonly buyers: Buyers;
  readonly events: OrderEvents;
}

/** See the head of this file. */
export class FlashSale {
  readonly #deps: FlashSaleDeps;
  #report: FlashSaleReport = IDLE;
  #running: Promise<void> | undefined;

  constructor(deps: FlashSaleDeps) {
    this.#deps = deps;
  }

  get report(): FlashSaleReport {
    return this.#report;
  }

  /** CONFLICT while one is under way. */
  start(buyers: number, pieces: number): FlashSaleReport {
    if (this.#report.state === 'running') {
      throw new ApiError('CONFLICT', 'A flash sale is under way');
    }
    const { clock, logger } = this.#deps;
    const startedMs = clock.nowMs();
    this.#report = { ...IDLE, state: 'running', buyers, pieces, startedMs };
    this.#running = this.#run(buyers, pieces).catch((error: unknown) => {
      logger.warn({ error: messageOf(error) }, 'A flash sale failed');
      this.#change({ state: 'failed', error: messageOf(error), endedMs: clock.nowMs() });
    });
    return this.#report;
  }

  /** Resolves when the one that is under way is over. */
  async over(): Promise<void> {
    await this.#running;
  }

  async #run(buyers: number, pieces: number): Promise<void> {
    const { clock } = this.#deps;
    const product = await this.#choose();
    this.#change({ productId: product.id });
    const userIds = await this.#deps.buyers.register(buyers);
    await this.#deps.buyers.restock(product.sku, pieces);
    const before = await this.#deps.buyers.stock();
    const left = userIds.values();
    const lines = Array.from({ length: CONCURRENCY }, async () => {
      for (const userId of left) await this.#buy(product, userId);
    });
    await Promise.all(lines);
    const after = await this.#deps.buyers.stock();
    this.#change({
      state: 'done',
      endedMs: clock.nowMs(),
      sold: takenOf(after, product.sku) - takenOf(before, product.sku),
      conflicts: after.conflicts - before.conflicts,
    });
  }

  async #choose(): Promise<Product> {
    const products = await this.#deps.buyers.products();
    const affordable = products.filter(({ priceCents }) => priceCents <= BALANCE_CENTS);
    const product = affordable.find(({ flashSale }) => flashSale === true) ?? affordable[0];
    if (product === undefined) throw new ApiError('NOT_FOUND', 'The shop has no such product');
    return product;
  }

  async #buy(product: Product, userId: string): Promise<void> {
    const { buyers, events } = this.#deps;
    const wish = { userId, product, quantity: 1, useBalanceCents: product.priceCents };
    const orderId = await buyers.order(wish);
    this.#change({ ordered: this.#report.ordered + 1 });
    const decided = await events.decided(orderId, DECIDED_TIMEOUT_MS);
    if (decided === undefined) throw new ApiError('UNAVAILABLE', `${orderId} takes too long`);
    if (decided === 'confirmed') this.#change({ sold: this.#report.sold + 1 });
    else this.#change({ refused: this.#report.refused + 1 });
  }

  #change(change: Partial<FlashSaleReport>): void {
    this.#report = { ...this.#report, ...change };
  }
}

function takenOf({ stock }: StockTotals, sku: string): number {
  const row = stock.find((one) => one.sku === sku);
  return (row?.reserved ?? 0) + (row?.sold ?? 0);
}
