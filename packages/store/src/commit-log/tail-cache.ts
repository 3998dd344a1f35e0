/**
 * The newest bytes of the log, in the buffers that they were encoded into. The writer writes from
 * here, consumers at the tail are served from here: one copy for everybody. A record never lies in
 * two chunks, and a chunk never in two files.
 */
import type { Segment } from '../file/segment-list.ts';

/** Size of a usual chunk; a longer record gets a chunk of its own. */
const CHUNK_BYTES = 1024 * 1024;
/** Chunks kept for reuse, so that a steady flow allocates nothing. */
const SPARE_CHUNKS_MAX = 4;
/** What consumers still read at the old end may make the cache so many times larger. */
const GROWTH_MAX = 2;
/** Who reads comes back before the log grew by this part of the limit. */
const READ_AGAIN_SHARE = 1 / 4;

/** A stretch of the log in memory: `buffer[0]` is the byte at logical offset `base`. */
export class TailChunk {
  buffer: Buffer;
  base = 0;
  /** One past the last byte that is filled, as a logical offset. */
  end = 0;
  /** Readers that hold slices of the buffer. */
  pins = 0;
  /** Where the log ended when somebody looked for the chunk last; -1 before. */
  readAt = -1;
  segment: Segment;

  constructor(buffer: Buffer, segment: Segment) {
    this.buffer = buffer;
    this.segment = segment;
  }
}

/** Chunks in order of the log, bounded by bytes. */
export class TailCache {
  readonly #limitBytes: number;
  readonly #chunkBytes: number;
  readonly #chunks: TailChunk[] = [];
  readonly #spare: Buffer[] = [];
  #bytes = 0;

  /**
   * `limitBytes`: what is kept besides what is not yet written; up to twice as much while the
   * oldest of it is read.
   */
  constructor(limitBytes: number, segmentBytes: number) {
    this.#limitBytes = limitBytes;
    this.#chunkBytes = Math.min(CHUNK_BYTES, segmentBytes);
  }

  /** Logical offset of the oldest byte in memory; Infinity when nothing is. */
  get start(): number {
    return this.#chunks[0]?.base ?? Number.POSITIVE_INFINITY;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The chunk in which the `bytes` from logical `offset` on are to be put, at `offset - base`.
   * `offset` must be the end of what is there, or the start of a later file.
   */
  reserve(segment: Segment, offset: number, bytes: number): TailChunk {
    const last = this.#chunks[this.#chunks.length - 1];
    if (
      last !== undefined &&
      last.end === offset &&
      last.segment === segment &&
      offset - last.base + bytes <= last.buffer.length
    ) {
      return last;
    }
    return this.#add(segment, offset, bytes);
  }

  /** The chunk that holds the byte at `offset`, or null. Whoever asks is about to read it. */
  find(offset: number): TailChunk | null {
    const chunks = this.#chunks;
    const newest = chunks[chunks.length - 1];
    if (newest === undefined || offset >= newest.end) return null;
    const chunk = offset >= newest.base ? newest : this.#search(offset);
    if (chunk !== null) chunk.readAt = newest.end;
    return chunk;
  }

  /** Calls `visit` for each filled stretch from `from` on, in order. */
  forEachFrom(from: number, visit: (chunk: TailChunk, start: number) => void): void {
    const chunks = this.#chunks;
    let first = chunks.length;
    while (first > 0 && (chunks[first - 1]?.end ?? 0) > from) first -= 1;
    for (let i = first; i < chunks.length; i += 1) {
      const chunk = chunks[i];
      if (chunk !== undefined) visit(chunk, Math.max(chunk.base, from));
    }
  }

  /** Lets the oldest chunks go while there is too much; nothing from `keepFrom` on. */
  trim(keepFrom: number): void {
    while (this.#bytes > this.#limitBytes && this.#chunks.length > 1) {
      const oldest = this.#chunks[0];
      if (oldest === undefined || oldest.end > keepFrom || this.#isInUse(oldest)) return;
      this.#chunks.shift();
      this.#discard(oldest);
    }
  }

  /** Forgets everything from `offset` on: it never happened. */
  truncate(offset: number): void {
    for (;;) {
      const newest = this.#chunks[this.#chunks.length - 1];
      if (newest === undefined || newest.end <= offset) return;
      if (newest.base < offset) {
        newest.end = offset;
        return;
      }
      this.#chunks.pop();
      this.#discard(newest);
    }
  }

  /** To read it again from the file would cost its readers more than a little memory. */
  #isInUse({ readAt }: TailChunk): boolean {
    if (readAt < 0 || this.#bytes > this.#limitBytes * GROWTH_MAX) return false;
    const end = this.#chunks[this.#chunks.length - 1]?.end ?? 0;
    return end - readAt < this.#limitBytes * READ_AGAIN_SHARE;
  }

  #search(offset: number): TailChunk | null {
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const chunk = chunks[middle];
      if (chunk === undefined) return null;
      if (offset < chunk.base) high = middle - 1;
      else if (offset >= chunk.end) low = middle + 1;
      else return chunk;
    }
    return null;
  }

  #add(segment: Segment, offset: number, bytes: number): TailChunk {
    const spare = bytes <= this.#chunkBytes ? this.#spare.pop() : undefined;
    const size = Math.max(bytes, this.#chunkBytes);
    // Never from the shared pool: a chunk must not share its memory with other buffers.
    const chunk = new TailChunk(spare ?? Buffer.allocUnsafeSlow(size), segment);
    chunk.base = offset;
    chunk.end = offset;
    this.#chunks.push(chunk);
    this.#bytes += chunk.buffer.length;
    return chunk;
  }

  #discard(chunk: TailChunk): void {
    this.#bytes -= chunk.buffer.length;
    // A chunk that somebody still reads is left to the garbage collector, never written again.
    const reusable = chunk.pins === 0 && chunk.buffer.length === this.#chunkBytes;
    if (reusable && this.#spare.length < SPARE_CHUNKS_MAX) this.#spare.push(chunk.buffer);
  }
}
