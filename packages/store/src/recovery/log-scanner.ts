/**
 * Walks the log record by record through a window of its bytes. What an invalid record means is
 * the caller's to decide.
 */
import type { CommitLog } from '../commit-log/commit-log.ts';
import type { RecordVerifier } from './record-verifier.ts';

const WINDOW_BYTES = 4 * 1024 * 1024;
/** The first three bytes of the magic of both record versions. */
const MAGIC_START = Buffer.from([0xda, 0xa3, 0x20]);
/** The magic follows the length. */
const MAGIC_AT = 4;

/** Hears of each valid record: where it lies in the window, and in the log. */
export type RecordVisitor = (
  window: Buffer,
  at: number,
  size: number,
  physicalOffset: number,
) => void;

/** Where a walk ended, and why: an empty reason means the end of the files. */
export interface ScanStop {
  readonly offset: number;
  readonly reason: string;
}

export class LogScanner {
  readonly #log: CommitLog;
  readonly #verifier: RecordVerifier;
  readonly #window: Buffer;
  #windowStart = 0;
  #windowBytes = 0;
  recordsScanned = 0;

  constructor(log: CommitLog, verifier: RecordVerifier) {
    this.#log = log;
    this.#verifier = verifier;
    this.#window = Buffer.allocUnsafe(Math.max(WINDOW_BYTES, verifier.recordBytesMax));
  }

  /** Visits valid records from `from` on; stops at the first that is not valid, or at `limit`. */
  run(from: number, visit: RecordVisitor, limit: number = Number.POSITIVE_INFINITY): ScanStop {
    let offset = from;
    for (;;) {
      if (offset >= limit) return { offset, reason: '' };
      const segment = this.#log.segments.find(offset);
      if (segment === undefined) return { offset, reason: '' };
      const fileEnd = this.#log.fileEnd(segment);
      const kind = this.#verifier.classify(this.#at(offset, 8), fileEnd - offset);
      if (kind === 'blank') {
        offset = fileEnd;
        continue;
      }
      if (kind === 'none') return { offset, reason: 'no record begins there' };
      const size = this.#verifier.claimedBytes;
      const view = this.#at(offset, size);
      const at = offset - this.#windowStart;
      const reason = view.length < size ? 'cut off' : this.#check(at, size, offset);
      if (reason !== '') return { offset, reason };
      this.recordsScanned += 1;
      visit(this.#window, at, size, offset);
      offset += size;
    }
  }

  /**
   * The next place from `from` on, before `limit`, where a record proves itself, or a file begins;
   * `limit` when there is none.
   */
  findProven(from: number, limit: number): number {
    let offset = from;
    while (offset < limit) {
      const segment = this.#log.segments.find(offset) ?? this.#log.segments.findFrom(offset);
      if (segment === undefined || segment.start >= limit) return limit;
      if (segment.start >= offset && segment.start > from) return segment.start;
      const end = Math.min(limit, this.#log.fileEnd(segment));
      const found = this.#searchFile(offset, end);
      if (found >= 0) return found;
      offset = this.#log.fileEnd(segment);
    }
    return limit;
  }

  #searchFile(from: number, end: number): number {
    let offset = from;
    while (offset + MAGIC_AT < end) {
      const view = this.#at(offset, Math.min(this.#window.length, end - offset));
      const found = view.indexOf(MAGIC_START);
      if (found < 0) {
        offset += Math.max(1, view.length - MAGIC_START.length);
        if (view.length <= MAGIC_START.length) return -1;
        continue;
      }
      const candidate = offset + found - MAGIC_AT;
      if (candidate >= from && this.#proves(candidate)) return candidate;
      offset += found + 1;
    }
    return -1;
  }

  #proves(offset: number): boolean {
    const segment = this.#log.segments.find(offset);
    if (segment === undefined) return false;
    const room = this.#log.fileEnd(segment) - offset;
    if (this.#verifier.classify(this.#at(offset, 8), room) !== 'record') return false;
    const size = this.#verifier.claimedBytes;
    const view = this.#at(offset, size);
    return view.length >= size && this.#check(offset - this.#windowStart, size, offset) === '';
  }

  #check(at: number, size: number, offset: number): string {
    return this.#verifier.check(this.#window, at, size, offset);
  }

  /** The bytes from `offset` on: at least `bytes` unless the file ends before. */
  #at(offset: number, bytes: number): Buffer {
    const inside =
      offset >= this.#windowStart && offset + bytes <= this.#windowStart + this.#windowBytes;
    if (!inside) {
      this.#windowStart = offset;
      this.#windowBytes = this.#log.readSync(offset, this.#window.length, this.#window);
    }
    return this.#window.subarray(offset - this.#windowStart, this.#windowBytes);
  }
}
