/** Accounts, sign-in, the balance with its ledger, points. */
import { sql } from 'kysely';
import { balanceInputSchema, balanceStep } from '../flows/steps/balance.ts';
import type { PaymentEvent } from '../shared/messaging/events.ts';
import { SAGA_MIGRATION } from '../shared/saga.ts';
import { type CreateService, openService, type ServiceContext } from '../shared/service.ts';
import { serveStep } from '../shared/steps.ts';
import { addAccountRoutes, createAccount } from './account-routes.ts';
import { addInternalRoutes } from './internal-routes.ts';
import { changePoints } from './points.ts';
import { sweepSessions } from './sessions.ts';

const MIGRATIONS = [
  SAGA_MIGRATION,
  `
  CREATE TABLE account (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    balance_cents BIGINT NOT NULL DEFAULT 0 CHECK (balance_cents >= 0),
    points BIGINT NOT NULL DEFAULT 0,
    version INT NOT NULL DEFAULT 0,
    created_ms BIGINT NOT NULL
  );
  CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES account (id),
    expires_ms BIGINT NOT NULL
  );
  CREATE TABLE ledger (
    id BIGSERIAL PRIMARY KEY,
    user_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    balance_cents BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    UNIQUE (order_id, kind)
  );
  CREATE INDEX ledger_of_user ON ledger (user_id, id);
  CREATE TABLE point_grant (
    order_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    points BIGINT NOT NULL,
    state TEXT NOT NULL
  );
  `,
];

const SWEEP_MS = 3_600_000;
const STAFF_EMAIL = 'staff@mall.example';

export const createUserService: CreateService = async (deps) => {
  const context = await openService<object>(deps, { name: 'user', migrations: MIGRATIONS });
  const { clock, settings } = deps;
  if (settings.staffPassword !== '') await createStaff(context);
  serveStep({
    context,
    input: balanceInputSchema,
    step: () => balanceStep<object>(clock.nowMs()),
    async settled(trx, event: PaymentEvent) {
      if (!(await changePoints(trx, event)) || event.type !== 'paid') return;
      const { orderId, userId } = event;
      await context.timeline.add(trx, { orderId, userId, type: 'points-granted' });
    },
  });
  addAccountRoutes(context);
  addInternalRoutes(context);
  context.every(SWEEP_MS, 'old sessions', () =>
    sweepSessions(context.database.kysely, clock.nowMs()),
  );
  return context.start();
};

/** The password is the one of this start. */
async function createStaff(context: ServiceContext<object>): Promise<void> {
  const { staffPassword } = context.deps.settings;
  const account = { email: STAFF_EMAIL, name: 'Staff', role: 'staff', password: staffPassword };
  await createAccount(context, { ...account, isReplacing: true });
  await sql`
    DELETE FROM session WHERE user_id IN (SELECT id FROM account WHERE email = ${STAFF_EMAIL})
  `.execute(context.database.kysely);
}
