/**
 * Reads the timer queue and notes each message in the index: when it is due, or when it must be
 * stored once more because that is far away.
 */
import { type Clock, javaHashCode, type Logger } from '@skylarkmq/base';
import { RecordKind, RecordView, SystemTopic } from '@skylarkmq/message';
import {
  type GetResult,
  type MessageStore,
  type QueueHandle,
  type TimerIndex,
  TimerMagic,
  timerDueMs,
  timerSecond,
} from '@skylarkmq/store';
import type { DueHeap } from './due-heap.ts';
import type { RecallMarks } from './recall-marks.ts';
import type { TimerMetrics } from './timer-metrics.ts';
import { type TimerRecord, timerRecordOf } from './timer-record.ts';

const BATCH_MESSAGES = 512;
const BATCH_BYTES = 1024 * 1024;

export interface TimerIntakeDeps {
  readonly store: MessageStore;
  readonly index: TimerIndex;
  readonly heap: DueHeap;
  readonly marks: RecallMarks;
  readonly metrics: TimerMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Messages that are due later are stored again after so long. */
  rollMs(): number;
  /** Seconds before this one are in the heap. */
  loadedTo(): number;
  doneMs(): number;
}

export class TimerIntake {
  /** Messages that were taken in. */
  taken = 0;
  readonly #deps: TimerIntakeDeps;
  readonly #queue: QueueHandle;
  readonly #view = new RecordView();
  #offset: number;

  constructor(deps: TimerIntakeDeps) {
    this.#deps = deps;
    this.#queue = deps.store.queue(SystemTopic.Timer, 0);
    this.#offset = deps.index.startOffset;
  }

  /** The next offset to read. */
  get offset(): number {
    return this.#offset;
  }

  /** Messages that are stored and not yet noted. */
  get behind(): number {
    return Math.max(0, this.#queue.maxOffset - this.#offset);
  }

  /** One batch. False: nothing could be taken for now, though there is something. */
  async round(): Promise<boolean> {
    const { store } = this.#deps;
    const before = this.#offset;
    const found = await store.getMessages(this.#queue, before, BATCH_MESSAGES, BATCH_BYTES, null);
    const isWhole = this.#takeAll(found);
    found.release();
    if (isWhole) this.#offset = Math.max(this.#offset, found.nextBeginOffset);
    return this.#offset !== before;
  }

  #takeAll(found: GetResult): boolean {
    for (const slice of found.slices) {
      for (let at = 0; at < slice.length; at += this.#view.totalSize) {
        if (this.#view.at(slice, at) !== RecordKind.Record) break;
        if (!this.#take(this.#view)) return false;
        this.#offset = this.#view.queueOffset + 1;
      }
    }
    return true;
  }

  /** False when the wheel has no room for its time. */
  #take(view: RecordView): boolean {
    const { logger } = this.#deps;
    const record = timerRecordOf(view);
    if (record === undefined) {
      const { queueOffset } = view;
      logger.warn({ queueOffset }, 'A message of the timer queue has no time or no topic');
      return true;
    }
    return this.#note(view, record);
  }

  #note(view: RecordView, record: TimerRecord): boolean {
    const { index, heap, marks, metrics, clock, loadedTo, doneMs } = this.#deps;
    const rolledMs = rollTime(record.outMs, view.storeTimestamp, this.#deps.rollMs());
    const outMs = rolledMs ?? record.outMs;
    const dueMs = timerDueMs(outMs);
    if (index.wasDone(view.queueOffset, dueMs)) {
      this.#settle(record);
      return true;
    }
    if (!index.hasRoom(outMs, doneMs())) return false;
    const isDelete = record.deletes !== '';
    const magic =
      TimerMagic.Default |
      (rolledMs === undefined ? 0 : TimerMagic.Roll) |
      (isDelete ? TimerMagic.Delete : 0);
    const { physicalOffset, totalSize: recordBytes } = view;
    const topicHash = javaHashCode(record.topic);
    const writeMs = clock.nowMs();
    index.add({ magic, writeMs, outMs, physicalOffset, recordBytes, topicHash });
    const second = timerSecond(outMs);
    if (isDelete && rolledMs === undefined) {
      if (second < loadedTo()) marks.add(second, record.deletes);
    } else if (second < loadedTo()) {
      heap.push({ dueMs, writeMs, physicalOffset, recordBytes, magic });
    }
    if (!isDelete) metrics.add(record.topic, 1);
    this.#settle(record);
    this.taken += 1;
    return true;
  }

  #settle(record: TimerRecord): void {
    if (record.deletes !== '') this.#deps.marks.settle(record.deletes);
  }
}

/**
 * When a message whose time is beyond the window is stored again; undefined for one whose time is
 * not. Counted from when it was stored, so that reading the queue again says the same.
 */
// RocketMQ: TimerMessageStore#doEnqueue
function rollTime(outMs: number, storeMs: number, windowMs: number): number | undefined {
  const beyondMs = outMs - storeMs - windowMs;
  if (beyondMs < 0) return undefined;
  // What would be stored again just before its time gets a time in between.
  return storeMs + Math.floor(beyondMs < windowMs / 3 ? windowMs / 2 : windowMs);
}
