/**
 * Commits how far queues are popped, when the check points are durable: offsets on disk that are
 * ahead of the check points would lose what is in flight at a power cut.
 */
import type { Scheduler, Timer } from '@skylarkmq/base';
import type { MessageStore } from '@skylarkmq/store';
import type { PopQueue } from './flight.ts';
import type { PopOffsets } from './pop-offsets.ts';

const CHECK_PERIOD_MS = 200;

interface Step {
  readonly offset: number;
  /** Where the log must be durable to. */
  readonly physicalEnd: number;
}

interface Steps {
  readonly first: Step;
  readonly last: Step;
}

export interface PopCommitsDeps {
  readonly store: Pick<MessageStore, 'durableOffset'>;
  readonly offsets: PopOffsets;
  readonly scheduler: Scheduler;
}

export class PopCommits {
  readonly #deps: PopCommitsDeps;
  /** Two steps a queue: one to wait for, and the newest. */
  readonly #waiting = new Map<PopQueue, Steps>();
  #timer: Timer | undefined;

  constructor(deps: PopCommitsDeps) {
    this.#deps = deps;
  }

  /** The queue is popped up to `offset` by a check point that was stored just now. */
  popped(queue: PopQueue, offset: number, physicalEnd: number): void {
    if (physicalEnd <= this.#deps.store.durableOffset) {
      this.#waiting.delete(queue);
      this.#commit(queue, offset);
      return;
    }
    const step = { offset, physicalEnd };
    const first = this.#waiting.get(queue)?.first ?? step;
    this.#waiting.set(queue, { first, last: step });
    this.#timer ??= this.#deps.scheduler.after(CHECK_PERIOD_MS, () => this.#check());
  }

  /** The queue has nothing for the group up to `offset`. */
  skipped(queue: PopQueue, offset: number): void {
    const steps = this.#waiting.get(queue);
    if (steps === undefined) this.#commit(queue, offset);
    else this.#waiting.set(queue, { ...steps, last: { ...steps.last, offset } });
  }

  #check(): void {
    this.#timer = undefined;
    this.commitDurable();
    if (this.#waiting.size === 0) return;
    this.#timer = this.#deps.scheduler.after(CHECK_PERIOD_MS, () => this.#check());
  }

  commitDurable(): void {
    const durable = this.#deps.store.durableOffset;
    for (const [queue, { first, last }] of this.#waiting) {
      if (last.physicalEnd <= durable) {
        this.#commit(queue, last.offset);
        this.#waiting.delete(queue);
      } else if (first.physicalEnd <= durable) {
        this.#commit(queue, first.offset);
        this.#waiting.set(queue, { first: last, last });
      }
    }
  }

  /** What is popped up to now, durable or not; for `commitTo` when the log is flushed. */
  pending(): ReadonlyMap<PopQueue, number> {
    const pending = new Map<PopQueue, number>();
    for (const [queue, { last }] of this.#waiting) pending.set(queue, last.offset);
    return pending;
  }

  /** Commits what was pending before the log was flushed. */
  commitTo(pending: ReadonlyMap<PopQueue, number>): void {
    for (const [queue, offset] of pending) this.#commit(queue, offset);
  }

  close(): void {
    this.#timer?.cancel();
    this.commitDurable();
  }

  /** Not when an administrator set the queue back meanwhile. */
  #commit(queue: PopQueue, offset: number): void {
    if (offset <= queue.offset) this.#deps.offsets.commitForward(queue, offset);
  }
}
