/**
 * Delivers delayed messages: one `DelayQueue` a level, woken by arrivals and timers, with progress
 * in config/delayOffset.json. After a crash what was delivered since the last save is delivered
 * again (at least once); after a clean stop nothing is.
 */
import type { Clock, Logger, Scheduler, Timer } from '@skylarkmq/base';
import { SystemTopic } from '@skylarkmq/message';
import type { MessageStore } from '@skylarkmq/store';
import type { DelayOffsets } from './delay-offsets.ts';
import { DelayQueue } from './delay-queue.ts';

/** RocketMQ: flushDelayOffsetInterval. */
const SAVE_PERIOD_MS = 10_000;

export interface DelayServiceDeps {
  readonly store: MessageStore;
  readonly offsets: DelayOffsets;
  /** Milliseconds of the levels 1 .. n, at the start. */
  readonly levelsMs: readonly number[];
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

export class DelayService {
  readonly #deps: DelayServiceDeps;
  readonly #levels: DelayQueue[] = [];
  #removeListener: () => void = () => {};
  #saves: Timer | undefined;
  #saving: Promise<void> | undefined;

  constructor(deps: DelayServiceDeps) {
    this.#deps = deps;
  }

  /** Begins to deliver. The store is open and the offsets are loaded. */
  start(): void {
    const { store, levelsMs, scheduler } = this.#deps;
    this.#removeListener = store.onArrival((queue) => {
      if (queue.topic === SystemTopic.Schedule) this.#levels[queue.queueId]?.wake();
    });
    this.#saves = scheduler.every(SAVE_PERIOD_MS, () => this.#saveSoon());
    this.follow(levelsMs);
  }

  /**
   * Levels have other delays from now on, or there are more of them. Messages that wait keep their
   * time, and later ones of their level come after them; also those of a level that is gone.
   */
  follow(levelsMs: readonly number[]): void {
    const { offsets } = this.#deps;
    const delivered = (level: number, offset: number): void => offsets.set(level, offset);
    for (const [index, delayMs] of levelsMs.entries()) {
      const level = index + 1;
      const known = this.#levels[index];
      if (known !== undefined) {
        known.follow(delayMs);
        continue;
      }
      const deps = { ...this.#deps, delivered };
      const queue = new DelayQueue(level, delayMs, offsets.get(level), deps);
      this.#levels.push(queue);
      queue.wake();
    }
  }

  /** Messages of a level that are not delivered yet; 0 for a level that does not exist. */
  behind(level: number): number {
    return this.#levels[level - 1]?.behind ?? 0;
  }

  /** Ends after the deliveries in progress and saves. The store must still be open. */
  async close(): Promise<void> {
    this.#removeListener();
    this.#saves?.cancel();
    await Promise.all(this.#levels.map((level) => level.stop()));
    await this.#saving;
    await this.#save();
  }

  #saveSoon(): void {
    if (this.#saving !== undefined || !this.#deps.offsets.isDirty) return;
    this.#saving = this.#save().finally(() => {
      this.#saving = undefined;
    });
  }

  /**
   * The log first: progress on disk that is ahead of the delivered messages would lose them at a
   * power cut.
   */
  async #save(): Promise<void> {
    const { store, offsets, logger } = this.#deps;
    if (!offsets.isDirty) return;
    try {
      const snapshot = offsets.snapshot();
      const end = store.maxPhysicalOffset;
      if (store.durableOffset < end) await store.flush();
      // A store that failed says so itself; here it only means that nothing may be written.
      if (store.durableOffset >= end) offsets.save(snapshot);
    } catch (error) {
      logger.error({ error }, 'The progress of delayed messages cannot be saved; tried again');
    }
  }
}
