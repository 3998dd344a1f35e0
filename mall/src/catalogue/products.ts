/** Products: what is sold, for how much. */
import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { centsSchema } from '../shared/messaging/events.ts';

const textsSchema = z.object({
  en: z.string().min(1).max(2_000),
  zh: z.string().min(1).max(2_000),
});

/** A product as staff write it. */
export const productDraftSchema = z.object({
  sku: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\w.-]+$/, 'letters, digits, _ . -'),
  name: textsSchema,
  description: textsSchema,
  category: z.string().min(1).max(64),
  priceCents: centsSchema.min(1),
  originalPriceCents: centsSchema.nullish(),
  image: z.string().max(64),
  tags: z.array(z.string().min(1).max(32)).max(10),
  flashSale: z.boolean().default(false),
});
export type ProductDraft = z.infer<typeof productDraftSchema>;

export const productSchema = productDraftSchema.extend({
  id: z.string(),
  flashSale: z.boolean(),
});
export type Product = z.infer<typeof productSchema>;

export const PRODUCT_MIGRATION = `
  CREATE TABLE product (
    id TEXT PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE,
    name JSONB NOT NULL,
    description JSONB NOT NULL,
    category TEXT NOT NULL,
    price_cents BIGINT NOT NULL,
    original_price_cents BIGINT,
    image TEXT NOT NULL,
    tags JSONB NOT NULL,
    flash_sale BOOLEAN NOT NULL,
    position SERIAL
  );
`;

const COLUMNS = sql`
  id, sku, name, description, category, price_cents AS "priceCents",
  original_price_cents AS "originalPriceCents", image, tags, flash_sale AS "flashSale"
`;

export interface ProductQuery {
  /** Words of name, description, category or tags. */
  readonly q: string;
  readonly category: string;
  /** From 1 on. */
  readonly page: number;
  readonly pageSize: number;
}

export async function findProducts(
  database: QueryExecutorProvider,
  { q, category, page, pageSize }: ProductQuery,
): Promise<{ products: Product[]; total: number }> {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (category !== '') conditions.push(sql`category = ${category}`);
  for (const word of q.split(/\s+/).filter((one) => one !== '')) {
    const pattern = `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`;
    const text = sql`name::text || description::text || category || tags::text || sku`;
    conditions.push(sql`(${text}) ILIKE ${pattern}`);
  }
  const where = sql.join(conditions, sql` AND `);
  const { rows: products } = await sql<Product>`
    SELECT ${COLUMNS} FROM product WHERE ${where}
    ORDER BY position DESC LIMIT ${pageSize} OFFSET ${(page - 1) * pageSize}
  `.execute(database);
  const { rows: counts } = await sql<{ n: number }>`
    SELECT count(*)::int AS n FROM product WHERE ${where}
  `.execute(database);
  return { products, total: counts[0]?.n ?? 0 };
}

export async function productsById(
  database: QueryExecutorProvider,
  ids: readonly string[],
): Promise<Product[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Product>`
    SELECT ${COLUMNS} FROM product WHERE id IN (${sql.join(ids)})
  `.execute(database);
  return rows;
}

/** False when the sku is taken. */
export async function insertProduct(
  database: QueryExecutorProvider,
  id: string,
  draft: ProductDraft,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO product (id, sku, name, description, category, price_cents, original_price_cents,
      image, tags, flash_sale)
    VALUES (${id}, ${draft.sku}, ${JSON.stringify(draft.name)}::jsonb,
      ${JSON.stringify(draft.description)}::jsonb, ${draft.category}, ${draft.priceCents},
      ${draft.originalPriceCents ?? null}, ${draft.image}, ${JSON.stringify(draft.tags)}::jsonb,
      ${draft.flashSale})
    ON CONFLICT DO NOTHING
  `.execute(database);
  return numAffectedRows === 1n;
}

/** What the price was; undefined when there is no such product. The sku stays as it is. */
export async function updateProduct(
  database: QueryExecutorProvider,
  id: string,
  draft: ProductDraft,
): Promise<number | undefined> {
  const { rows } = await sql<{ price_cents: number }>`
    UPDATE product SET name = ${JSON.stringify(draft.name)}::jsonb,
      description = ${JSON.stringify(draft.description)}::jsonb, category = ${draft.category},
      price_cents = ${draft.priceCents}, original_price_cents = ${draft.originalPriceCents ?? null},
      image = ${draft.image}, tags = ${JSON.stringify(draft.tags)}::jsonb,
      flash_sale = ${draft.flashSale}
    FROM (SELECT id, price_cents FROM product WHERE id = ${id}) AS before
    WHERE product.id = before.id
    RETURNING before.price_cents
  `.execute(database);
  return rows[0]?.price_cents;
}
