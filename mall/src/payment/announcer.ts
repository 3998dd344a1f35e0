/**
 * A change of the payment's books and the message that tells of it: both happen or neither does.
 * There are two ways to get there, behind one interface, so that they can be compared: a message in
 * a transaction of the broker's, and an outbox in the database.
 */
import type { Transaction } from 'kysely';
import type { PaymentEvent } from '../shared/messaging/events.ts';
import type { PaymentTables } from './tables.ts';

/** Changes the books; false: there was nothing to change, so there is nothing to tell. */
export type LocalChange = (trx: Transaction<PaymentTables>) => Promise<boolean>;

/** See the head of this file. */
export interface Announcer {
  /** Does the change in a database transaction. True when it was done: then the event goes out. */
  announce(event: PaymentEvent, change: LocalChange): Promise<boolean>;
}
