/**
 * The half messages that wait for their outcome. A half is in this table from the moment it is in
 * the log until its outcome is: whoever finds it here decides, and nobody decides twice.
 */

/** Half messages that one broker keeps pending at most; more are refused. About 150 bytes each. */
export const PENDING_HALVES_MAX = 1_000_000;

/** One transaction without an outcome. */
export interface PendingHalf {
  /** The newest copy: its offset in the half queue, its place in the log, its bytes there. */
  queueOffset: number;
  physicalOffset: number;
  recordBytes: number;
  /** When the transaction began, by this broker's clock or the producer's, whichever is less. */
  readonly sinceMs: number;
  /** How long it is left in peace; -1 for the broker's own time. */
  readonly immunityMs: number;
  /** How often producers were asked. */
  checks: number;
  /** Offsets in the half queue of older copies, the first one first. */
  older: number[] | null;
}

/** Older copies that are remembered, besides the first. */
const OLDER_MAX = 32;

export class PendingHalves {
  /** By the offset of the newest copy. */
  readonly #newest = new Map<number, PendingHalf>();
  readonly #older = new Map<number, PendingHalf>();

  get size(): number {
    return this.#newest.size;
  }

  add(half: PendingHalf): void {
    this.#newest.set(half.queueOffset, half);
    for (const offset of half.older ?? []) this.#older.set(offset, half);
  }

  /** By the offset of any of its copies; undefined when it has ended or never was. */
  find(queueOffset: number): PendingHalf | undefined {
    return this.#newest.get(queueOffset) ?? this.#older.get(queueOffset);
  }

  has(half: PendingHalf): boolean {
    return this.#newest.get(half.queueOffset) === half;
  }

  /** The half has a newer copy at the end of the queue. */
  moved(half: PendingHalf, queueOffset: number, physicalOffset: number, recordBytes: number): void {
    const before = half.queueOffset;
    this.#newest.delete(before);
    this.#older.set(before, half);
    half.older ??= [];
    half.older.push(before);
    if (half.older.length > OLDER_MAX) {
      for (const forgotten of half.older.splice(1, 1)) this.#older.delete(forgotten);
    }
    half.queueOffset = queueOffset;
    half.physicalOffset = physicalOffset;
    half.recordBytes = recordBytes;
    this.#newest.set(queueOffset, half);
  }

  /** The half has its outcome; false when it had one already. */
  end(half: PendingHalf): boolean {
    if (!this.has(half)) return false;
    this.#newest.delete(half.queueOffset);
    for (const offset of half.older ?? []) this.#older.delete(offset);
    return true;
  }

  /** The smallest offset of the half queue that is still needed; `otherwise` when none is. */
  floor(otherwise: number): number {
    let floor = otherwise;
    for (const offset of this.#newest.keys()) if (offset < floor) floor = offset;
    return floor;
  }

  all(): IterableIterator<PendingHalf> {
    return this.#newest.values();
  }
}
