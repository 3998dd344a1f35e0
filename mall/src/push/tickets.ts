/**
 * Tickets: a browser cannot put a header on a WebSocket, and a cookie alone would let any page that
 * a visitor opens connect as the visitor. So a page asks for a ticket, which is good once and for a
 * moment. Only hashes are stored: who reads the database cannot connect.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { PushDatabase } from './timeline-store.ts';

/** Who connects. */
export interface Visitor {
  readonly userId: string;
  /** Staff may watch every order. */
  readonly isStaff: boolean;
}

/** How long a ticket is good. */
export const TICKET_MS = 30_000;
const TICKET_BYTES = 24;
/** Of one visitor, that wait to be used. */
const TICKETS_MAX = 50;

/** A visitor holds too many tickets. */
export class TooManyTickets extends Error {}

/** See the head of this file. */
export class Tickets {
  readonly #database: Kysely<PushDatabase>;
  readonly #clock: { nowMs(): number };

  constructor(database: Kysely<PushDatabase>, clock: { nowMs(): number }) {
    this.#database = database;
    this.#clock = clock;
  }

  /** A new ticket. */
  async issue({ isStaff, userId }: Visitor): Promise<string> {
    const nowMs = this.#clock.nowMs();
    const { waiting } = await this.#database
      .selectFrom('tickets')
      .select(({ fn }) => fn.countAll().as('waiting'))
      .where('user_id', '=', userId)
      .where('expires_ms', '>=', nowMs)
      .executeTakeFirstOrThrow();
    if (Number(waiting) >= TICKETS_MAX) {
      throw new TooManyTickets(`${TICKETS_MAX} tickets wait to be used: use them`);
    }
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    await this.#database
      .insertInto('tickets')
      .values({
        ...{ ticket_hash: hashOf(ticket), user_id: userId, is_staff: isStaff },
        expires_ms: nowMs + TICKET_MS,
      })
      .execute();
    return ticket;
  }

  /** Whose ticket it is; undefined when it is none, was used or is too old. It is used up. */
  async redeem(ticket: string): Promise<Visitor | undefined> {
    const row = await this.#database
      .deleteFrom('tickets')
      .where('ticket_hash', '=', hashOf(ticket))
      .returning(['user_id', 'is_staff', 'expires_ms'])
      .executeTakeFirst();
    if (row === undefined || Number(row.expires_ms) < this.#clock.nowMs()) return undefined;
    return { userId: row.user_id, isStaff: row.is_staff };
  }

  /** Forgets those that are too old. */
  async sweep(): Promise<void> {
    await this.#database
      .deleteFrom('tickets')
      .where('expires_ms', '<', this.#clock.nowMs())
      .execute();
  }
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex');
}
