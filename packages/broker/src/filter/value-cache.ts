/**
 * Values of properties of records that were looked at lately. Many groups read the same messages of
 * a topic, each by its own expression: what one of them decoded is there for the next. Of fixed
 * size; a record takes the place of another one.
 */

/** Records that have a place. A power of two, and more than one pull looks at. */
const PLACES = 4096;
/** Values that are kept of each. A power of two. */
const CELLS = 16;
/** Longer values are read again each time. */
const VALUE_CHARS_MAX = 64;
/** Numbers of a queue's messages that stand between those of the next queue. */
const QUEUE_STEP = 797;

/** Where a record has what tells it from others, all of 4 bytes: docs/formats/commit-log.md. */
const SIZE_AT = 0;
const BODY_CRC_AT = 8;
const QUEUE_ID_AT = 12;
const QUEUE_OFFSET_LOW_AT = 24;
const POSITION_AT = 28;
const BORN_LOW_AT = 44;
/** Numbers that make up a record's identity. */
const IDENTITY = 5;

export class ValueCache {
  #identities = new Int32Array(0);
  /** Ids of the variables whose values are kept, 0 for none. */
  #ids = new Int32Array(0);
  #values: (string | null)[] = [];

  /**
   * Where values of the record are kept; -1 for one that was not seen before, whose values are not
   * kept: for records that only one consumer reads a cache costs more than it spares.
   */
  place(buffer: Buffer, start: number): number {
    const queueId = int32(buffer, start + QUEUE_ID_AT);
    // Messages that follow each other in a queue never take each other's place.
    const number = int32(buffer, start + QUEUE_OFFSET_LOW_AT) + Math.imul(queueId, QUEUE_STEP);
    const place = number & (PLACES - 1);
    if (this.#isAt(place, buffer, start)) return place;
    this.#take(place, buffer, start);
    return -1;
  }

  /** The value of a variable; null when the record has none, undefined when it is not known. */
  get(place: number, id: number): string | null | undefined {
    const cell = place * CELLS + (id & (CELLS - 1));
    return this.#ids[cell] === id ? this.#values[cell] : undefined;
  }

  set(place: number, id: number, value: string | null): void {
    if (value !== null && value.length > VALUE_CHARS_MAX) return;
    const cell = place * CELLS + (id & (CELLS - 1));
    this.#ids[cell] = id;
    this.#values[cell] = value;
  }

  #isAt(place: number, buffer: Buffer, start: number): boolean {
    const identities = this.#identities;
    const at = place * IDENTITY;
    return (
      identities[at] === int32(buffer, start + POSITION_AT + 4) &&
      identities[at + 1] === int32(buffer, start + POSITION_AT) &&
      identities[at + 2] === int32(buffer, start + BODY_CRC_AT) &&
      identities[at + 3] === int32(buffer, start + BORN_LOW_AT) &&
      identities[at + 4] === int32(buffer, start + SIZE_AT)
    );
  }

  #take(place: number, buffer: Buffer, start: number): void {
    if (this.#values.length === 0) this.#allocate();
    const identities = this.#identities;
    const at = place * IDENTITY;
    identities[at] = int32(buffer, start + POSITION_AT + 4);
    identities[at + 1] = int32(buffer, start + POSITION_AT);
    // A replica may have cut the end of its log off and written other messages there.
    identities[at + 2] = int32(buffer, start + BODY_CRC_AT);
    identities[at + 3] = int32(buffer, start + BORN_LOW_AT);
    identities[at + 4] = int32(buffer, start + SIZE_AT);
    const end = (place + 1) * CELLS;
    for (let cell = place * CELLS; cell < end; cell += 1) this.#ids[cell] = 0;
  }

  #allocate(): void {
    this.#identities = new Int32Array(PLACES * IDENTITY);
    this.#ids = new Int32Array(PLACES * CELLS);
    this.#values = new Array<string | null>(PLACES * CELLS).fill(null);
  }
}

export function int32(buffer: Buffer, at: number): number {
  return (
    ((buffer[at] ?? 0) << 24) |
    ((buffer[at + 1] ?? 0) << 16) |
    ((buffer[at + 2] ?? 0) << 8) |
    (buffer[at + 3] ?? 0)
  );
}
