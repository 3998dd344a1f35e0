/** Coupons: campaigns, and one coupon of each for every customer whom it is for. */
import { sql } from 'kysely';
import { z } from 'zod';
import { couponInputSchema, couponStep, discountOf, readCoupon } from '../flows/steps/coupon.ts';
import { nothing } from '../shared/http/http-server.ts';
import { newId } from '../shared/ids.ts';
import { centsSchema } from '../shared/messaging/events.ts';
import { SAGA_MIGRATION } from '../shared/saga.ts';
import { type CreateService, openService, type ServiceContext } from '../shared/service.ts';
import { serveStep } from '../shared/steps.ts';

type Context = ServiceContext<object>;

const MIGRATIONS = [
  SAGA_MIGRATION,
  `
  CREATE TABLE campaign (
    id TEXT PRIMARY KEY,
    name JSONB NOT NULL,
    kind TEXT NOT NULL,
    value INT NOT NULL,
    minimum_cents BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
  );
  CREATE TABLE coupon (
    id TEXT PRIMARY KEY,
    campaign_id TEXT NOT NULL REFERENCES campaign (id),
    user_id TEXT NOT NULL,
    state TEXT NOT NULL,
    order_id TEXT,
    expires_ms BIGINT NOT NULL,
    version INT NOT NULL DEFAULT 0,
    UNIQUE (campaign_id, user_id)
  );
  CREATE INDEX coupon_of_user ON coupon (user_id);
  CREATE TABLE coupon_movement (
    order_id TEXT NOT NULL,
    coupon_id TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (order_id, coupon_id, state)
  );
  `,
];

const YEAR_MS = 365 * 86_400_000;
const ROWS_MAX = 200;

export const createCouponService: CreateService = async (deps) => {
  const context = await openService<object>(deps, { name: 'coupon', migrations: MIGRATIONS });
  const { clock } = deps;
  if (deps.settings.seed) await seed(context);
  serveStep({
    context,
    input: couponInputSchema,
    step: () => couponStep<object>(clock.nowMs()),
    async settled(trx, { orderId, userId, type }) {
      if (type !== 'paid') return;
      const { rows } = await sql<{ id: string }>`
        SELECT input->>'couponId' AS id FROM saga_step WHERE order_id = ${orderId} AND settled
      `.execute(trx);
      if (rows[0] === undefined) return;
      const detail = rows[0].id;
      await context.timeline.add(trx, { orderId, userId, type: 'coupon-settled', detail });
    },
  });
  addCustomerRoutes(context);
  addOffice(context);
  addTotals(context);
  return context.start();
};

async function seed({ database, deps }: Context): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const campaigns = [
    ['welcome-10', { en: 'Welcome: 10 off', zh: '新人立减 10 元' }, 'amount', 1_000, 5_000],
    ['welcome-15-percent', { en: '15 % off', zh: '八五折' }, 'percent', 15, 20_000],
  ] as const;
  for (const [id, name, kind, value, minimum] of campaigns) {
    await sql`
      INSERT INTO campaign (id, name, kind, value, minimum_cents, expires_ms, created_ms)
      VALUES (${id}, ${JSON.stringify(name)}::jsonb, ${kind}, ${value}, ${minimum},
        ${nowMs + YEAR_MS}, ${nowMs})
      ON CONFLICT (id) DO NOTHING
    `.execute(database.kysely);
  }
}

/** Everybody has one of each campaign that runs; asked for twice, it is still one. */
async function grant({ database, deps }: Context, userId: string): Promise<void> {
  const { rows } = await sql<{ id: string; expires_ms: number }>`
    SELECT id, expires_ms FROM campaign
    WHERE expires_ms > ${deps.clock.nowMs()}
      AND id NOT IN (SELECT campaign_id FROM coupon WHERE user_id = ${userId})
  `.execute(database.kysely);
  for (const { id, expires_ms: expiresMs } of rows) {
    await sql`
      INSERT INTO coupon (id, campaign_id, user_id, state, expires_ms)
      VALUES (${newId('c')}, ${id}, ${userId}, 'unused', ${expiresMs})
      ON CONFLICT (campaign_id, user_id) DO NOTHING
    `.execute(database.kysely);
  }
}

const textsSchema = z.object({ en: z.string().min(1).max(100), zh: z.string().min(1).max(100) });
const campaignSchema = z.object({
  name: textsSchema,
  kind: z.enum(['amount', 'percent']),
  value: z.number().int().min(1).max(10_000_000),
  minimumCents: centsSchema,
  expiresMs: z.number().int(),
});
const couponSchema = campaignSchema.extend({
  id: z.string(),
  state: z.enum(['unused', 'locked', 'used']),
});

function addCustomerRoutes(context: Context): void {
  const { http, database, deps } = context;
  http.route(
    {
      ...{ method: 'GET', url: '/mine', access: 'user', input: nothing },
      summary: "The caller's coupons",
      output: z.object({ coupons: z.array(couponSchema) }),
    },
    async (_, { caller }) => {
      await grant(context, caller.userId);
      const { rows } = await sql`
        SELECT coupon.id, name, kind, value, minimum_cents AS "minimumCents", state,
          coupon.expires_ms AS "expiresMs"
        FROM coupon JOIN campaign ON campaign.id = campaign_id
        WHERE user_id = ${caller.userId} ORDER BY state DESC, coupon.expires_ms LIMIT ${ROWS_MAX}
      `.execute(database.kysely);
      return { coupons: rows };
    },
  );
  http.route(
    {
      ...{ method: 'POST', url: '/internal/check', access: 'internal' },
      summary: 'What a coupon would take off; refused when it cannot be used',
      input: z.object({ body: couponInputSchema }),
    },
    async ({ body }) => {
      const row = await readCoupon(database.kysely, body.couponId);
      return { discountCents: discountOf(row, body, deps.clock.nowMs()) };
    },
  );
}

function addOffice({ http, database, deps }: Context): void {
  http.route(
    {
      ...{ method: 'GET', url: '/office/coupons', access: 'staff', input: nothing },
      summary: 'All campaigns, with how many of their coupons are out and used',
    },
    async () => {
      const { rows } = await sql`
        SELECT campaign.id, name, kind, value, minimum_cents AS "minimumCents",
          campaign.expires_ms AS "expiresMs", count(coupon.id)::int AS issued,
          (count(coupon.id) FILTER (WHERE state = 'used'))::int AS used
        FROM campaign LEFT JOIN coupon ON campaign.id = campaign_id
        GROUP BY campaign.id ORDER BY campaign.created_ms DESC LIMIT ${ROWS_MAX}
      `.execute(database.kysely);
      return { coupons: rows };
    },
  );
  http.route(
    {
      ...{ method: 'POST', url: '/office/coupons', access: 'staff', status: 201 },
      summary: 'A new campaign: every customer gets a coupon of it',
      input: z.object({
        body: campaignSchema.refine(
          ({ kind, value }) => kind === 'amount' || value <= 100,
          'more than 100 percent',
        ),
      }),
    },
    async ({ body }) => {
      const id = newId('c');
      await sql`
        INSERT INTO campaign (id, name, kind, value, minimum_cents, expires_ms, created_ms)
        VALUES (${id}, ${JSON.stringify(body.name)}::jsonb, ${body.kind}, ${body.value},
          ${body.minimumCents}, ${body.expiresMs}, ${deps.clock.nowMs()})
      `.execute(database.kysely);
      return { id };
    },
  );
}

function addTotals({ http, database }: Context): void {
  http.route(
    {
      ...{ method: 'GET', url: '/internal/totals', access: 'internal', input: nothing },
      summary: 'For the invariants: coupons by state, and those that two orders think they have',
    },
    async () => {
      const { rows: states } = await sql`
        SELECT state, count(*)::int AS count FROM coupon GROUP BY state
      `.execute(database.kysely);
      const { rows: twice } = await sql<{ n: number }>`
        SELECT count(*)::int AS n FROM (
          SELECT input->>'couponId' AS coupon_id FROM saga_step
          WHERE state = 'done' GROUP BY 1 HAVING count(*) > 1
        ) AS doubled
      `.execute(database.kysely);
      const { rows: astray } = await sql<{ n: number }>`
        SELECT count(*)::int AS n FROM coupon
        WHERE (state <> 'unused') <> EXISTS (
          SELECT 1 FROM saga_step
          WHERE saga_step.order_id = coupon.order_id AND saga_step.state = 'done'
            AND saga_step.settled = (coupon.state = 'used')
        )
      `.execute(database.kysely);
      return { states, twice: twice[0]?.n ?? 0, astray: astray[0]?.n ?? 0 };
    },
  );
}
