/**
 * Products by id in memory, in every instance of the catalogue. A new price is broadcast: each
 * instance drops what it knows. What is missed, by a cut connection, is over after a minute.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PushConsumer } from '@skylarkmq/client';
import type { Clock } from '../shared/clock.ts';
import type { RunningConsumer } from '../shared/messaging/consumer.ts';
import { price } from '../shared/messaging/events.ts';
import { TOPIC } from '../shared/messaging/topics.ts';
import type { ServiceDeps } from '../shared/service.ts';
import type { Product } from './products.ts';

const KEEP_MS = 60_000;
const PRODUCTS_MAX = 10_000;

interface Entry {
  readonly product: Product;
  readonly untilMs: number;
}

export class PriceCache {
  readonly #clock: Clock;
  readonly #load: (ids: readonly string[]) => Promise<readonly Product[]>;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, load: (ids: readonly string[]) => Promise<readonly Product[]>) {
    this.#clock = clock;
    this.#load = load;
  }

  /** In the order of the ids; those that do not exist are left out. */
  async get(ids: readonly string[]): Promise<Product[]> {
    const nowMs = this.#clock.nowMs();
    const missing = ids.filter((id) => (this.#entries.get(id)?.untilMs ?? 0) <= nowMs);
    if (missing.length > 0) {
      if (this.#entries.size > PRODUCTS_MAX) this.#entries.clear();
      for (const product of await this.#load(missing)) {
        this.#entries.set(product.id, { product, untilMs: nowMs + KEEP_MS });
      }
    }
    return ids.flatMap((id) => this.#entries.get(id)?.product ?? []);
  }

  forget(id: string): void {
    this.#entries.delete(id);
  }
}

/** Resolves when the instance hears of new prices. */
export async function followPrices(
  { namesrv, logger }: ServiceDeps,
  cache: PriceCache,
  instance: string,
): Promise<RunningConsumer> {
  const group = 'mall-catalogue-price';
  const offsetsDirectory = await mkdtemp(join(tmpdir(), 'mall-prices-'));
  const consumer = new PushConsumer({
    ...{ namesrv, group, logger, subscriptions: TOPIC.price },
    // A name for each start: what was said before concerns a cache that is gone.
    ...{ model: 'broadcasting', instanceName: instance, consumeFrom: 'last', offsetsDirectory },
  });
  await consumer.start();
  const running = consumer.run(price.handler((change) => cache.forget(change.productId)));
  return {
    group,
    async close() {
      await consumer.close();
      await running;
      await rm(offsetsDirectory, { recursive: true, force: true });
    },
  };
}
