/**
 * Everything that is answered within one callback of the event loop goes out together: connections
 * with output register here and are flushed once, when the callback returns.
 */
import type { Scheduler } from '@skylarkmq/base';

/** Something with output to write. */
export interface Flushable {
  flush(): void;
}

export class FlushQueue {
  readonly #scheduler: Pick<Scheduler, 'nextTick'>;
  #dirty: Flushable[] = [];
  #scheduled = false;
  readonly #run = (): void => this.#flushAll();

  constructor(scheduler: Pick<Scheduler, 'nextTick'>) {
    this.#scheduler = scheduler;
  }

  /** Flushes `one` soon; call it once per flush. */
  add(one: Flushable): void {
    this.#dirty.push(one);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#scheduler.nextTick(this.#run);
  }

  #flushAll(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    this.#scheduled = false;
    for (const one of dirty) one.flush();
  }
}
