/** Carts, and what is told of them: many small messages, so they travel in batches. */
import { type Logger, type OutgoingMessage, type Producer, splitBatch } from '@skylarkmq/client';
import { type QueryExecutorProvider, sql } from 'kysely';
import { z } from 'zod';
import { messageOf } from '../shared/api-error.ts';
import { type CartEvent, cart } from '../shared/messaging/events.ts';

const ITEMS_MAX = 50;
const QUANTITY_MAX = 99;

export const cartItemsSchema = z
  .array(
    z.object({
      productId: z.string().min(1).max(64),
      quantity: z.number().int().min(1).max(QUANTITY_MAX),
    }),
  )
  .max(ITEMS_MAX);
export type CartItems = z.infer<typeof cartItemsSchema>;

export const CART_MIGRATION = `
  CREATE TABLE cart (
    user_id TEXT PRIMARY KEY,
    items JSONB NOT NULL
  );
  CREATE TABLE popularity (
    product_id TEXT PRIMARY KEY,
    score BIGINT NOT NULL
  );
`;

export async function readCart(database: QueryExecutorProvider, userId: string) {
  const { rows } = await sql<{ items: CartItems }>`
    SELECT items FROM cart WHERE user_id = ${userId}
  `.execute(database);
  return rows[0]?.items ?? [];
}

export async function writeCart(
  database: QueryExecutorProvider,
  userId: string,
  items: CartItems,
): Promise<void> {
  await sql`
    INSERT INTO cart (user_id, items) VALUES (${userId}, ${JSON.stringify(items)}::jsonb)
    ON CONFLICT (user_id) DO UPDATE SET items = excluded.items
  `.execute(database);
}

/** What was put in and taken out between two states of a cart. */
export function changesOf(
  before: CartItems,
  after: CartItems,
): { readonly productId: string; readonly quantity: number; readonly type: CartEvent['type'] }[] {
  const quantities = (items: CartItems): Map<string, number> =>
    new Map(items.map(({ productId, quantity }) => [productId, quantity]));
  const [old, now] = [quantities(before), quantities(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((productId) => {
    const difference = (now.get(productId) ?? 0) - (old.get(productId) ?? 0);
    if (difference === 0) return [];
    const type = difference > 0 ? 'added' : 'removed';
    return [{ productId, quantity: Math.abs(difference), type }];
  });
}

/** Waiting messages at most: statistics may lose some, the memory may not grow. */
const WAITING_MAX = 10_000;

/** Collects messages and sends them together. */
export class CartReporter {
  readonly #producer: Producer;
  readonly #logger: Logger;
  #waiting: OutgoingMessage[] = [];

  constructor(producer: Producer, logger: Logger) {
    this.#producer = producer;
    this.#logger = logger;
  }

  async report(event: CartEvent): Promise<void> {
    if (this.#waiting.length >= WAITING_MAX) return;
    this.#waiting.push(await cart.message(event, { tags: event.type, keys: [event.userId] }));
  }

  async send(): Promise<void> {
    const messages = this.#waiting;
    this.#waiting = [];
    for (const part of splitBatch(messages)) {
      try {
        await this.#producer.sendBatch(part);
      } catch (error) {
        const fields = { count: part.length, error: messageOf(error) };
        this.#logger.warn(fields, 'Statistics of carts were lost');
      }
    }
  }
}
