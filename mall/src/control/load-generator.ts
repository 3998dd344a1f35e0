/** Orders at a rate that the control room's slider sets: placed, mostly paid, some left unpaid. */
import { ApiError } from '../shared/api-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { Buyers, Product } from './buyers.ts';
import type { OrderEvents } from './order-events.ts';
import { Pace, type PaceCounts } from './pace.ts';

/** What it uses. */
export interface LoadDeps {
  readonly buyers: Buyers;
  readonly events: OrderEvents;
  readonly clock: Clock;
  readonly random: () => number;
}

const USERS = 50;
const QUANTITY_MAX = 3;
/** Of the buyers. */
const PAYS_SHARE = 0.9;
const BALANCE_SHARE = 0.2;
const BALANCE_CENTS = 100;
const DECIDED_TIMEOUT_MS = 60_000;
/** The shelves are filled again when there is less than that. */
const STOCK_LOW = 50;
const STOCK_FULL = 1_000;
const LOOK_MS = 5_000;

/** What a buyer chooses from. */
interface Scene {
  readonly userIds: readonly string[];
  readonly products: readonly Product[];
}

/** See the head of this file. */
export class LoadGenerator {
  readonly #deps: LoadDeps;
  readonly #pace: Pace;
  #scene: Promise<Scene> | undefined;
  #userIds: readonly string[] = [];
  #lookedMs = 0;

  constructor(deps: LoadDeps) {
    this.#deps = deps;
    this.#pace = new Pace({ clock: deps.clock, work: () => this.#buy() });
  }

  get counts(): PaceCounts {
    return this.#pace.counts;
  }

  /** Orders a second from now on; 0 ends it. */
  set(ratePerSecond: number): void {
    this.#pace.set(ratePerSecond);
  }

  stop(): Promise<void> {
    return this.#pace.stop();
  }

  async #buy(): Promise<void> {
    const { buyers, events, random } = this.#deps;
    const { products, userIds } = await this.#look();
    const userId = pick(userIds, random);
    const product = pick(products, random);
    const quantity = 1 + Math.floor(random() * QUANTITY_MAX);
    const useBalanceCents = random() < BALANCE_SHARE ? BALANCE_CENTS : 0;
    const orderId = await buyers.order({ userId, product, quantity, useBalanceCents });
    const decided = await events.decided(orderId, DECIDED_TIMEOUT_MS);
    if (decided === undefined) throw new ApiError('UNAVAILABLE', `${orderId} takes too long`);
    if (decided === 'confirmed' && random() < PAYS_SHARE) await buyers.pay(orderId, userId);
  }

  /** Products with their prices of this moment, and shelves that are not empty. */
  #look(): Promise<Scene> {
    const nowMs = this.#deps.clock.monotonicMs();
    if (this.#scene === undefined || nowMs - this.#lookedMs > LOOK_MS) {
      this.#lookedMs = nowMs;
      this.#scene = this.#prepare();
      // The next one looks anew.
      this.#scene.catch(() => {
        this.#scene = undefined;
      });
    }
    return this.#scene;
  }

  async #prepare(): Promise<Scene> {
    const { buyers } = this.#deps;
    if (this.#userIds.length === 0) this.#userIds = await buyers.register(USERS);
    const products = await buyers.products();
    if (products.length === 0) throw new ApiError('NOT_FOUND', 'The shop has no products');
    const low = products.filter(({ available }) => available !== null && available < STOCK_LOW);
    await Promise.all(low.map(({ sku }) => buyers.restock(sku, STOCK_FULL)));
    return { products, userIds: this.#userIds };
  }
}

function pick<T>(values: readonly T[], random: () => number): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new ApiError('NOT_FOUND', 'There is nothing to choose from');
  return value;
}
