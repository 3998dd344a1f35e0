/**
 * The timer log: entries one after the other in files of equal length, as Apache's. What is
 * appended is kept until `write`; reading backwards goes through a few cached blocks.
 */
import type { FileSystem } from '@skylarkmq/base';
import { HandlePool } from '../file/handle-pool.ts';
import { type Segment, SegmentList } from '../file/segment-list.ts';
import {
  decodeTimerUnit,
  encodeTimerUnit,
  TIMER_UNIT_BYTES,
  type TimerUnit,
  writeInt64,
} from './timer-unit.ts';

/** At least so much of a file's end stays free for its end mark. RocketMQ: TimerLog */
const END_MARK_BYTES = 16;
/** RocketMQ: TimerLog#BLANK_MAGIC_CODE */
const END_MAGIC = (0xbbccddee ^ (1880681586 + 8)) | 0;
const BUFFER_BYTES = 64 * 1024 - ((64 * 1024) % TIMER_UNIT_BYTES);
const BLOCK_BYTES = 16 * 1024;
/** Neighbouring chains share blocks: a second's entries lie among those of other seconds. */
const BLOCKS_MAX = 64;
const OPEN_FILES_MAX = 4;
const ZEROS: Buffer = Buffer.alloc(64 * 1024);

export class TimerLog {
  readonly #segments: SegmentList;
  readonly #handles: HandlePool;
  readonly #buffer: Buffer = Buffer.alloc(BUFFER_BYTES);
  readonly #blocks = new Map<number, Buffer>();
  readonly #unsynced = new Set<string>();
  #buffered = 0;
  /** Where the buffer begins; all before it is written. */
  #writtenTo = 0;
  /** Start of the last file that was there before: what it holds is not all known. */
  readonly #inheritedTo: number;
  /** Latest TIMER_OUT_MS in each file, of what was written since the start. */
  readonly #latestOutMs = new Map<number, number>();

  constructor(fileSystem: FileSystem, directory: string, fileBytes: number) {
    this.#handles = new HandlePool(fileSystem, OPEN_FILES_MAX);
    this.#segments = new SegmentList({
      ...{ fileSystem, fileBytes, handles: this.#handles, directories: [directory] },
      syncNames: true,
    });
    this.#segments.load(true);
    this.#inheritedTo = this.#segments.last?.start ?? -1;
    this.#writtenTo = this.#segments.first?.start ?? 0;
  }

  /** First position that is still there. */
  get start(): number {
    return this.#segments.first?.start ?? 0;
  }

  /** End of what is appended. */
  get end(): number {
    return this.#writtenTo + this.#buffered;
  }

  get isEmpty(): boolean {
    return this.#segments.segments.length === 0;
  }

  get fileBytes(): number {
    return this.#segments.fileBytes;
  }

  /** Appends an entry and sets its position. */
  append(unit: TimerUnit): void {
    if (this.#buffered + TIMER_UNIT_BYTES > BUFFER_BYTES) this.write();
    const segment = this.#segmentFor();
    unit.position = this.end;
    encodeTimerUnit(unit, this.#buffer, this.#buffered);
    this.#buffered += TIMER_UNIT_BYTES;
    const latest = this.#latestOutMs.get(segment.start) ?? 0;
    this.#latestOutMs.set(segment.start, Math.max(latest, unit.outMs));
  }

  /** Hands everything to the operating system. */
  write(): void {
    if (this.#buffered === 0) return;
    const at = this.#writtenTo;
    const segment = this.#segments.find(at) ?? this.#segments.create(at);
    const handle = this.#handles.use(segment.path);
    handle.writeSync(this.#buffer, 0, this.#buffered, at - segment.start);
    this.#unsynced.add(segment.path);
    this.#forgetBlocks(at, at + this.#buffered);
    this.#writtenTo += this.#buffered;
    this.#buffered = 0;
  }

  /** Makes what is written durable. */
  async sync(): Promise<void> {
    this.write();
    const paths = [...this.#unsynced];
    this.#unsynced.clear();
    for (const path of paths) {
      const pinned = this.#handles.pin(path);
      try {
        await pinned.handle.syncData();
      } finally {
        pinned.unpin();
      }
    }
  }

  /** The entry at a position; undefined when there is none. */
  read(position: number): TimerUnit | undefined {
    if (position < this.start || position + TIMER_UNIT_BYTES > this.end) return undefined;
    if (position + TIMER_UNIT_BYTES > this.#writtenTo) this.write();
    const segment = this.#segments.find(position);
    if (segment === undefined) return undefined;
    const within = position - segment.start;
    const blockAt = within - (within % BLOCK_BYTES);
    const block = this.#block(segment, blockAt);
    return decodeTimerUnit(block, within - blockAt, position);
  }

  /** Where the entries end that begin at `from`, by their looks; calls `each` for all of them. */
  scan(from: number, each: (unit: TimerUnit) => void): number {
    let at = from;
    for (;;) {
      const segment = this.#segments.find(at);
      if (segment === undefined) return at;
      this.#writtenTo = Math.max(this.#writtenTo, at + TIMER_UNIT_BYTES);
      const unit = this.read(at);
      if (unit === undefined) {
        const next = segment.start + this.fileBytes;
        if (!this.#isEndMark(segment, at)) return at;
        at = next;
        continue;
      }
      each(unit);
      at += TIMER_UNIT_BYTES;
    }
  }

  /** Goes on at `end`; what lies behind it up to `dirtyTo` becomes zeros, for who scans later. */
  truncate(end: number, dirtyTo: number): void {
    this.#buffered = 0;
    this.#writtenTo = end;
    this.#blocks.clear();
    for (const segment of [...this.#segments.segments]) {
      if (segment.start >= end && segment.start > 0) this.#segments.remove(segment);
    }
    for (let at = end; at < dirtyTo; ) {
      const segment = this.#segments.find(at);
      if (segment === undefined) break;
      const bytes = Math.min(ZEROS.length, dirtyTo - at, segment.start + this.fileBytes - at);
      this.#handles.use(segment.path).writeSync(ZEROS, 0, bytes, at - segment.start);
      this.#unsynced.add(segment.path);
      at += bytes;
    }
  }

  /** Makes an entry the successor of another one, or the first of its chain. */
  relink(position: number, previous: number): void {
    this.write();
    const segment = this.#segments.find(position);
    if (segment === undefined) return;
    const bytes = Buffer.alloc(8);
    writeInt64(bytes, 0, previous);
    this.#handles.use(segment.path).writeSync(bytes, 0, 8, position - segment.start + 4);
    this.#unsynced.add(segment.path);
    this.#blocks.clear();
  }

  /** Moves an entry that is done with to another time, where Apache does not look for it. */
  retire(unit: TimerUnit, outMs: number): void {
    this.write();
    const segment = this.#segments.find(unit.position);
    if (segment === undefined) return;
    const bytes = Buffer.alloc(TIMER_UNIT_BYTES);
    encodeTimerUnit({ ...unit, outMs, isRetired: true }, bytes, 0);
    const handle = this.#handles.use(segment.path);
    handle.writeSync(bytes, 0, TIMER_UNIT_BYTES, unit.position - segment.start);
    this.#unsynced.add(segment.path);
    this.#blocks.clear();
  }

  /** Removes files of which all is due before `outMs`; `bound` is for those of earlier runs. */
  removeBefore(outMs: number, bound: (lastWriteMs: number) => number): void {
    for (;;) {
      const { first, last } = this.#segments;
      if (first === undefined || first === last) return;
      const ours = this.#latestOutMs.get(first.start) ?? 0;
      const earlier = first.start <= this.#inheritedTo ? bound(this.#lastWriteMs(first)) : 0;
      if (Math.max(ours, earlier) >= outMs) return;
      this.#latestOutMs.delete(first.start);
      this.#unsynced.delete(first.path);
      this.#segments.remove(first);
    }
  }

  close(): void {
    this.#handles.closeAll();
  }

  #segmentFor(): Segment {
    const segment = this.#segments.find(this.end);
    if (segment === undefined) {
      this.write();
      return this.#segments.create(this.end);
    }
    const left = segment.start + this.fileBytes - this.end;
    if (left >= TIMER_UNIT_BYTES + END_MARK_BYTES) return segment;
    this.write();
    this.#endFile(segment, left);
    return this.#segments.find(this.end) ?? this.#segments.create(this.end);
  }

  #endFile(segment: Segment, left: number): void {
    const mark = Buffer.alloc(END_MARK_BYTES);
    mark.writeInt32BE(left, 0);
    mark.writeInt32BE(END_MAGIC, 12);
    const at = this.#writtenTo - segment.start;
    this.#handles.use(segment.path).writeSync(mark, 0, END_MARK_BYTES, at);
    this.#unsynced.add(segment.path);
    this.#forgetBlocks(this.#writtenTo, this.#writtenTo + END_MARK_BYTES);
    this.#writtenTo = segment.start + this.fileBytes;
  }

  #isEndMark(segment: Segment, position: number): boolean {
    const mark = Buffer.alloc(END_MARK_BYTES);
    this.#handles.use(segment.path).readSync(mark, 0, END_MARK_BYTES, position - segment.start);
    return (
      mark.readInt32BE(12) === END_MAGIC &&
      mark.readInt32BE(0) === segment.start + this.fileBytes - position
    );
  }

  /** When the last entry of a full file was written. */
  #lastWriteMs(segment: Segment): number {
    const units = Math.floor((this.fileBytes - END_MARK_BYTES) / TIMER_UNIT_BYTES);
    return this.read(segment.start + (units - 1) * TIMER_UNIT_BYTES)?.writeMs ?? 0;
  }

  /** A block with a unit's worth of what follows it, so that each entry is whole in one. */
  #block(segment: Segment, at: number): Buffer {
    const key = segment.start + at;
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const bytes = Math.min(BLOCK_BYTES + TIMER_UNIT_BYTES, this.fileBytes - at);
    const block = Buffer.alloc(bytes);
    this.#handles.use(segment.path).readSync(block, 0, bytes, at);
    if (this.#blocks.size >= BLOCKS_MAX) {
      const [oldest] = this.#blocks.keys();
      if (oldest !== undefined) this.#blocks.delete(oldest);
    }
    this.#blocks.set(key, block);
    return block;
  }

  #forgetBlocks(from: number, to: number): void {
    for (const key of this.#blocks.keys()) {
      if (key < to && key + BLOCK_BYTES + TIMER_UNIT_BYTES > from) this.#blocks.delete(key);
    }
  }
}
