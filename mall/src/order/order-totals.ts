import { sql } from 'kysely';
import { nothing } from '../shared/http/http-server.ts';
import type { ServiceContext } from '../shared/service.ts';

/** An order may be on its way for so long. */
const STUCK_MS = 60_000;

/** What the invariants are computed from. */
export function addOrderTotals({ http, database, deps }: ServiceContext<object>): void {
  http.route(
    {
      ...{ method: 'GET', url: '/internal/totals', access: 'internal', input: nothing },
      summary: 'Orders by state, with their money; those that are stuck',
    },
    async () => {
      const nowMs = deps.clock.nowMs();
      const { rows: states } = await sql`
        SELECT state, count(*)::int AS count, sum(payable_cents)::bigint AS "payableCents",
          sum(balance_cents)::bigint AS "balanceCents"
        FROM orders GROUP BY state ORDER BY state
      `.execute(database.kysely);
      const { rows: stuck } = await sql<{ id: string }>`
        SELECT id FROM orders
        WHERE state IN ('created', 'pre-ordered', 'confirming', 'cancelling', 'refunding')
            AND created_ms < ${nowMs - STUCK_MS} AND updated_ms < ${nowMs - STUCK_MS / 2}
          OR state = 'awaiting-payment' AND expires_ms < ${nowMs - STUCK_MS}
        LIMIT 10
      `.execute(database.kysely);
      const { rows: sold } = await sql`
        SELECT item->>'sku' AS sku, sum((item->>'quantity')::int)::int AS quantity
        FROM orders, jsonb_array_elements(items) AS item
        WHERE state IN ('paid', 'shipped') GROUP BY 1
      `.execute(database.kysely);
      return { states, stuck: stuck.map(({ id }) => id), sold };
    },
  );
}
