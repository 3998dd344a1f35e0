/**
 * The timelines of all orders, in the gateway's own database: every event once, numbered from 1 in
 * each order. The numbers are stored, so that a page can go on where it was after a restart, and at
 * another instance of the gateway.
 */
import { type Kysely, sql } from 'kysely';
import type { FeedItem } from './feed.ts';

/** The last number of each order. */
interface TimelineRow {
  readonly order_id: string;
  readonly last_seq: number;
  readonly updated_ms: number;
}

/** One event. */
interface TimelineEventRow {
  readonly event_id: string;
  readonly order_id: string;
  readonly seq: number;
  readonly user_id: string;
  readonly body: string;
  readonly at_ms: number;
}

/** A right to connect, once. */
interface TicketRow {
  readonly ticket_hash: string;
  readonly user_id: string;
  readonly is_staff: boolean;
  readonly expires_ms: number;
}

/** The gateway's own tables. */
export interface PushDatabase {
  readonly timelines: TimelineRow;
  readonly timeline_events: TimelineEventRow;
  readonly tickets: TicketRow;
}

/** Makes them. */
export const PUSH_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE timelines (
    order_id TEXT PRIMARY KEY,
    last_seq BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
  );
  CREATE INDEX timelines_by_age ON timelines (updated_ms);
  CREATE TABLE timeline_events (
    event_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    body TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    UNIQUE (order_id, seq)
  );
  CREATE TABLE tickets (
    ticket_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    is_staff BOOLEAN NOT NULL,
    expires_ms BIGINT NOT NULL
  );
  CREATE INDEX tickets_of_user ON tickets (user_id);
  `,
];

/** An event as it arrives; `body` is what visitors are sent, as JSON. */
export interface ArrivedEvent {
  readonly eventId: string;
  readonly orderId: string;
  readonly userId: string;
  readonly atMs: number;
  readonly body: string;
}

const SWEEP_MAX = 500;

/** See the head of this file. */
export class TimelineStore {
  readonly #database: Kysely<PushDatabase>;

  constructor(database: Kysely<PushDatabase>) {
    this.#database = database;
  }

  /**
   * Stores an event with the next number of its order; undefined when it is there already. One
   * statement: the row of the order is locked by its update, so that two instances that store the
   * same event leave no gap.
   */
  async add(event: ArrivedEvent): Promise<number | undefined> {
    const { atMs, body, eventId, orderId, userId } = event;
    try {
      const { rows } = await sql<{ seq: number }>`
        with numbered as (
          insert into timelines (order_id, last_seq, updated_ms)
          select ${orderId}::text, 1, ${atMs}::bigint
          where not exists (select 1 from timeline_events where event_id = ${eventId})
          on conflict (order_id) do update
          set last_seq = timelines.last_seq + 1, updated_ms = excluded.updated_ms
          returning last_seq
        )
        insert into timeline_events (event_id, order_id, seq, user_id, body, at_ms)
        select ${eventId}::text, ${orderId}::text, last_seq, ${userId}::text, ${body}::text,
          ${atMs}::bigint
        from numbered
        returning seq`.execute(this.#database);
      const [row] = rows;
      return row === undefined ? undefined : row.seq;
    } catch (thrown) {
      // Another instance stored it between the question and the insertion.
      if (isUniqueViolation(thrown)) return undefined;
      throw thrown;
    }
  }

  /** The events of an order after a number, oldest first. */
  async read(orderId: string, afterSeq: number, max: number): Promise<FeedItem[]> {
    const rows = await this.#database
      .selectFrom('timeline_events')
      .select(['seq', 'user_id', 'body'])
      .where('order_id', '=', orderId)
      .where('seq', '>', afterSeq)
      .orderBy('seq')
      .limit(max)
      .execute();
    return rows.map(({ body, seq, user_id }) => ({
      ...{ seq, userId: user_id, json: body },
    }));
  }

  /** The number of an order's newest event; 0 if there is none. */
  async lastSeq(orderId: string): Promise<number> {
    const row = await this.#database
      .selectFrom('timelines')
      .select('last_seq')
      .where('order_id', '=', orderId)
      .executeTakeFirst();
    return row?.last_seq ?? 0;
  }

  /** The same of several orders; those without events are left out. */
  async lastSeqs(orderIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (orderIds.length === 0) return new Map();
    const rows = await this.#database
      .selectFrom('timelines')
      .select(['order_id', 'last_seq'])
      .where('order_id', '=', sql<string>`any(${[...orderIds]}::text[])`)
      .execute();
    return new Map(rows.map(({ last_seq, order_id }) => [order_id, last_seq]));
  }

  /** Forgets some of the orders of which nothing was heard since a time; how many. */
  async sweep(beforeMs: number): Promise<number> {
    const old = await this.#database
      .selectFrom('timelines')
      .select('order_id')
      .where('updated_ms', '<', beforeMs)
      .limit(SWEEP_MAX)
      .execute();
    if (old.length === 0) return 0;
    const ids = old.map(({ order_id }) => order_id);
    await this.#database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('timeline_events').where('order_id', 'in', ids).execute();
      await transaction.deleteFrom('timelines').where('order_id', 'in', ids).execute();
    });
    return ids.length;
  }
}

function isUniqueViolation(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === '23505';
}
