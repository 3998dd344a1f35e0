/**
 * Consumers whose every message has one effect: its event id is written in the transaction that
 * does the work, so copies and redeliveries change nothing.
 */
import {
  type ConsumerMessage,
  idempotentInTransaction,
  type Logger,
  type MessageHandler,
  PushConsumer,
  type SqlQuery,
  type SubscriptionOptions,
  type Topic,
} from '@skylarkmq/client';
import { CompiledQuery, type Transaction } from 'kysely';
import { ApiError, messageOf } from '../api-error.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Faults } from '../faults.ts';

export interface ConsumeOptions<Tables, Event> {
  readonly group: string;
  readonly topic: Topic<Event, Event>;
  /** Which messages: tags, or an SQL filter. Default: all. */
  readonly filter?: Omit<SubscriptionOptions, 'topic'>;
  /** One message of a queue at a time, in order. */
  readonly ordered?: boolean;
  readonly concurrency?: number;
  /** Redeliveries before a message goes to the dead letters. Default 8. */
  readonly maxReconsumeTimes?: number;
  /** Does the work; throwing has the message delivered again. */
  handle(event: Event, trx: Transaction<Tables>, message: ConsumerMessage): Promise<void>;
  /** After the commit, also after one that another delivery has made. */
  committed?(event: Event): void;
}

export interface ConsumerDeps<Tables> {
  readonly namesrv: string;
  readonly database: Database<Tables>;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A consumer that runs. */
export interface RunningConsumer {
  readonly group: string;
  close(): Promise<void>;
}

const CONCURRENCY = 8;
const MAX_RECONSUME_TIMES = 8;
/** Apache's brokers round it up to a delay level, the least of which is a second. */
const RETRY_BACKOFF = { initialMs: 1_000, multiplier: 2, maxMs: 10_000 };
const ORDERED_RETRY_MS = 500;

/** Resolves when the consumer has its place in the group; see the head of this file. */
export async function startConsumer<Tables, Event extends { readonly eventId: string }>(
  deps: ConsumerDeps<Tables>,
  options: ConsumeOptions<Tables, Event>,
): Promise<RunningConsumer> {
  const { namesrv, logger } = deps;
  const { group, ordered = false } = options;
  const consumer = new PushConsumer({
    namesrv,
    group,
    ordered,
    subscriptions: [{ topic: options.topic.name, ...options.filter }],
    consumeFrom: 'first',
    maxReconsumeTimes: options.maxReconsumeTimes ?? MAX_RECONSUME_TIMES,
    ...(ordered ? { orderedRetryMs: ORDERED_RETRY_MS } : { retryBackoff: RETRY_BACKOFF }),
    logger,
  });
  await consumer.start();
  const running = consumer.run(handlerOf(deps, options), {
    concurrency: options.concurrency ?? CONCURRENCY,
  });
  running.catch((error: unknown) => logger.error({ group, error: messageOf(error) }, 'Ended'));
  return {
    group,
    async close() {
      await consumer.close();
      await running;
    },
  };
}

function handlerOf<Tables, Event extends { readonly eventId: string }>(
  deps: ConsumerDeps<Tables>,
  options: ConsumeOptions<Tables, Event>,
): MessageHandler {
  const { database, faults, logger } = deps;
  const { group, topic } = options;
  const work = async (event: Event, message: ConsumerMessage, signal: AbortSignal) => {
    const once = idempotentInTransaction<Transaction<Tables>>(
      {
        scope: group,
        key: () => event.eventId,
        transaction: (inTransaction) => database.transaction(inTransaction),
        query: queryOf,
      },
      (_, trx) => options.handle(event, trx, message),
    );
    await once(message, signal);
    options.committed?.(event);
    if (faults.switches.crashAfterCommit && message.reconsumeTimes === 0) {
      throw new ApiError('UNAVAILABLE', 'Failing after the commit, as the control room wants it');
    }
  };
  return topic.handler(
    async (event, message, signal) => {
      try {
        await work(event, message, signal);
      } catch (error) {
        const fields = { group, keys: message.keys, error: messageOf(error) };
        logger.warn({ ...fields, attempt: message.reconsumeTimes }, 'A message will come again');
        throw error;
      }
    },
    { logger },
  );
}

/** How the SDK runs a statement in a transaction of Kysely. */
function queryOf<Tables>(trx: Transaction<Tables>): SqlQuery {
  return async (text, values) => {
    const result = await trx.executeQuery<Record<string, unknown>>(
      CompiledQuery.raw(text, [...values]),
    );
    return { rows: result.rows, changed: Number(result.numAffectedRows ?? 0n) };
  };
}
