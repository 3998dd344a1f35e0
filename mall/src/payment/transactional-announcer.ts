/**
 * Announces by a message in a transaction: the broker holds it back, the books are changed, the
 * broker is told. When this process dies in between, the broker asks any that is there, and the
 * transaction log in the same database knows the answer.
 */
import { randomUUID } from 'node:crypto';
import { type Logger, type ReceivedMessage, TransactionProducer } from '@skylarkmq/client';
import type { Clock } from '../shared/clock.ts';
import type { Database } from '../shared/database/database.ts';
import { type PaymentEvent, payment } from '../shared/messaging/events.ts';
import { logCommit, outcomeOf } from '../shared/messaging/transaction-log.ts';
import type { Announcer, LocalChange } from './announcer.ts';
import type { PaymentTables } from './tables.ts';

/** What it uses. */
export interface TransactionalAnnouncerDeps {
  readonly namesrv: string;
  readonly database: Database<PaymentTables>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Runs between the commit and the word to the broker; throwing there is dying there. */
  readonly afterCommit: () => void | Promise<void>;
}

const GROUP = 'mall-payment-announcer';
/** The property that says which row of the transaction log decides. */
const TRANSACTION_PROPERTY = 'mallTransaction';

/** See the head of this file. */
export class TransactionalAnnouncer implements Announcer {
  readonly #deps: TransactionalAnnouncerDeps;
  readonly #producer: TransactionProducer;

  constructor(deps: TransactionalAnnouncerDeps) {
    this.#deps = deps;
    this.#producer = new TransactionProducer({
      namesrv: deps.namesrv,
      group: GROUP,
      check: (message) => this.#check(message),
    });
  }

  /** Connects; from then on brokers can ask, also about what an earlier process left. */
  start(): Promise<void> {
    return this.#producer.start();
  }

  async announce(event: PaymentEvent, change: LocalChange): Promise<boolean> {
    const { afterCommit, clock, database } = this.#deps;
    const transactionId = randomUUID();
    let isChanged = false;
    const message = await payment.message(event, {
      tags: event.type,
      keys: event.orderId,
      properties: { [TRANSACTION_PROPERTY]: transactionId, eventId: event.eventId },
    });
    await this.#producer.sendInTransaction(message, async () => {
      isChanged = await database.transaction(async (trx) => {
        if (!(await change(trx))) return false;
        await logCommit(trx, transactionId, clock.nowMs());
        return true;
      });
      if (!isChanged) return 'rollback';
      await afterCommit();
      return 'commit';
    });
    return isChanged;
  }

  stop(): Promise<void> {
    return this.#producer.close();
  }

  async #check(message: ReceivedMessage): Promise<'commit' | 'rollback' | 'unknown'> {
    const { clock, database, logger } = this.#deps;
    const transactionId = message.property(TRANSACTION_PROPERTY);
    if (transactionId === undefined) return 'unknown';
    const outcome = await outcomeOf(database.kysely, transactionId, clock.nowMs());
    logger.warn({ transactionId, outcome }, 'The broker asked how a transaction ended');
    return outcome;
  }
}
