/**
 * Delivers messages at the time that they ask for, to the millisecond. One loop: takes in what the
 * timer queue got, loads the seconds that are near, delivers what is due, sleeps until there is
 * more to do. After a crash what was delivered since the last save is delivered again (at least
 * once); after a clean stop nothing is.
 */
import {
  type Clock,
  type JsonInputObject,
  type Logger,
  MqError,
  MqErrorCode,
  type Scheduler,
  type Timer,
} from '@skylarkmq/base';
import { SystemTopic } from '@skylarkmq/message';
import { type MessageStore, type TimerIndex, timerDueMs, timerSecond } from '@skylarkmq/store';
import type { BrokerSettings } from '../settings.ts';
import { DueHeap } from './due-heap.ts';
import { RecallMarks } from './recall-marks.ts';
import { TimerDelivery } from './timer-delivery.ts';
import { TimerIntake } from './timer-intake.ts';
import { TimerLoader } from './timer-loader.ts';
import type { TimerMetrics } from './timer-metrics.ts';
import { TimerRates } from './timer-rates.ts';
import type { TimerRecord } from './timer-record.ts';

/** The wall clock may jump: nobody sleeps longer without looking at it. */
const SLEEP_MS_MAX = 60_000;
/** While a switch holds everything up it is looked at this often. */
const PAUSE_MS = 1000;
const ERROR_RETRY_MS = 10_000;
/** RocketMQ: timerFlushIntervalMs. Deliveries since the last save come again after a crash. */
const SAVE_PERIOD_MS = 1000;
/** Log and wheel are made durable this often, or when much changed; the queue has it all anyway. */
const WHOLE_PERIOD_MS = 30_000;
const DURABLE_POLL_MS = 50;

export type TimerSettings = Pick<
  BrokerSettings,
  'timerWheelEnable' | 'timerStopEnqueue' | 'timerStopDequeue' | 'timerRollWindowSlot'
>;

export interface TimerServiceDeps {
  readonly store: MessageStore;
  readonly index: TimerIndex;
  readonly metrics: TimerMetrics;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** For how long the log keeps a message; those that wait longer are stored again before. */
  readonly retentionMs: number;
  settings(): TimerSettings;
}

/** What tools show. */
export interface TimerFigures {
  readonly pending: number;
  readonly offsetBehind: number;
  readonly lateMs: number;
  readonly takenPerSecond: number;
  readonly deliveredPerSecond: number;
}

export class TimerService {
  readonly #deps: TimerServiceDeps;
  readonly #heap = new DueHeap();
  readonly #marks = new RecallMarks();
  readonly #intake: TimerIntake;
  readonly #loader: TimerLoader;
  readonly #delivery: TimerDelivery;
  readonly #rates: TimerRates;
  #removeListener: () => void = () => {};
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #saveTimer: Timer | undefined;
  #saving: Promise<void> | undefined;
  #lastWholeMs = 0;
  /** `#news` as of the last save, and of the last whole one. */
  #savedNews: number;
  #wholeNews: number;
  /** Everything that was in the queue at the start is taken in: recalls are known. */
  #isCaughtUp = false;
  #startMax = 0;
  #retryAtMs = 0;
  #isStopped = false;

  constructor(deps: TimerServiceDeps) {
    this.#deps = deps;
    const shared = { ...deps, heap: this.#heap, marks: this.#marks };
    this.#loader = new TimerLoader(shared);
    this.#intake = new TimerIntake({
      ...shared,
      rollMs: () => this.#rollMs(),
      loadedTo: () => this.#loader.loadedTo,
      doneMs: () => this.#doneMs(),
    });
    this.#delivery = new TimerDelivery({
      ...shared,
      done(count) {
        deps.index.pending = Math.max(0, deps.index.pending - count);
      },
    });
    this.#savedNews = deps.index.startOffset;
    // A log of before may hold what was taken back: it is made whole by the first close.
    this.#wholeNews = deps.index.startOffset;
    this.#rates = new TimerRates(deps.clock);
  }

  /** Lets somebody say of what is due that nobody needs it; asked right before its delivery. */
  passOver(isOver: (timer: TimerRecord, body: Buffer) => boolean): void {
    this.#delivery.isOver = isOver;
  }

  /** Begins to deliver. The store is open. */
  async start(): Promise<void> {
    const { store, index, clock, metrics } = this.#deps;
    this.#lastWholeMs = clock.monotonicMs();
    this.#startMax = store.maxOffset(SystemTopic.Timer, 0);
    if (index.isRebuilt) metrics.clear();
    await this.#loader.loadFirst();
    this.#removeListener = store.onArrival((queue) => {
      if (queue.topic === SystemTopic.Timer) this.#wake();
    });
    this.#wake();
  }

  figures(): TimerFigures {
    const { index, clock } = this.#deps;
    const lateMs = Math.max(0, clock.nowMs() - this.#heap.earliestMs);
    const offsetBehind = this.#intake.behind;
    const pending = index.pending + offsetBehind;
    return { pending, offsetBehind, lateMs, ...this.#rates.now(this.#intake, this.#delivery) };
  }

  /** The body of GET_TIMER_METRICS. */
  metrics(): JsonInputObject {
    return this.#deps.metrics.json();
  }

  /** Messages that are due in the same second as this TIMER_OUT_MS. */
  countAt(outMs: number): number {
    return this.#deps.index.countAt(outMs);
  }

  /** The body of GET_TIMER_CHECK_POINT. */
  checkpoint(): Buffer {
    return this.#deps.index.checkpoint();
  }

  /** Call before the mark is stored: from now on the message does not come. False: too many. */
  announceRecall(key: string): boolean {
    return this.#marks.announce(key);
  }

  /** The mark is stored. */
  confirmRecall(key: string): void {
    this.#marks.confirm(key);
  }

  /** The mark could not be stored. */
  withdrawRecall(key: string): void {
    this.#marks.settle(key);
  }

  /** Ends after the deliveries in progress and saves. The store must still be open. */
  async close(): Promise<void> {
    const { index, store, logger } = this.#deps;
    this.#isStopped = true;
    this.#removeListener();
    this.#timer?.cancel();
    this.#saveTimer?.cancel();
    await this.#running;
    await this.#saving;
    try {
      // Nothing is near: then all up to now is done, and the next start need not look there.
      if (index.hasFiles && this.#isCaughtUp) await this.#loader.load();
      if (index.hasFiles || this.#hasNews()) {
        await store.flush();
        const doneMs = this.#doneMs();
        index.trim(timerSecond(doneMs + 1), (unit) => timerDueMs(unit.outMs) > doneMs);
        await this.#save(true);
      }
    } catch (error) {
      logger.error({ reason: MqError.from(error).message }, 'The timers could not be saved');
    }
    index.close();
  }

  #wake(): void {
    if (this.#isStopped || this.#running !== undefined) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#running = this.#work().then((sleepMs) => {
      this.#running = undefined;
      if (this.#isStopped) return;
      if (sleepMs <= 0) this.#wake();
      else if (Number.isFinite(sleepMs)) this.#sleep(sleepMs);
      // What arrived while the last round ended woke nobody.
      else if (this.#intake.behind > 0) this.#wake();
    });
  }

  #sleep(ms: number): void {
    const delayMs = Math.max(1, Math.min(Math.ceil(ms), SLEEP_MS_MAX));
    this.#timer = this.#deps.scheduler.after(delayMs, () => this.#wake());
  }

  /** Does what there is; milliseconds until there is more, Infinity for when something arrives. */
  async #work(): Promise<number> {
    const { logger } = this.#deps;
    try {
      for (;;) {
        const sleepMs = await this.#round();
        if (this.#hasNews()) this.#saveSoon();
        if (this.#isStopped || sleepMs > 0) return sleepMs;
      }
    } catch (error) {
      const reason = MqError.from(error).message;
      logger.error({ reason }, 'The timers cannot go on; tried again in 10 s');
      return ERROR_RETRY_MS;
    }
  }

  async #round(): Promise<number> {
    const { timerWheelEnable, timerStopEnqueue, timerStopDequeue } = this.#deps.settings();
    if (!timerWheelEnable) return PAUSE_MS;
    let isBlocked = false;
    if (!timerStopEnqueue && this.#intake.behind > 0) isBlocked = !(await this.#intake.round());
    this.#isCaughtUp ||= this.#intake.offset >= this.#startMax;
    // A wheel without room gets some by delivering.
    const delivers = !timerStopDequeue && (this.#isCaughtUp || isBlocked);
    if (delivers) await this.#deliver();
    if (!timerStopEnqueue && !isBlocked && this.#intake.behind > 0) return 0;
    const nextMs = delivers ? this.#nextMs() : PAUSE_MS;
    return isBlocked || timerStopEnqueue ? Math.min(PAUSE_MS, nextMs) : nextMs;
  }

  async #deliver(): Promise<void> {
    await this.#loader.load();
    if (this.#deps.clock.monotonicMs() < this.#retryAtMs) return;
    const waitMs = await this.#delivery.round();
    if (waitMs > 0) this.#retryAtMs = this.#deps.clock.monotonicMs() + waitMs;
  }

  /** Until something is due or must be loaded. */
  #nextMs(): number {
    const { clock } = this.#deps;
    const nowMs = clock.nowMs();
    const retryMs = this.#retryAtMs - clock.monotonicMs();
    const dueMs = Math.max(this.#heap.earliestMs - nowMs, retryMs);
    return Math.min(dueMs, Math.max(0, this.#loader.nextLoadMs() - nowMs));
  }

  /** All that is due up to here, of what is taken in, is delivered. */
  #doneMs(): number {
    const loadedMs = this.#loader.loadedTo * 1000 + 1;
    const earliest = Math.min(this.#heap.earliestMs, this.#delivery.earliestMs, loadedMs);
    return Math.min(earliest - 1, this.#deps.clock.nowMs());
  }

  #rollMs(): number {
    const { settings, retentionMs } = this.#deps;
    return Math.min(settings().timerRollWindowSlot * 1000, Math.floor(retentionMs / 2));
  }

  #news(): number {
    return this.#intake.offset + this.#delivery.delivered;
  }

  #hasNews(): boolean {
    return this.#news() !== this.#savedNews;
  }

  #saveSoon(): void {
    if (this.#saveTimer !== undefined || this.#saving !== undefined || this.#isStopped) return;
    this.#saveTimer = this.#deps.scheduler.after(SAVE_PERIOD_MS, () => {
      this.#saveTimer = undefined;
      const { clock, index, logger } = this.#deps;
      const isOld = clock.monotonicMs() - this.#lastWholeMs >= WHOLE_PERIOD_MS;
      const isWhole = isOld || index.isFull;
      const saving = isWhole || this.#hasNews() ? this.#save(isWhole) : Promise.resolve();
      this.#saving = saving
        .catch((error: unknown) => {
          const reason = MqError.from(error).message;
          logger.error({ reason }, 'The progress of timers cannot be saved; tried again');
        })
        .finally(() => {
          this.#saving = undefined;
          if (this.#news() !== this.#wholeNews) this.#saveSoon();
        });
    });
  }

  async #save(whole: boolean): Promise<void> {
    const { store, index, clock, metrics } = this.#deps;
    const news = this.#news();
    const end = store.maxPhysicalOffset;
    const progress = { queueOffset: this.#intake.offset, doneMs: this.#doneMs() };
    if (whole) this.#lastWholeMs = clock.monotonicMs();
    await index.save(progress, whole, this.#rollMs(), () => this.#durable(end));
    this.#savedNews = news;
    if (whole) this.#wholeNews = news;
    this.#marks.forgetBefore(timerSecond(progress.doneMs));
    if (index.pending === 0 && this.#intake.behind === 0) metrics.clear();
    await metrics.saveLater();
  }

  /** Nothing is noted of messages that a power cut could still take away. */
  async #durable(end: number): Promise<void> {
    const { store, scheduler } = this.#deps;
    while (store.durableOffset < end) {
      if (this.#isStopped) throw new MqError(MqErrorCode.System, 'The log is not durable yet');
      await new Promise<void>((resolve) => scheduler.after(DURABLE_POLL_MS, resolve));
    }
  }
}
