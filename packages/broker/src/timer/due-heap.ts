/** Messages of the near future, the earliest first. A heap in plain arrays: 40 bytes a message. */

export interface DueMessage {
  readonly dueMs: number;
  /** When its entry was written. */
  readonly writeMs: number;
  readonly physicalOffset: number;
  readonly recordBytes: number;
  readonly magic: number;
}

const FIELDS = 5;

export class DueHeap {
  /** The fields of each message, one after the other. */
  #values: Float64Array = new Float64Array(FIELDS * 64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** When the earliest is due; Infinity for an empty heap. */
  get earliestMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#values[0] ?? 0);
  }

  push({ dueMs, writeMs, physicalOffset, recordBytes, magic }: DueMessage): void {
    const at = this.#size * FIELDS;
    if (at === this.#values.length) this.#resize(this.#values.length * 2);
    this.#size += 1;
    const values = this.#values;
    values[at] = dueMs;
    values[at + 1] = physicalOffset;
    values[at + 2] = recordBytes;
    values[at + 3] = magic;
    values[at + 4] = writeMs;
    this.#up(this.#size - 1);
  }

  /** Takes the earliest; of equal ones the one that was stored first. */
  pop(): DueMessage | undefined {
    if (this.#size === 0) return undefined;
    const values = this.#values;
    const earliest = {
      dueMs: values[0] ?? 0,
      physicalOffset: values[1] ?? 0,
      recordBytes: values[2] ?? 0,
      magic: values[3] ?? 0,
      writeMs: values[4] ?? 0,
    };
    this.#size -= 1;
    values.copyWithin(0, this.#size * FIELDS, (this.#size + 1) * FIELDS);
    this.#down(0);
    if (values.length > FIELDS * 1024 && this.#size * FIELDS < values.length / 4) {
      this.#resize(values.length / 2);
    }
    return earliest;
  }

  #resize(length: number): void {
    const values = new Float64Array(length);
    values.set(this.#values.subarray(0, Math.min(length, this.#size * FIELDS)));
    this.#values = values;
  }

  #up(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(from: number): void {
    for (let at = from; ; ) {
      let least = at;
      const left = 2 * at + 1;
      if (left < this.#size && this.#isBefore(left, least)) least = left;
      if (left + 1 < this.#size && this.#isBefore(left + 1, least)) least = left + 1;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const values = this.#values;
    const dueA = values[a * FIELDS] ?? 0;
    const dueB = values[b * FIELDS] ?? 0;
    if (dueA !== dueB) return dueA < dueB;
    return (values[a * FIELDS + 1] ?? 0) < (values[b * FIELDS + 1] ?? 0);
  }

  #swap(a: number, b: number): void {
    const values = this.#values;
    for (let field = 0; field < FIELDS; field += 1) {
      const value = values[a * FIELDS + field] ?? 0;
      values[a * FIELDS + field] = values[b * FIELDS + field] ?? 0;
      values[b * FIELDS + field] = value;
    }
  }
}
