/** Stock of an order: reserved, then sold when it is paid, or free again. */
import { sql, type Transaction } from 'kysely';
import { z } from 'zod';
import { ApiError } from '../../shared/api-error.ts';
import type { SagaStep } from '../../shared/saga.ts';

export const stockInputSchema = z.object({
  items: z.array(z.object({ sku: z.string(), quantity: z.number().int().min(1) })).min(1),
});
export type StockInput = z.infer<typeof stockInputSchema>;
type Item = StockInput['items'][number];

/** What was read before: sku -> version. Undefined: not read, take what is there. */
export type StockVersions = ReadonlyMap<string, number> | undefined;

/** Somebody else changed the row in between: read again. */
export class VersionConflict extends Error {}

/**
 * The step, over rows that were read before the transaction: an optimistic lock. Without versions
 * the update's own condition decides, which never conflicts.
 */
export function stockStep<Tables>(
  versions: StockVersions,
): SagaStep<Transaction<Tables>, StockInput> {
  return {
    name: 'stock',
    async do(trx, orderId, input) {
      for (const item of inOneOrder(input.items)) await reserve(trx, orderId, item, versions);
    },
    async undo(trx, orderId, { items }, settled) {
      for (const item of inOneOrder(items)) {
        await move(trx, { orderId, item, kind: settled ? 'returned' : 'released' });
      }
    },
    async settle(trx, orderId, { items }) {
      for (const item of inOneOrder(items)) await move(trx, { orderId, item, kind: 'sold' });
    },
  };
}

/** Rows are locked in one order by everybody: no deadlock. */
function inOneOrder(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => (a.sku < b.sku ? -1 : 1));
}

async function reserve<Tables>(
  trx: Transaction<Tables>,
  orderId: string,
  { sku, quantity }: Item,
  versions: StockVersions,
): Promise<void> {
  const version = versions?.get(sku);
  const unchanged = version === undefined ? sql`true` : sql`version = ${version}`;
  const { numAffectedRows } = await sql`
    UPDATE stock SET available = available - ${quantity}, reserved = reserved + ${quantity},
      version = version + 1
    WHERE sku = ${sku} AND available >= ${quantity} AND ${unchanged}
  `.execute(trx);
  if (numAffectedRows === 1n) {
    await note(trx, orderId, { sku, quantity }, 'reserved');
    return;
  }
  const { rows } = await sql<{ available: number }>`
    SELECT available FROM stock WHERE sku = ${sku}
  `.execute(trx);
  const available = rows[0]?.available ?? 0;
  if (available >= quantity) throw new VersionConflict(sku);
  throw new ApiError('OUT_OF_STOCK', `${sku}: ${quantity} wanted, ${available} available`);
}

type Kind = 'reserved' | 'released' | 'sold' | 'returned';

const CHANGES: Readonly<Record<Exclude<Kind, 'reserved'>, readonly [string, string]>> = {
  released: ['reserved', 'available'],
  sold: ['reserved', 'sold'],
  returned: ['sold', 'available'],
};

interface Move {
  readonly orderId: string;
  readonly item: Item;
  readonly kind: Exclude<Kind, 'reserved'>;
}

async function move<Tables>(trx: Transaction<Tables>, { orderId, item, kind }: Move) {
  const [from, to] = CHANGES[kind];
  const { sku, quantity } = item;
  await sql`
    UPDATE stock SET ${sql.ref(from)} = ${sql.ref(from)} - ${quantity},
      ${sql.ref(to)} = ${sql.ref(to)} + ${quantity}, version = version + 1
    WHERE sku = ${sku}
  `.execute(trx);
  await note(trx, orderId, item, kind);
}

/** The book of stock; its key refuses to do one thing twice for an order. */
async function note<Tables>(
  trx: Transaction<Tables>,
  orderId: string,
  { sku, quantity }: Item,
  kind: Kind,
): Promise<void> {
  await sql`
    INSERT INTO stock_movement (order_id, sku, kind, quantity)
    VALUES (${orderId}, ${sku}, ${kind}, ${quantity})
  `.execute(trx);
}
