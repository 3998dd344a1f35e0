/** Sessions: a random token in the visitor's cookie, its hash here. */
import { createHash, randomBytes } from 'node:crypto';
import { type QueryExecutorProvider, sql } from 'kysely';

export const SESSION_MS = 7 * 86_400_000;
const TOKEN_BYTES = 32;

export interface SessionUser {
  readonly userId: string;
  readonly role: 'customer' | 'staff';
}

export async function openSession(
  database: QueryExecutorProvider,
  userId: string,
  nowMs: number,
): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await sql`
    INSERT INTO session (token_hash, user_id, expires_ms)
    VALUES (${hashOf(token)}, ${userId}, ${nowMs + SESSION_MS})
  `.execute(database);
  return token;
}

export async function sessionUser(
  database: QueryExecutorProvider,
  token: string,
  nowMs: number,
): Promise<SessionUser | undefined> {
  const { rows } = await sql<SessionUser>`
    SELECT account.id AS "userId", account.role FROM session
    JOIN account ON account.id = session.user_id
    WHERE token_hash = ${hashOf(token)} AND expires_ms > ${nowMs}
  `.execute(database);
  return rows[0];
}

export async function closeSession(database: QueryExecutorProvider, token: string): Promise<void> {
  await sql`DELETE FROM session WHERE token_hash = ${hashOf(token)}`.execute(database);
}

export async function sweepSessions(database: QueryExecutorProvider, nowMs: number): Promise<void> {
  await sql`DELETE FROM session WHERE expires_ms <= ${nowMs}`.execute(database);
}

/** Whoever reads the table cannot take over a session. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
