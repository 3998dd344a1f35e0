/**
 * Asks producers about half messages that have no outcome for too long, in rounds. A half that is
 * asked about gets a new copy at the end of its queue first, so that the queue's beginning is not
 * needed for ever; one that nobody decides is given up, where an operator finds it.
 */
import { type Clock, type Logger, MqError, type Scheduler, type Timer } from '@skylarkmq/base';
import { encodeOffsetMessageId, PropertyName, SystemTopic } from '@skylarkmq/message';
import type { Connection } from '@skylarkmq/remoting';
import type { MessageStore, PutStatus } from '@skylarkmq/store';
import { CheckTransactionState, type TopicConfig } from '@skylarkmq/wire';
import type { BrokerIdentity } from '../identity.ts';
import { storedCode } from '../send/put-answer.ts';
import type { BrokerSettings } from '../settings.ts';
import { copyOf, type HalfRecord, halfRecordAt, questionOf } from './half-record.ts';
import type { PendingHalf } from './pending-halves.ts';
import type { Transactions } from './transactions.ts';

/** Halves that are looked at without a pause. Producers queue 2,000 questions by default. */
const STEP_HALVES = 200;
const STEP_PAUSE_MS = 100;
/** RocketMQ: ProducerManager#getAvailableChannel, GET_AVAILABLE_CHANNEL_RETRY_COUNT */
const CHANNEL_ATTEMPTS = 3;
/** A half so far behind the end of its queue gets a new copy although nobody is asked. */
const BEHIND_MAX = 100_000;
/** How often it is looked whether the interval was changed. */
const LOOK_PERIOD_MS = 1000;

export interface HalfCheckerDeps {
  readonly transactions: Transactions;
  readonly store: Pick<MessageStore, 'put' | 'queue' | 'readRecord' | 'statusReason'>;
  readonly producers: { clients(group: string): readonly { readonly connection: Connection }[] };
  readonly topicCreator: { forGivenUp(): Promise<TopicConfig> };
  readonly identity: BrokerIdentity;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Older halves are given up, whoever is or is not there to be asked. */
  readonly keptMs: number;
  settings(): BrokerSettings;
}

export class HalfChecker {
  readonly #deps: HalfCheckerDeps;
  /** Waits for the next round; undefined while one is under way. */
  #timer: Timer | undefined;
  #looks: Timer | undefined;
  /** The interval that is waited for. */
  #intervalMs = 0;
  #round: Promise<void> = Promise.resolve();
  #isStopped = false;
  /** When the last round ended. */
  #endedMs = 0;
  #turn = 0;

  constructor(deps: HalfCheckerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#endedMs = this.#deps.clock.monotonicMs();
    this.#next();
    this.#looks = this.#deps.scheduler.every(LOOK_PERIOD_MS, () => {
      if (this.#timer === undefined || this.#interval() === this.#intervalMs) return;
      this.#timer.cancel();
      this.#next();
    });
  }

  /** Ends after the half that is looked at. */
  async close(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#looks?.cancel();
    await this.#round;
  }

  /** One round: looks at every half whose time has come. */
  async check(): Promise<void> {
    let looked = 0;
    for (const half of this.#due()) {
      if (this.#isStopped) return;
      if (looked > 0 && looked % STEP_HALVES === 0) await this.#pause();
      looked += 1;
      try {
        await this.#look(half);
      } catch (thrown) {
        const error = MqError.from(thrown);
        const { queueOffset } = half;
        this.#deps.logger.error({ queueOffset, error }, 'A transaction could not be checked');
      }
    }
  }

  #interval(): number {
    return Math.max(1, this.#deps.settings().transactionCheckInterval);
  }

  #next(): void {
    const { clock, scheduler } = this.#deps;
    this.#intervalMs = this.#interval();
    const leftMs = Math.max(1, this.#endedMs + this.#intervalMs - clock.monotonicMs());
    this.#timer = scheduler.pace(leftMs, () => {
      this.#timer = undefined;
      this.#round = this.check().finally(() => {
        this.#endedMs = clock.monotonicMs();
        if (!this.#isStopped) this.#next();
      });
    });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#deps.scheduler.after(STEP_PAUSE_MS, resolve);
    });
  }

  #due(): PendingHalf[] {
    const { clock, settings, transactions, store } = this.#deps;
    const nowMs = clock.nowMs();
    const { transactionTimeOut } = settings();
    const end = store.queue(SystemTopic.TransactionHalf, 0).nextOffset;
    const due: PendingHalf[] = [];
    for (const half of transactions.halves.all()) {
      const waitMs = Math.max(half.immunityMs, transactionTimeOut);
      if (nowMs - half.sinceMs >= waitMs || end - half.queueOffset > BEHIND_MAX) due.push(half);
    }
    return due;
  }

  async #look(half: PendingHalf): Promise<void> {
    const { transactions, store, clock, settings, logger } = this.#deps;
    const bytes = await store.readRecord(half.physicalOffset, half.recordBytes);
    if (!transactions.halves.has(half)) return;
    const record = bytes === null ? undefined : halfRecordAt(bytes);
    if (record === undefined) {
      const { queueOffset, physicalOffset } = half;
      logger.error({ queueOffset, physicalOffset }, 'A half message is gone from the log');
      transactions.drop(half, '');
      return;
    }
    const { transactionCheckMax, transactionTimeOut } = settings();
    const ageMs = clock.nowMs() - half.sinceMs;
    // RocketMQ: TransactionalMessageServiceImpl#needDiscard, #needSkip
    if (half.checks >= transactionCheckMax || ageMs > this.#deps.keptMs) {
      return this.#giveUp(half, record);
    }
    const isDue = ageMs >= Math.max(half.immunityMs, transactionTimeOut);
    const connection = isDue ? this.#producerOf(record.group) : undefined;
    if (connection !== undefined) return this.#ask(half, record, connection);
    const end = store.queue(SystemTopic.TransactionHalf, 0).nextOffset;
    // A question that nobody hears is no attempt: the half waits until a producer is back.
    if (end - half.queueOffset > BEHIND_MAX) await this.#renew(half, record, half.checks);
    else logger.debug({ group: record.group }, 'Nobody of a producer group is there to be asked');
  }

  async #ask(half: PendingHalf, record: HalfRecord, connection: Connection): Promise<void> {
    const properties = await this.#renew(half, record, half.checks + 1);
    if (properties === undefined || connection.closed) return;
    const { queueOffset, physicalOffset } = half;
    const { identity } = this.#deps;
    connection.invokeOneway({
      code: CheckTransactionState.code,
      ext: CheckTransactionState.request.encode({
        topic: SystemTopic.TransactionHalf,
        tranStateTableOffset: queueOffset,
        commitLogOffset: physicalOffset,
        msgId: record.uniqueKey,
        transactionId: record.uniqueKey,
        offsetMsgId: encodeOffsetMessageId(identity.storeHost, physicalOffset),
        bname: identity.brokerName,
      }),
      body: questionOf(record, properties, queueOffset, physicalOffset),
    });
  }

  /** Gives the half a new copy; its properties, or undefined when it has ended meanwhile. */
  // RocketMQ: TransactionalMessageServiceImpl#putBackHalfMsgQueue
  async #renew(
    half: PendingHalf,
    record: HalfRecord,
    checks: number,
  ): Promise<ReadonlyMap<string, string> | undefined> {
    const { store, transactions } = this.#deps;
    const first = half.older?.[0] ?? half.queueOffset;
    const properties = new Map(record.properties);
    if (checks > 0) properties.set(PropertyName.TransactionCheckTimes, String(checks));
    properties.set(PropertyName.TransactionPreparedQueueOffset, String(first));
    const place = { topic: SystemTopic.TransactionHalf, queueId: 0 };
    const copy = await store.put(copyOf(record, place, properties));
    if (storedCode(copy.status) === undefined) throw this.#notStored(copy.status);
    if (!transactions.halves.has(half)) {
      transactions.operations.ended([copy.queueOffset]);
      return undefined;
    }
    half.checks = checks;
    transactions.halves.moved(half, copy.queueOffset, copy.physicalOffset, copy.recordBytes);
    return properties;
  }

  // RocketMQ: DefaultTransactionalMessageCheckListener#resolveDiscardMsg
  async #giveUp(half: PendingHalf, record: HalfRecord): Promise<void> {
    const { store, topicCreator, transactions, logger } = this.#deps;
    const { topicName: topic } = await topicCreator.forGivenUp();
    if (!transactions.halves.has(half)) return;
    // From here on nobody else decides; the copy is stored before the outcome is.
    const copied = store.put(copyOf(record, { topic, queueId: 0 }, record.encoded));
    transactions.drop(half, record.topic);
    const { status } = await copied;
    const { group, uniqueKey } = record;
    const fields = { topic: record.topic, group, uniqueKey, checks: half.checks };
    logger.warn(fields, `A transaction is given up, its message is in ${topic}`);
    if (storedCode(status) === undefined) throw this.#notStored(status);
  }

  #notStored(status: PutStatus): MqError {
    const reason = this.#deps.store.statusReason;
    return new MqError('BUSY', `The copy of a half message is not stored: ${status} ${reason}`);
  }

  // RocketMQ: ProducerManager#getAvailableChannel
  #producerOf(group: string): Connection | undefined {
    const clients = this.#deps.producers.clients(group);
    for (let attempt = 0; attempt < Math.min(CHANNEL_ATTEMPTS, clients.length); attempt++) {
      this.#turn = (this.#turn + 1) % Number.MAX_SAFE_INTEGER;
      const connection = clients[this.#turn % clients.length]?.connection;
      if (connection !== undefined && !connection.closed && !connection.congested) {
        return connection;
      }
    }
    return undefined;
  }
}
