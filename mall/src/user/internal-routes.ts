/** What other services ask of accounts. */
import { sql } from 'kysely';
import { z } from 'zod';
import { ApiError } from '../shared/api-error.ts';
import { nothing } from '../shared/http/http-server.ts';
import { newId } from '../shared/ids.ts';
import type { ServiceContext } from '../shared/service.ts';
import { giveOpening } from './account-routes.ts';
import { sessionUser } from './sessions.ts';

type Context = ServiceContext<object>;

const DEMO_USERS_MAX = 2_000;

export function addInternalRoutes(context: Context): void {
  const { http, database, deps } = context;
  http.route(
    {
      ...{ method: 'POST', url: '/internal/sessions', access: 'internal' },
      summary: 'Whose session a token is; null: nobody’s',
      input: z.object({ body: z.object({ token: z.string().max(200) }) }),
    },
    async ({ body }) => ({
      user: (await sessionUser(database.kysely, body.token, deps.clock.nowMs())) ?? null,
    }),
  );
  http.route(
    {
      ...{ method: 'GET', url: '/internal/users/:id', access: 'internal' },
      summary: 'An account with its balance',
      input: z.object({ params: z.object({ id: z.string() }) }),
    },
    async ({ params }) => {
      const { rows } = await sql`
        SELECT id, name, role, balance_cents AS "balanceCents" FROM account WHERE id = ${params.id}
      `.execute(database.kysely);
      if (rows[0] === undefined) throw new ApiError('NOT_FOUND', `There is no user ${params.id}`);
      return { user: rows[0] };
    },
  );
  http.route(
    {
      ...{ method: 'POST', url: '/internal/demo-users', access: 'internal', status: 201 },
      summary: 'Customers for a load: nobody can sign in as them',
      input: z.object({ body: z.object({ count: z.number().int().min(1).max(DEMO_USERS_MAX) }) }),
    },
    ({ body }) => createDemoUsers(context, body.count),
  );
  addTotals(context);
}

async function createDemoUsers(
  { database, deps }: Context,
  count: number,
): Promise<{ userIds: string[] }> {
  const userIds = Array.from({ length: count }, () => newId('u'));
  const nowMs = deps.clock.nowMs();
  await database.transaction(async (trx) => {
    for (const id of userIds) {
      await sql`
        INSERT INTO account (id, email, name, role, password_hash, created_ms)
        VALUES (${id}, ${`${id}@demo.example`}, 'Demo', 'customer', '', ${nowMs})
      `.execute(trx);
      await giveOpening(trx, id, nowMs);
    }
  });
  return { userIds };
}

function addTotals({ http, database }: Context): void {
  http.route(
    {
      ...{ method: 'GET', url: '/internal/totals', access: 'internal', input: nothing },
      summary: 'For the invariants: all balances, and what the ledger says they are',
    },
    async () => {
      const { rows: sums } = await sql<{ balances: number; ledger: number }>`
        SELECT
          (SELECT coalesce(sum(balance_cents), 0)::bigint FROM account) AS balances,
          (SELECT coalesce(sum(amount_cents), 0)::bigint FROM ledger) AS ledger
      `.execute(database.kysely);
      const { rows: wrong } = await sql<{ id: string }>`
        SELECT account.id FROM account LEFT JOIN ledger ON ledger.user_id = account.id
        GROUP BY account.id, account.balance_cents
        HAVING account.balance_cents <> coalesce(sum(ledger.amount_cents), 0) LIMIT 10
      `.execute(database.kysely);
      const { rows: taken } = await sql<{ cents: number }>`
        SELECT coalesce(-sum(amount_cents), 0)::bigint AS cents FROM ledger WHERE kind <> 'opening'
      `.execute(database.kysely);
      return { ...sums[0], wrong: wrong.map(({ id }) => id), takenCents: taken[0]?.cents ?? 0 };
    },
  );
}
