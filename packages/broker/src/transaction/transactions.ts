/**
 * Transactions: takes half messages in, gives each its one outcome, and knows what is still
 * pending. Who asks producers again is half-checker.ts. See docs/formats/transaction-queues.md.
 */
import type { Clock, Logger, Scheduler, Timer } from '@skylarkmq/base';
import {
  encodeProperties,
  PropertyName,
  parseDelayLevels,
  SystemFlag,
  SystemTopic,
} from '@skylarkmq/message';
import {
  type AppendCompletion,
  AppendRequest,
  type MessageStore,
  PutStatus,
  type QueueHandle,
} from '@skylarkmq/store';
import { delayLevelOf, delayMessage } from '../send/delayed-properties.ts';
import { placeCommittedTimer } from '../send/timer-message.ts';
import type { BrokerSettings } from '../settings.ts';
import { bornHostOf, type HalfRecord, immunityMsOf, sinceMsOf } from './half-record.ts';
import { loadHalves } from './load-halves.ts';
import { OperationLog } from './operation-log.ts';
import { PENDING_HALVES_MAX, type PendingHalf, PendingHalves } from './pending-halves.ts';
import type { TransactionMetrics } from './transaction-metrics.ts';

/** RocketMQ: TransactionalMessageUtil#buildConsumerGroup */
const TRANSACTION_GROUP = 'CID_RMQ_SYS_TRANS';
const LOAD_RETRY_MS = 10_000;
/** How often the offsets of the group are moved on. */
const PROGRESS_PERIOD_MS = 1000;

export interface TransactionsDeps {
  readonly store: MessageStore;
  readonly offsets: {
    query(group: string, topic: string, queueId: number): number;
    commit(group: string, topic: string, queueId: number, offset: number, by: string): void;
  };
  readonly metrics: TransactionMetrics;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly storeHost: Buffer;
  settings(): BrokerSettings;
}

/** Where a half message was put, and its two times. */
export type StoredHalf = Pick<
  AppendRequest,
  'queueOffset' | 'physicalOffset' | 'recordBytes' | 'bornTimestamp' | 'storeTimestamp'
>;

/** Offsets that may be committed once the log is durable up to `end`. */
interface Progress {
  readonly end: number;
  readonly halfOffset: number;
  readonly operationOffset: number;
}

export class Transactions {
  readonly halves: PendingHalves = new PendingHalves();
  readonly operations: OperationLog;
  readonly #deps: TransactionsDeps;
  readonly #halfQueue: QueueHandle;
  readonly #operationQueue: QueueHandle;
  readonly #request = new AppendRequest();
  #isLoaded = false;
  #isClosed = false;
  #loading: Promise<void> = Promise.resolve();
  #timers: Timer[] = [];
  #progress: Progress | undefined;

  constructor(deps: TransactionsDeps) {
    this.#deps = deps;
    this.operations = new OperationLog(deps);
    this.#halfQueue = deps.store.queue(SystemTopic.TransactionHalf, 0);
    this.#operationQueue = deps.store.queue(SystemTopic.TransactionOperation, 0);
  }

  /** Finds what was pending before. The store is open and the offsets are loaded. */
  start(): Promise<void> {
    this.#loading = this.#load();
    this.#timers.push(this.#deps.scheduler.every(PROGRESS_PERIOD_MS, () => this.saveProgress()));
    return this.#loading;
  }

  /** Resolves when outcomes can be taken. */
  loaded(): Promise<void> {
    return this.#loading;
  }

  /** Why no half message can be taken now; undefined when it can. */
  get refusal(): string | undefined {
    if (!this.#isLoaded) return 'the broker is still looking for the transactions from before';
    if (this.halves.size < PENDING_HALVES_MAX) return undefined;
    return `${PENDING_HALVES_MAX} transactions wait for their outcome, and no more may`;
  }

  /** A half message is in the log. */
  took(stored: StoredHalf, topic: string, immunity: string | undefined): void {
    const { queueOffset, physicalOffset, recordBytes, bornTimestamp, storeTimestamp } = stored;
    this.halves.add({
      ...{ queueOffset, physicalOffset, recordBytes },
      sinceMs: sinceMsOf(bornTimestamp, storeTimestamp),
      immunityMs: immunityMsOf(immunity),
      checks: 0,
      older: null,
    });
    this.#deps.metrics.add(topic, 1);
  }

  /**
   * Stores the message that a half promised; the half has its outcome when this returns Ok, and the
   * completion hears when it is stored. Anything else: refused, the half is still pending.
   */
  commit(half: PendingHalf, record: HalfRecord, completion: AppendCompletion): PutStatus {
    const request = this.#request;
    this.#fill(request, record);
    request.completion = completion;
    const status = this.#deps.store.append(request);
    request.completion = null;
    if (status === PutStatus.Ok) this.#ended(half, record.topic);
    return status;
  }

  /** The half is forgotten: rolled back, or given up. */
  drop(half: PendingHalf, topic: string): void {
    this.#ended(half, topic);
  }

  /** Commits how far both queues are done with, as far as the log is durable. */
  saveProgress(): void {
    if (!this.#isLoaded) return;
    const { store, offsets } = this.#deps;
    const progress = this.#progress;
    if (progress === undefined) {
      const halfOffset = this.halves.floor(this.#halfQueue.nextOffset);
      const operationOffset = this.operations.floor(halfOffset);
      this.#progress = { end: store.maxPhysicalOffset, halfOffset, operationOffset };
      return;
    }
    // Ahead of the log, they would lose transactions at a power cut.
    if (store.durableOffset < progress.end) return;
    this.#progress = undefined;
    for (const [queue, offset] of [
      [this.#halfQueue, progress.halfOffset],
      [this.#operationQueue, progress.operationOffset],
    ] as const) {
      if (offset === 0) continue;
      offsets.commit(TRANSACTION_GROUP, queue.topic, 0, offset, 'transactions');
    }
  }

  /** Ends when the outcomes so far are in the log. The store must still be open. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) timer.cancel();
    await this.#loading;
    this.operations.flush();
    await this.#deps.store.flush();
    this.#progress = undefined;
    this.saveProgress();
    this.saveProgress();
  }

  #ended(half: PendingHalf, topic: string): void {
    const offsets = half.older === null ? [half.queueOffset] : [...half.older, half.queueOffset];
    if (!this.halves.end(half)) return;
    this.operations.ended(offsets);
    this.#deps.metrics.add(topic, -1);
  }

  // RocketMQ: EndTransactionProcessor#endMessageTransaction
  #fill(request: AppendRequest, record: HalfRecord): void {
    const { view } = record;
    const properties = new Map(record.properties);
    properties.delete(PropertyName.RealTopic);
    properties.delete(PropertyName.RealQueueId);
    let place = { topic: record.topic, queueId: record.queueId };
    if (delayLevelOf(properties) > 0) {
      properties.delete(PropertyName.TransactionPrepared);
      const levels = parseDelayLevels(this.#deps.settings().messageDelayLevel).length;
      place = delayMessage(properties, place.topic, place.queueId, levels) ?? place;
    } else place = placeCommittedTimer(properties, place, this.#deps.clock.nowMs()) ?? place;
    const encoded = encodeProperties(properties);
    const cleared = view.sysFlag & ~SystemFlag.TransactionMask;
    request.queue = this.#deps.store.queue(place.topic, place.queueId);
    request.flag = view.flag;
    request.sysFlag = cleared | SystemFlag.TransactionCommit;
    request.bornTimestamp = view.bornTimestamp;
    request.bornHost = bornHostOf(view);
    request.reconsumeTimes = view.reconsumeTimes;
    request.preparedTransactionOffset = view.physicalOffset;
    request.body = view.buffer;
    request.bodyStart = view.bodyStart;
    request.bodyEnd = view.bodyEnd;
    request.properties = encoded;
    request.propertiesStart = 0;
    request.propertiesEnd = encoded.length;
    request.scan.scan(encoded, 0, encoded.length);
  }

  async #load(): Promise<void> {
    const { store, offsets, logger, metrics } = this.#deps;
    const { operations, halves } = this;
    try {
      const from = {
        halfOffset: Math.max(0, offsets.query(TRANSACTION_GROUP, SystemTopic.TransactionHalf, 0)),
        operationOffset: Math.max(
          0,
          offsets.query(TRANSACTION_GROUP, SystemTopic.TransactionOperation, 0),
        ),
      };
      const counted = (topic: string): void => metrics.add(topic, 1);
      const found = await loadHalves(from, { store, operations, halves, counted });
      this.#isLoaded = true;
      const pending = halves.size;
      if (pending + found > 0) {
        logger.info({ pending, committedBefore: found }, 'Transactions without outcome were found');
      }
    } catch (error) {
      logger.error({ error }, 'Pending transactions cannot be read; tried again in 10 s');
      this.#timers.push(
        this.#deps.scheduler.after(LOAD_RETRY_MS, () => {
          if (!this.#isClosed) this.#loading = this.#load();
        }),
      );
    }
  }
}
