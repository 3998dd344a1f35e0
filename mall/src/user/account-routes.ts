/** What visitors do: register, sign in and out, look at themselves. */
import { sql } from 'kysely';
import { z } from 'zod';
import { changeBalance } from '../flows/steps/balance.ts';
import { ApiError } from '../shared/api-error.ts';
import { type Exchange, nothing } from '../shared/http/http-server.ts';
import { newId } from '../shared/ids.ts';
import type { ServiceContext } from '../shared/service.ts';
import { hashPassword, isPassword } from './passwords.ts';
import { closeSession, openSession, SESSION_MS } from './sessions.ts';

type Context = ServiceContext<object>;

/** A welcome gift, so that a visitor has something to pay with. */
const OPENING_CENTS = 50_000;
const COOKIE = 'mall_session';
const LEDGER_ROWS = 200;
const PASSWORD_MIN = 8;

const emailSchema = z.string().trim().toLowerCase().pipe(z.email().max(200));
const passwordSchema = z.string().min(PASSWORD_MIN, `at least ${PASSWORD_MIN} characters`).max(200);

export interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly password: string;
  /** An account that is there gets this password. */
  readonly isReplacing?: boolean;
}

/** Undefined when the address is taken. */
export async function createAccount(
  { database, deps }: Context,
  { email, name, role, password, isReplacing = false }: NewAccount,
): Promise<string | undefined> {
  const id = newId('u');
  const hash = await hashPassword(password);
  const nowMs = deps.clock.nowMs();
  return database.transaction(async (trx) => {
    const { numAffectedRows } = await sql`
      INSERT INTO account (id, email, name, role, password_hash, created_ms)
      VALUES (${id}, ${email}, ${name}, ${role}, ${hash}, ${nowMs}) ON CONFLICT (email) DO NOTHING
    `.execute(trx);
    if (numAffectedRows !== 1n) {
      if (!isReplacing) return undefined;
      await sql`UPDATE account SET password_hash = ${hash} WHERE email = ${email}`.execute(trx);
      return id;
    }
    if (role === 'customer') await giveOpening(trx, id, nowMs);
    return id;
  });
}

type Trx = Parameters<Parameters<Context['database']['transaction']>[0]>[0];

/** The first line of a ledger; its "order" is the account itself. */
export async function giveOpening(trx: Trx, userId: string, nowMs: number): Promise<void> {
  const cents = OPENING_CENTS;
  await changeBalance(trx, { userId, orderId: userId, kind: 'opening', cents, nowMs });
}

export function addAccountRoutes(context: Context): void {
  addSignIn(context);
  addMe(context);
}

function addSignIn(context: Context): void {
  const { http, database, deps } = context;
  const { clock } = deps;
  http.route(
    {
      ...{ method: 'POST', url: '/register', access: 'public', status: 201 },
      summary: 'A new customer, signed in',
      input: z.object({
        body: z.object({
          email: emailSchema,
          password: passwordSchema,
          name: z.string().trim().min(1).max(100),
        }),
      }),
    },
    async ({ body }, exchange) => {
      const userId = await createAccount(context, { ...body, role: 'customer' });
      if (userId === undefined) {
        throw new ApiError('CONFLICT', 'Somebody has registered with this address: sign in');
      }
      setCookie(exchange, deps.settings.secureCookies, {
        token: await openSession(database.kysely, userId, clock.nowMs()),
      });
      return { userId };
    },
  );
  http.route(
    {
      ...{ method: 'POST', url: '/sign-in', access: 'public' },
      summary: 'Opens a session',
      input: z.object({ body: z.object({ email: emailSchema, password: z.string().max(200) }) }),
    },
    async ({ body: { email, password } }, exchange) => {
      const { rows } = await sql<{ id: string; password_hash: string }>`
        SELECT id, password_hash FROM account WHERE email = ${email}
      `.execute(database.kysely);
      const [account] = rows;
      const isRight = await isPassword(password, account?.password_hash);
      if (account === undefined || !isRight) {
        throw new ApiError('UNAUTHENTICATED', 'Address or password are wrong');
      }
      setCookie(exchange, deps.settings.secureCookies, {
        token: await openSession(database.kysely, account.id, clock.nowMs()),
      });
      return { userId: account.id };
    },
  );
  http.route(
    {
      ...{ method: 'POST', url: '/sign-out', access: 'public', input: nothing },
      summary: 'Ends the session',
    },
    async (_, exchange) => {
      const token = exchange.request.headers['x-mall-session'];
      if (typeof token === 'string' && token !== '') await closeSession(database.kysely, token);
      setCookie(exchange, deps.settings.secureCookies, undefined);
      return {};
    },
  );
}

function setCookie(
  { reply }: Exchange,
  isSecure: boolean,
  session: { readonly token: string } | undefined,
): void {
  const maxAge = session === undefined ? 0 : SESSION_MS / 1000;
  const secure = isSecure ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${COOKIE}=${session?.token ?? ''}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure}`,
  );
}

function addMe({ http, database }: Context): void {
  http.route(
    { method: 'GET', url: '/me', access: 'user', summary: 'Who is signed in', input: nothing },
    async (_, { caller }) => {
      const { rows } = await sql`
        SELECT id, email, name, role, balance_cents AS "balanceCents", points
        FROM account WHERE id = ${caller.userId}
      `.execute(database.kysely);
      if (rows[0] === undefined) throw new ApiError('UNAUTHENTICATED', 'Sign in first');
      return { user: rows[0] };
    },
  );
  http.route(
    {
      ...{ method: 'GET', url: '/ledger', access: 'user', input: nothing },
      summary: "What changed the caller's balance, the newest first",
    },
    async (_, { caller }) => {
      const { rows } = await sql`
        SELECT id::text, order_id AS "orderId", kind, amount_cents AS "amountCents",
          balance_cents AS "balanceCents", at_ms AS "atMs"
        FROM ledger WHERE user_id = ${caller.userId} ORDER BY ledger.id DESC LIMIT ${LEDGER_ROWS}
      `.execute(database.kysely);
      return { entries: rows };
    },
  );
}
