/** Stores what is due: in the topics that it is for, or once more in the timer queue. */
import { type Clock, type Logger, MqError, type Scheduler } from '@skylarkmq/base';
import { RecordKind, RecordView, SystemTopic } from '@skylarkmq/message';
import {
  type MessageStore,
  type PutMessage,
  PutStatus,
  TimerMagic,
  timerSecond,
} from '@skylarkmq/store';
import { storedCode } from '../send/put-answer.ts';
import type { DueHeap, DueMessage } from './due-heap.ts';
import type { RecallMarks } from './recall-marks.ts';
import type { TimerMetrics } from './timer-metrics.ts';
import {
  deliveredMessage,
  rolledMessage,
  type TimerRecord,
  timerRecordOf,
} from './timer-record.ts';

const BATCH_MESSAGES = 128;
const BATCH_BYTES = 4 * 1024 * 1024;
/** After what goes over by itself, and after what needs somebody. */
const BUSY_RETRY_MS = 100;
const ERROR_RETRY_MS = 10_000;
/** A recall is being stored: soon it is known whether it counts. */
const RECALL_WAIT_MS = 5;

export interface TimerDeliveryDeps {
  readonly store: Pick<MessageStore, 'readRecord' | 'put' | 'statusReason' | 'minPhysicalOffset'>;
  readonly heap: DueHeap;
  readonly marks: RecallMarks;
  readonly metrics: TimerMetrics;
  readonly clock: Clock;
  readonly scheduler: Pick<Scheduler, 'immediate'>;
  readonly logger: Logger;
  /** So many messages no longer wait. */
  done(count: number): void;
}

export class TimerDelivery {
  /** Messages that were delivered, or stored once more. */
  delivered = 0;
  /** When the earliest message of the batch under way was due; Infinity for none. */
  earliestMs: number = Number.POSITIVE_INFINITY;
  /** Whether a message with this body need not be delivered any more. */
  isOver: (timer: TimerRecord, body: Buffer) => boolean = () => false;
  readonly #deps: TimerDeliveryDeps;
  readonly #view = new RecordView();

  constructor(deps: TimerDeliveryDeps) {
    this.#deps = deps;
  }

  /** Delivers one batch of what is due; how long to wait before the next, 0 for not at all. */
  async round(): Promise<number> {
    const batch = this.#take();
    if (batch.length === 0) return 0;
    this.earliestMs = batch[0]?.dueMs ?? 0;
    const outcomes = await Promise.all(batch.map((message) => this.#deliver(message)));
    let waitMs = 0;
    for (const [index, outcome] of outcomes.entries()) {
      const message = batch[index];
      if (outcome === 0 || message === undefined) continue;
      this.#deps.heap.push(message);
      waitMs = Math.max(waitMs, outcome);
    }
    this.earliestMs = Number.POSITIVE_INFINITY;
    // A backlog must not keep everybody else from being served.
    await new Promise<void>((resolve) => this.#deps.scheduler.immediate(resolve));
    return waitMs;
  }

  #take(): DueMessage[] {
    const { heap, clock } = this.#deps;
    const nowMs = clock.nowMs();
    const batch: DueMessage[] = [];
    for (let bytes = 0; batch.length < BATCH_MESSAGES && bytes < BATCH_BYTES; ) {
      if (heap.earliestMs > nowMs) break;
      const message = heap.pop();
      if (message === undefined) break;
      batch.push(message);
      bytes += message.recordBytes;
    }
    return batch;
  }

  /** How long to wait before the message is tried again; 0 when it is done with. */
  async #deliver(due: DueMessage): Promise<number> {
    const { store, logger } = this.#deps;
    const fields = { physicalOffset: due.physicalOffset, dueMs: due.dueMs };
    try {
      const bytes = await store.readRecord(due.physicalOffset, due.recordBytes);
      const isThere = bytes !== null && this.#view.at(bytes, 0) === RecordKind.Record;
      const topic = isThere
        ? this.#view.buffer.toString('utf8', this.#view.topicStart, this.#view.topicEnd)
        : '';
      const record = topic === SystemTopic.Timer ? timerRecordOf(this.#view) : undefined;
      if (record === undefined) {
        const isOld = due.physicalOffset < store.minPhysicalOffset;
        const reason = isOld ? 'retention removed it before its time' : 'the log does not have it';
        logger.error({ ...fields, reason }, 'A timer message cannot be delivered');
        this.#deps.done(1);
        return 0;
      }
      return await this.#store(due, record);
    } catch (error) {
      const reason = MqError.from(error).message;
      logger.error({ ...fields, reason }, 'A timer message cannot be read; tried again in 10 s');
      return ERROR_RETRY_MS;
    }
  }

  async #store(due: DueMessage, record: TimerRecord): Promise<number> {
    const { store, marks, metrics, logger } = this.#deps;
    const verdict =
      record.deletes === ''
        ? marks.verdict(timerSecond(record.outMs), record.topic, record.uniqueKey)
        : 'deliver';
    if (verdict === 'wait') return RECALL_WAIT_MS;
    const { buffer, bodyStart, bodyEnd } = this.#view;
    const isOver = verdict === 'drop' || this.isOver(record, buffer.subarray(bodyStart, bodyEnd));
    const message = isOver ? undefined : this.#messageOf(due, record);
    if (message === undefined) {
      metrics.add(record.topic, -1);
      this.#deps.done(1);
      return 0;
    }
    const { status } = await store.put(message);
    if (storedCode(status) === undefined) {
      const fields = { topic: record.topic, status, reason: store.statusReason };
      if (status === PutStatus.MessageIllegal || status === PutStatus.PropertiesSizeExceeded) {
        logger.error(fields, 'A timer message is not taken and stays where it is');
      } else {
        logger.warn(fields, 'A timer message is not taken; it is tried again');
        return status === PutStatus.SystemBusy ? BUSY_RETRY_MS : ERROR_RETRY_MS;
      }
    }
    if (record.deletes === '') {
      metrics.add(record.topic, -1);
      this.#deps.done(1);
    }
    this.delivered += 1;
    return 0;
  }

  /** Undefined for a mark that deletes: it is no message for anybody. */
  #messageOf(due: DueMessage, record: TimerRecord): PutMessage | undefined {
    const times = { enqueuedMs: due.writeMs, nowMs: this.#deps.clock.nowMs() };
    const isRoll = (due.magic & TimerMagic.Roll) !== 0;
    if (isRoll) return rolledMessage(this.#view, record, times);
    return record.deletes === '' ? deliveredMessage(this.#view, record, times) : undefined;
  }
}
