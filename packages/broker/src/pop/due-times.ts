/**
 * Wakes what is due. Times are rounded up to a slot of a few milliseconds, with one timer a slot:
 * never early, late by a slot at most.
 */
import type { Clock, Scheduler, Timer } from '@skylarkmq/base';

const SLOT_MS = 50;
/** Timers cannot wait longer, and the wall clock may jump: nobody sleeps longer than this. */
const SLEEP_MS_MAX = 60_000;

interface Slot<Item> {
  readonly items: Set<Item>;
  timer: Timer;
}

export interface DueTimesDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

export class DueTimes<Item> {
  readonly #deps: DueTimesDeps;
  readonly #due: (item: Item) => void;
  readonly #slots = new Map<number, Slot<Item>>();
  #isClosed = false;

  /** `due` is called once an item, when its time has come. */
  constructor(deps: DueTimesDeps, due: (item: Item) => void) {
    this.#deps = deps;
    this.#due = due;
  }

  add(item: Item, dueMs: number): void {
    if (this.#isClosed) return;
    const slotMs = slotOf(dueMs);
    const slot = this.#slots.get(slotMs);
    if (slot !== undefined) slot.items.add(item);
    else this.#slots.set(slotMs, { items: new Set([item]), timer: this.#sleep(slotMs) });
  }

  /** Forgets an item that was added with this time. */
  remove(item: Item, dueMs: number): void {
    const slotMs = slotOf(dueMs);
    const slot = this.#slots.get(slotMs);
    if (slot === undefined || !slot.items.delete(item) || slot.items.size > 0) return;
    slot.timer.cancel();
    this.#slots.delete(slotMs);
  }

  close(): void {
    this.#isClosed = true;
    for (const slot of this.#slots.values()) slot.timer.cancel();
    this.#slots.clear();
  }

  #sleep(slotMs: number): Timer {
    const { clock, scheduler } = this.#deps;
    const ms = Math.max(0, Math.min(slotMs - clock.nowMs(), SLEEP_MS_MAX));
    return scheduler.after(ms, () => this.#wake(slotMs));
  }

  #wake(slotMs: number): void {
    const slot = this.#slots.get(slotMs);
    if (slot === undefined) return;
    if (this.#deps.clock.nowMs() < slotMs) {
      slot.timer = this.#sleep(slotMs);
      return;
    }
    this.#slots.delete(slotMs);
    for (const item of slot.items) this.#due(item);
  }
}

function slotOf(dueMs: number): number {
  return Math.ceil(dueMs / SLOT_MS) * SLOT_MS;
}
