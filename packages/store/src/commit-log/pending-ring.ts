/**
 * What is appended and not yet finished, in physical order: everything that dispatch needs, and who
 * waits. Columns instead of objects, so that a message costs no allocation.
 */
import type { AppendCompletion } from '../append-request.ts';
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';

const INITIAL_CAPACITY = 1024;
/** Messages that may wait at a time. */
export const PENDING_MESSAGES_MAX: number = 262144;
/** Hashes of index keys of one message that are kept; more keys are cut off. */
const INDEX_KEYS_MAX: number = 64;

/** Flag: the completion waits until the entry is durable. */
export const ENTRY_WAITS: number = 1;
/** Flag: the record has no place in a consume queue (prepared and rolled back transactions). */
export const ENTRY_UNQUEUED: number = 2;

/** Flag: the record has units in light queues, too. */
export const ENTRY_MULTI: number = 4;

/** Entries are addressed by a sequence number that only grows; `slot` gives the column index. */
export class PendingRing {
  /** Sequence number of the oldest entry. */
  head = 0;
  /** Sequence number that the next entry gets. */
  tail = 0;
  queues: (ConsumeQueue | null)[] = new Array(INITIAL_CAPACITY).fill(null);
  completions: (AppendCompletion | null)[] = new Array(INITIAL_CAPACITY).fill(null);
  physicalOffsets: Float64Array = new Float64Array(INITIAL_CAPACITY);
  queueOffsets: Float64Array = new Float64Array(INITIAL_CAPACITY);
  tagsCodes: Float64Array = new Float64Array(INITIAL_CAPACITY);
  storeTimestamps: Float64Array = new Float64Array(INITIAL_CAPACITY);
  sizes: Int32Array = new Int32Array(INITIAL_CAPACITY);
  /** Light queues of entries with `ENTRY_MULTI`. */
  lightQueues: (readonly ConsumeQueue[] | null)[] = new Array(INITIAL_CAPACITY).fill(null);
  /** `ENTRY_WAITS`, `ENTRY_UNQUEUED`, `ENTRY_MULTI`. */
  flags: Uint8Array = new Uint8Array(INITIAL_CAPACITY);
  keyCounts: Uint8Array = new Uint8Array(INITIAL_CAPACITY);
  /** Hashes of the index keys of all entries, one after the other. */
  hashes: Int32Array = new Int32Array(INITIAL_CAPACITY);
  hashHead = 0;
  hashTail = 0;
  #mask: number = INITIAL_CAPACITY - 1;
  #hashMask: number = INITIAL_CAPACITY - 1;

  get length(): number {
    return this.tail - this.head;
  }

  slot(sequence: number): number {
    return sequence & this.#mask;
  }

  hashSlot(sequence: number): number {
    return sequence & this.#hashMask;
  }

  /** The slot of a new entry; the caller fills the columns. */
  push(): number {
    if (this.tail - this.head > this.#mask) this.#grow();
    const slot = this.tail & this.#mask;
    this.tail += 1;
    return slot;
  }

  /** Adds a hash to the newest entry. */
  pushHash(slot: number, hash: number): void {
    const count = this.keyCounts[slot] ?? 0;
    if (count >= INDEX_KEYS_MAX) return;
    if (this.hashTail - this.hashHead > this.#hashMask) this.#growHashes();
    this.hashes[this.hashTail & this.#hashMask] = hash;
    this.hashTail += 1;
    this.keyCounts[slot] = count + 1;
  }

  /** Notes that the newest entry is to get units in light queues, at their next offsets. */
  setLightQueues(slot: number, queues: readonly ConsumeQueue[]): void {
    for (const queue of queues) queue.nextOffset += 1;
    this.lightQueues[slot] = queues;
    this.flags[slot] = (this.flags[slot] ?? 0) | ENTRY_MULTI;
  }

  /** Whether the entry used up an offset of its queue. */
  takesOffset(slot: number): boolean {
    return ((this.flags[slot] ?? 0) & ENTRY_UNQUEUED) === 0;
  }

  /** Lets the oldest entry go. */
  release(): void {
    const slot = this.head & this.#mask;
    this.queues[slot] = null;
    if (((this.flags[slot] ?? 0) & ENTRY_MULTI) !== 0) this.lightQueues[slot] = null;
    this.hashHead += this.keyCounts[slot] ?? 0;
    this.head += 1;
  }

  /** Takes the newest entry back; returns its slot. */
  pop(): number {
    this.tail -= 1;
    const slot = this.tail & this.#mask;
    if (((this.flags[slot] ?? 0) & ENTRY_MULTI) !== 0) {
      // The next record gets the offsets that this one had.
      for (const queue of this.lightQueues[slot] ?? []) queue.nextOffset -= 1;
      this.lightQueues[slot] = null;
    }
    this.hashTail -= this.keyCounts[slot] ?? 0;
    return slot;
  }

  #grow(): void {
    const old = this.queues.length;
    this.queues = regrown(this.queues, this.head, old);
    this.lightQueues = regrown(this.lightQueues, this.head, old);
    this.completions = regrown(this.completions, this.head, old);
    this.physicalOffsets = moved(this.physicalOffsets, new Float64Array(old * 2), this.head);
    this.queueOffsets = moved(this.queueOffsets, new Float64Array(old * 2), this.head);
    this.tagsCodes = moved(this.tagsCodes, new Float64Array(old * 2), this.head);
    this.storeTimestamps = moved(this.storeTimestamps, new Float64Array(old * 2), this.head);
    this.sizes = moved(this.sizes, new Int32Array(old * 2), this.head);
    this.flags = moved(this.flags, new Uint8Array(old * 2), this.head);
    this.keyCounts = moved(this.keyCounts, new Uint8Array(old * 2), this.head);
    this.#mask = old * 2 - 1;
  }

  #growHashes(): void {
    const old = this.hashes.length;
    this.hashes = moved(this.hashes, new Int32Array(old * 2), this.hashHead);
    this.#hashMask = old * 2 - 1;
  }
}

function regrown<T>(from: (T | null)[], head: number, old: number): (T | null)[] {
  const to: (T | null)[] = new Array(old * 2).fill(null);
  for (let i = head; i < head + old; i += 1) {
    to[i & (old * 2 - 1)] = from[i & (old - 1)] ?? null;
  }
  return to;
}

function moved<A extends Float64Array | Int32Array | Uint8Array>(from: A, to: A, head: number): A {
  const old = from.length;
  for (let i = head; i < head + old; i += 1) {
    to[i & (old * 2 - 1)] = from[i & (old - 1)] ?? 0;
  }
  return to;
}
