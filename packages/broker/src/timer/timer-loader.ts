/** Brings the entries of seconds that are near into the heap, one second at a time. */
import { type Clock, type Logger, MqError, type Scheduler } from '@skylarkmq/base';
import { RecordKind, RecordView } from '@skylarkmq/message';
import {
  type MessageStore,
  type TimerIndex,
  TimerMagic,
  type TimerUnit,
  timerDueMs,
  timerSecond,
} from '@skylarkmq/store';
import type { DueHeap } from './due-heap.ts';
import type { RecallMarks } from './recall-marks.ts';
import { timerRecordOf } from './timer-record.ts';

const MS_PER_SECOND = 1000;
/** Seconds are loaded so long before they begin. */
const LEAD_MS = 1500;
/** A backlog is loaded as it is delivered: no more than this and one second's entries. */
const HEAP_MAX = 200_000;
/** Loading may hold up the event loop for so long at a time. */
const SLICE_MS = 4;
/** Marks that are read at a time. */
const READS_MAX = 64;

export interface TimerLoaderDeps {
  readonly store: Pick<MessageStore, 'readRecord'>;
  readonly index: TimerIndex;
  readonly heap: DueHeap;
  readonly marks: RecallMarks;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

export class TimerLoader {
  readonly #deps: TimerLoaderDeps;
  readonly #view = new RecordView();
  #loadedTo: number;

  constructor(deps: TimerLoaderDeps) {
    this.#deps = deps;
    const { index } = deps;
    this.#loadedTo = timerSecond(index.foundDoneMs + 1);
    if (index.foundDoneMs === 0) this.#loadedTo = this.#horizon();
  }

  /** All entries of seconds before this one are in the heap, or were. */
  get loadedTo(): number {
    return this.#loadedTo;
  }

  /** The second in which the last run ended: some of its entries are delivered. */
  async loadFirst(): Promise<void> {
    const second = this.#loadedTo;
    this.#loadedTo += 1;
    await this.#load(second, this.#deps.index.foundDoneMs);
  }

  /** Loads what comes soon; ends early when the heap is full of what is due. */
  async load(): Promise<void> {
    const { index, heap } = this.#deps;
    const horizon = this.#horizon();
    while (heap.size < HEAP_MAX) {
      const second = index.next(this.#loadedTo, horizon);
      if (second === undefined) {
        this.#loadedTo = Math.max(this.#loadedTo, horizon);
        return;
      }
      this.#loadedTo = second + 1;
      await this.#load(second, 0);
    }
  }

  /** When to load again; Infinity when nothing waits on disk. */
  nextLoadMs(): number {
    const { index, heap } = this.#deps;
    if (heap.size >= HEAP_MAX) return Number.POSITIVE_INFINITY;
    const second = index.next(this.#loadedTo, Number.POSITIVE_INFINITY);
    return second === undefined ? Number.POSITIVE_INFINITY : second * MS_PER_SECOND - LEAD_MS;
  }

  #horizon(): number {
    return timerSecond(this.#deps.clock.nowMs() + LEAD_MS) + 1;
  }

  /** Entries that were due up to `doneMs` are delivered. */
  async #load(second: number, doneMs: number): Promise<void> {
    const { index, heap, clock, scheduler } = this.#deps;
    const deletes: TimerUnit[] = [];
    let untilMs = clock.monotonicMs() + SLICE_MS;
    for (const unit of index.chain(second)) {
      const dueMs = timerDueMs(unit.outMs);
      const kind = unit.magic & (TimerMagic.Delete | TimerMagic.Roll);
      if (dueMs <= doneMs) continue;
      if (kind === TimerMagic.Delete) deletes.push(unit);
      else heap.push({ ...unit, dueMs });
      if (clock.monotonicMs() < untilMs) continue;
      await new Promise<void>((resolve) => scheduler.immediate(resolve));
      untilMs = clock.monotonicMs() + SLICE_MS;
    }
    for (let at = 0; at < deletes.length; at += READS_MAX) {
      const some = deletes.slice(at, at + READS_MAX);
      await Promise.all(some.map((unit) => this.#loadMark(second, unit)));
    }
  }

  async #loadMark(second: number, unit: TimerUnit): Promise<void> {
    const { store, marks, logger } = this.#deps;
    try {
      const record = await store.readRecord(unit.physicalOffset, unit.recordBytes);
      if (record === null || this.#view.at(record, 0) !== RecordKind.Record) return;
      const mark = timerRecordOf(this.#view);
      if (mark !== undefined && mark.deletes !== '') marks.add(second, mark.deletes);
    } catch (error) {
      const reason = MqError.from(error).message;
      logger.error({ second, reason }, 'A recall cannot be read: its message will be delivered');
    }
  }
}
