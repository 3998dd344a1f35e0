import type { QueryExecutorProvider } from 'kysely';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import type { StepName, TimelineEvent, TimelineType } from './events.ts';
import type { Outbox, OutboxMessage } from './outbox.ts';
import { TOPIC } from './topics.ts';

export interface TimelineEntry {
  readonly orderId: string;
  readonly userId: string;
  readonly type: TimelineType;
  readonly step?: StepName;
  readonly attempt?: number;
  readonly code?: string;
  readonly detail?: string;
}

export interface TimelineDeps {
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** The service that speaks. */
  readonly source: string;
}

/** Writes what happens to an order for those who watch it, as part of a transaction. */
export class Timeline {
  readonly #deps: TimelineDeps;

  constructor(deps: TimelineDeps) {
    this.#deps = deps;
  }

  async add(trx: QueryExecutorProvider, ...entries: readonly TimelineEntry[]): Promise<void> {
    await this.#deps.outbox.add(trx, ...entries.map((entry) => this.message(entry)));
  }

  /** As a row of the outbox, to be written together with others. */
  message(entry: TimelineEntry): OutboxMessage {
    const { clock, source } = this.#deps;
    const event: TimelineEvent = { ...entry, eventId: newId('e'), source, atMs: clock.nowMs() };
    return {
      topic: TOPIC.orderStatus,
      tag: entry.type,
      orderId: entry.orderId,
      eventId: event.eventId,
      body: event,
      properties: { userId: entry.userId, source },
    };
  }
}
