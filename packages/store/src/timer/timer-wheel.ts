/**
 * The wheel: for each second of two weeks where its chain of entries begins. A file of fixed
 * length; only the pages that changed, and a few that were read, are in memory. A page is written
 * when `flush` says so, never before: what the file points to must be durable.
 */
import type { FileHandle, FileSystem } from '@skylarkmq/base';
import { NO_POSITION, readInt64, writeInt64 } from './timer-unit.ts';

/** RocketMQ: TimerMessageStore#TIMER_WHEEL_TTL_DAY is 7, and the wheel is twice as long. */
export const WHEEL_SECONDS: number = 2 * 7 * 24 * 3600;
const SLOT_BYTES = 32;
export const WHEEL_BYTES: number = WHEEL_SECONDS * SLOT_BYTES;
const PAGE_SLOTS = 128;
const PAGE_BYTES = PAGE_SLOTS * SLOT_BYTES;
/** Pages kept because they were read: 1 MiB. */
const CLEAN_PAGES_MAX = 256;
const SCAN_BYTES = 256 * 1024;

export interface Slot {
  readonly first: number;
  readonly last: number;
  /** Entries without those that delete others. */
  readonly count: number;
}

const EMPTY: Slot = { first: NO_POSITION, last: NO_POSITION, count: 0 };

export class TimerWheel {
  readonly #handle: FileHandle;
  #dirty = new Map<number, Buffer>();
  readonly #flushing = new Map<number, Buffer>();
  readonly #clean = new Map<number, Buffer>();
  /** A bit for each slot that has a chain. */
  readonly #used: Uint32Array = new Uint32Array(Math.ceil(WHEEL_SECONDS / 32));
  /** No second in [#emptyFrom, #emptyTo) has a chain: it is asked for the next one all the time. */
  #emptyFrom = 0;
  #emptyTo = 0;

  /** Makes the file when there is none. */
  constructor(fileSystem: FileSystem, path: string) {
    this.#handle = fileSystem.open(path, 'create');
    if (this.#handle.size() !== WHEEL_BYTES) this.#handle.truncate(WHEEL_BYTES);
  }

  get dirtyPages(): number {
    return this.#dirty.size;
  }

  /** Notes which slots have a chain from `second` on; returns how many entries these have. */
  scan(second: number): number {
    const buffer = Buffer.alloc(SCAN_BYTES);
    let entries = 0;
    for (let at = 0; at < WHEEL_BYTES; at += SCAN_BYTES) {
      const bytes = this.#handle.readSync(buffer, 0, SCAN_BYTES, at);
      for (let within = 0; within < bytes; within += SLOT_BYTES) {
        if (buffer.readInt32BE(within + 4) === 0) continue;
        const time = readInt64(buffer, within);
        const index = (at + within) / SLOT_BYTES;
        if (time < second || time % WHEEL_SECONDS !== index) continue;
        this.#mark(index, true);
        entries += Math.max(0, buffer.readInt32BE(within + 24));
      }
    }
    return entries;
  }

  get(second: number): Slot {
    const index = second % WHEEL_SECONDS;
    const page = this.#page(Math.floor(index / PAGE_SLOTS));
    const at = (index % PAGE_SLOTS) * SLOT_BYTES;
    if (readInt64(page, at) !== second) return EMPTY;
    const first = readInt64(page, at + 8);
    const last = readInt64(page, at + 16);
    return { first, last, count: page.readInt32BE(at + 24) };
  }

  /** The second that a slot now stands for; what `set` would overwrite. 0 for none. */
  holderOf(second: number): number {
    const index = second % WHEEL_SECONDS;
    const page = this.#page(Math.floor(index / PAGE_SLOTS));
    return readInt64(page, (index % PAGE_SLOTS) * SLOT_BYTES);
  }

  /** Sets a slot; one without a chain becomes empty. */
  set(second: number, slot: Slot): void {
    const index = second % WHEEL_SECONDS;
    const page = this.#pageToChange(Math.floor(index / PAGE_SLOTS));
    const at = (index % PAGE_SLOTS) * SLOT_BYTES;
    const isUsed = slot.last >= 0;
    this.#mark(index, isUsed);
    page.fill(0, at, at + SLOT_BYTES);
    if (!isUsed) return;
    if (second >= this.#emptyFrom && second < this.#emptyTo) this.#emptyTo = second;
    writeInt64(page, at, second);
    writeInt64(page, at + 8, slot.first);
    writeInt64(page, at + 16, slot.last);
    page.writeInt32BE(slot.count, at + 24);
  }

  /** The first second in [from, to) that has a chain; undefined for none. */
  next(from: number, to: number): number | undefined {
    const isKnown = from >= this.#emptyFrom && from < this.#emptyTo;
    if (isKnown && this.#emptyTo >= to) return undefined;
    const found = this.#search(isKnown ? this.#emptyTo : from, to);
    if (!isKnown) this.#emptyFrom = from;
    this.#emptyTo = found ?? to;
    return found;
  }

  #search(from: number, to: number): number | undefined {
    for (let second = from; second < to; ) {
      const index = second % WHEEL_SECONDS;
      const word = this.#used[index >>> 5] ?? 0;
      const rest = word >>> (index & 31);
      if (rest === 0) {
        second += Math.min(32 - (index & 31), WHEEL_SECONDS - index);
        continue;
      }
      second += Math.clz32(rest & -rest) ^ 31;
      if (second < to && this.get(second).last >= 0) return second;
      second += 1;
    }
    return undefined;
  }

  /** What changed until now is what the next `flush` writes. One of each at a time. */
  freeze(): void {
    for (const [page, bytes] of this.#dirty) this.#flushing.set(page, bytes);
    this.#dirty = new Map();
  }

  /** Writes the frozen pages and makes them durable; after an error they wait for the next time. */
  async flush(): Promise<void> {
    for (const [page, bytes] of this.#flushing) {
      await this.#handle.write(bytes, 0, PAGE_BYTES, page * PAGE_BYTES);
    }
    await this.#handle.syncData();
    for (const [page, bytes] of this.#flushing) {
      if (!this.#dirty.has(page)) this.#keepClean(page, bytes);
    }
    this.#flushing.clear();
  }

  close(): void {
    this.#handle.close();
  }

  #page(page: number): Buffer {
    const changed = this.#dirty.get(page) ?? this.#flushing.get(page) ?? this.#clean.get(page);
    if (changed !== undefined) return changed;
    const bytes = Buffer.alloc(PAGE_BYTES);
    this.#handle.readSync(bytes, 0, PAGE_BYTES, page * PAGE_BYTES);
    this.#keepClean(page, bytes);
    return bytes;
  }

  #pageToChange(page: number): Buffer {
    const known = this.#dirty.get(page);
    if (known !== undefined) return known;
    // The bytes that are being written stay as they are.
    const bytes = Buffer.from(this.#page(page));
    this.#clean.delete(page);
    this.#dirty.set(page, bytes);
    return bytes;
  }

  #keepClean(page: number, bytes: Buffer): void {
    this.#clean.delete(page);
    this.#clean.set(page, bytes);
    if (this.#clean.size <= CLEAN_PAGES_MAX) return;
    const [oldest] = this.#clean.keys();
    if (oldest !== undefined) this.#clean.delete(oldest);
  }

  #mark(index: number, isUsed: boolean): void {
    const word = index >>> 5;
    const bit = 1 << (index & 31);
    const before = this.#used[word] ?? 0;
    this.#used[word] = isUsed ? before | bit : before & ~bit;
  }
}
