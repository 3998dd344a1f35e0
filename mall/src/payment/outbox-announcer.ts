/**
 * Announces through the outbox: the event is a row of the same database transaction, and the relay
 * sends it until the broker has it, twice if need be. No broker is needed to take a payment down.
 */
import type { Database } from '../shared/database/database.ts';
import type { PaymentEvent } from '../shared/messaging/events.ts';
import type { Outbox } from '../shared/messaging/outbox.ts';
import { TOPIC } from '../shared/messaging/topics.ts';
import type { Announcer, LocalChange } from './announcer.ts';
import type { PaymentTables } from './tables.ts';

/** See the head of this file. */
export class OutboxAnnouncer implements Announcer {
  readonly #database: Database<PaymentTables>;
  readonly #outbox: Outbox;

  constructor(database: Database<PaymentTables>, outbox: Outbox) {
    this.#database = database;
    this.#outbox = outbox;
  }

  async announce(event: PaymentEvent, change: LocalChange): Promise<boolean> {
    const { eventId, orderId, type } = event;
    const isChanged = await this.#database.transaction(async (trx) => {
      if (!(await change(trx))) return false;
      await this.#outbox.add(trx, {
        ...{ topic: TOPIC.payment, tag: type, orderId, eventId, body: event },
      });
      return true;
    });
    if (isChanged) this.#outbox.flush();
    return isChanged;
  }
}
