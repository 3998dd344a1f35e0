/**
 * Messages that are part of a database transaction: a row is written with the change that it tells
 * of, and a relay sends the rows, in order for each order id, until the broker has them. A row that
 * was sent and not yet deleted when its process died is sent again: consumers know its event id.
 */
import type { Logger, OutgoingMessage, Producer } from '@skylarkmq/client';
import { type QueryExecutorProvider, sql } from 'kysely';
import { messageOf } from '../api-error.ts';
import type { Clock } from '../clock.ts';
import type { Faults } from '../faults.ts';
import { newId } from '../ids.ts';
import { TOPIC, type TopicName } from './topics.ts';

export interface OutboxMessage {
  readonly topic: TopicName;
  readonly tag: string;
  readonly orderId: string;
  readonly eventId: string;
  readonly body: object;
  /** For SQL filters. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Not delivered before. */
  readonly deliverAtMs?: number;
}

export interface OutboxDeps {
  readonly database: QueryExecutorProvider;
  readonly producer: Producer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: Faults;
}

interface Row {
  readonly id: number;
  readonly topic: string;
  readonly tag: string;
  readonly order_id: string;
  readonly event_id: string;
  readonly body: string;
  readonly properties: string;
  readonly deliver_at_ms: number | null;
}

const BATCH = 128;
/** Another process may have left rows, or died with the lease. */
const POLL_MS = 1_000;
const GATHER_MS = 4;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;
const LEASE_MS = 10_000;

export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #owner = newId('r');
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #running: Promise<void> | undefined;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  /** Writes rows. Call {@link flush} once the transaction has committed. */
  async add(trx: QueryExecutorProvider, ...messages: readonly OutboxMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const nowMs = this.#deps.clock.nowMs();
    const rows = messages.map((message) => {
      const { topic, tag, orderId, eventId, body, properties = {}, deliverAtMs = null } = message;
      return sql`(${topic}, ${tag}, ${orderId}, ${eventId}, ${JSON.stringify(body)},
        ${JSON.stringify(properties)}, ${deliverAtMs}::bigint, ${nowMs}::bigint)`;
    });
    await sql`
      INSERT INTO outbox
        (topic, tag, order_id, event_id, body, properties, deliver_at_ms, created_ms)
      VALUES ${sql.join(rows)}
    `.execute(trx);
  }

  /** Lets the relay look at once. */
  flush(): void {
    this.#wake.abort();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#running;
  }

  /** Rows that wait. */
  async pending(): Promise<number> {
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM outbox`.execute(
      this.#deps.database,
    );
    return rows[0]?.n ?? 0;
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#deps;
    let pauseMs = RETRY_FIRST_MS;
    while (!this.#stop.signal.aborted) {
      this.#wake = new AbortController();
      try {
        const sent = await this.#sendSome();
        pauseMs = RETRY_FIRST_MS;
        if (sent === 0) await clock.sleep(POLL_MS, this.#wake.signal);
        // What comes in the next moment goes with it: fewer, larger rounds under load.
        await clock.sleep(GATHER_MS, this.#stop.signal);
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'Messages of the outbox wait for another attempt');
        await clock.sleep(pauseMs, this.#stop.signal);
        pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS);
      }
    }
  }

  /** How many were sent; 0 when there are none, or when another process has the lease. */
  async #sendSome(): Promise<number> {
    const { database, faults } = this.#deps;
    if (faults.switches.outboxStopped) return 0;
    const { rows } = await sql<Row>`
      SELECT id, topic, tag, order_id, event_id, body, properties, deliver_at_ms
      FROM outbox ORDER BY id LIMIT ${BATCH}
    `.execute(database);
    if (rows.length === 0 || !(await this.#lease())) return 0;
    const sent: number[] = [];
    const lines = linesOf(rows).map((line) => this.#sendInOrder(line, sent));
    // All end before the next attempt, so that none overtakes itself.
    const failures = (await Promise.allSettled(lines)).filter((one) => one.status === 'rejected');
    if (sent.length > 0) {
      await sql`DELETE FROM outbox WHERE id IN (${sql.join(sent)})`.execute(database);
    }
    if (failures[0] !== undefined) throw failures[0].reason;
    return rows.length;
  }

  async #sendInOrder(rows: readonly Row[], sent: number[]): Promise<void> {
    const { producer, faults } = this.#deps;
    for (const row of rows) {
      await producer.send(messageOfRow(row));
      if (faults.switches.duplicateDelivery) await producer.send(messageOfRow(row));
      sent.push(row.id);
    }
  }

  /** One relay at a time, so that order is kept; taken over when its process is gone. */
  async #lease(): Promise<boolean> {
    const nowMs = this.#deps.clock.nowMs();
    const { numAffectedRows } = await sql`
      UPDATE outbox_lease SET owner = ${this.#owner}, until_ms = ${nowMs + LEASE_MS}
      WHERE id = 1 AND (owner = ${this.#owner} OR until_ms < ${nowMs})
    `.execute(this.#deps.database);
    return (numAffectedRows ?? 0n) > 0n;
  }
}

/** The rows of each order, in their order. */
function linesOf(rows: readonly Row[]): Row[][] {
  const lines = new Map<string, Row[]>();
  for (const row of rows) {
    const line = lines.get(row.order_id);
    if (line === undefined) lines.set(row.order_id, [row]);
    else line.push(row);
  }
  return [...lines.values()];
}

function messageOfRow(row: Row): OutgoingMessage {
  const isOrdered = row.topic === TOPIC.orderStatus;
  const properties: Readonly<Record<string, string>> = JSON.parse(row.properties);
  return {
    topic: row.topic,
    tags: row.tag,
    keys: [row.order_id],
    body: row.body,
    properties: { ...properties, eventId: row.event_id },
    ...(isOrdered ? { shardingKey: row.order_id } : {}),
    ...(row.deliver_at_ms === null ? {} : { deliverAt: row.deliver_at_ms }),
  };
}
