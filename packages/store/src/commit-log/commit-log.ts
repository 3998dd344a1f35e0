/**
 * The log: its files, its newest bytes in memory, and how far it is appended, written and durable.
 * `writtenOffset <= endOffset`, `durableOffset <= writtenOffset`. Knows nothing of queues.
 */
import type { HandlePool } from '../file/handle-pool.ts';
import type { Segment, SegmentList } from '../file/segment-list.ts';
import type { TailCache } from './tail-cache.ts';

/** Record length and magic that end a file, which every file has room for. */
export const BLANK_BYTES: number = 8;

/** An end of the log, and the last record before it. */
export interface LogEnd {
  readonly offset: number;
  /** -1 when there is no record. */
  readonly lastRecordOffset: number;
  readonly lastRecordBytes: number;
}

/** What was written so lately is in the page cache, unless the machine is out of memory. */
const RECENT_BYTES = 128 * 1024 * 1024;
/** A read of recent bytes up to this takes less time than waiting for a thread to do it. */
const SMALL_READ_BYTES = 128 * 1024;

const NOTHING: LogEnd = { offset: 0, lastRecordOffset: -1, lastRecordBytes: 0 };

export class CommitLog {
  readonly segments: SegmentList;
  readonly tail: TailCache;
  readonly handles: HandlePool;
  /** End of what is appended, in memory at least. */
  endOffset = 0;
  /** Where the last appended record begins; -1 when there is none. */
  lastRecordOffset = -1;
  lastRecordBytes = 0;
  /** End of what is in the files. */
  written: LogEnd = NOTHING;
  /** End of what fdatasync confirmed. */
  durable: LogEnd = NOTHING;
  /** Where the log ended when it was opened. */
  #openedEnd = 0;

  constructor(segments: SegmentList, tail: TailCache, handles: HandlePool) {
    this.segments = segments;
    this.tail = tail;
    this.handles = handles;
  }

  /** First offset that the files have. */
  get minOffset(): number {
    return this.segments.first?.start ?? 0;
  }

  get writtenOffset(): number {
    return this.written.offset;
  }

  get durableOffset(): number {
    return this.durable.offset;
  }

  /** What this process wrote lately begins here. */
  get recentStart(): number {
    return Math.max(this.#openedEnd, this.endOffset - RECENT_BYTES);
  }

  /** The end of what is appended. */
  get end(): LogEnd {
    const { lastRecordOffset, lastRecordBytes } = this;
    return { offset: this.endOffset, lastRecordOffset, lastRecordBytes };
  }

  /** Sets all three ends, after recovery. */
  beginAt(end: LogEnd): void {
    this.written = end;
    this.durable = end;
    this.#openedEnd = end.offset;
    this.rewind();
  }

  /** Forgets what is appended and not written. */
  rewind(): void {
    this.tail.truncate(this.written.offset);
    this.endOffset = this.written.offset;
    this.lastRecordOffset = this.written.lastRecordOffset;
    this.lastRecordBytes = this.written.lastRecordBytes;
  }

  /** Where the file that holds `offset` ends. */
  fileEnd(segment: Segment): number {
    return segment.start + this.segments.fileBytes;
  }

  /** Reads written bytes from one file; returns how many (fewer at the end of the file). */
  readSync(offset: number, bytes: number, target: Buffer, at = 0): number {
    const segment = this.segments.find(offset);
    if (segment === undefined) return 0;
    const length = Math.min(bytes, this.fileEnd(segment) - offset);
    return this.handles.use(segment.path).readSync(target, at, length, offset - segment.start);
  }

  /** The same without blocking the event loop for longer than a read from memory takes. */
  async read(offset: number, bytes: number, target: Buffer): Promise<number> {
    const isQuick = offset >= this.recentStart && bytes <= SMALL_READ_BYTES;
    if (isQuick) return this.readSync(offset, bytes, target);
    const segment = this.segments.find(offset);
    if (segment === undefined) return 0;
    const length = Math.min(bytes, this.fileEnd(segment) - offset);
    const pinned = this.handles.pin(segment.path);
    try {
      return await pinned.handle.read(target, 0, length, offset - segment.start);
    } finally {
      pinned.unpin();
    }
  }
}
