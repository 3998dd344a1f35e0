/**
 * One queue of one topic: where its messages lie in the log. The newest units are kept in a small
 * buffer that is written out lazily; everything here can be rebuilt from the log. Must not know
 * what a record looks like.
 */
import type { FileSystem } from '@skylarkmq/base';
import type { HandlePool } from '../file/handle-pool.ts';
import { SegmentList } from '../file/segment-list.ts';
import type { QueueHandle } from '../queue-handle.ts';
import type { Topic } from './topic.ts';
import {
  FILLER_SIZE,
  UNIT_BYTES,
  unitExtAddress,
  unitPhysicalOffset,
  unitSize,
  unitTagsCode,
  writeExtAddress,
  writeUnit,
} from './unit.ts';
import type { UnitBuffers } from './unit-buffers.ts';

/** Units of filler that are written at a time. */
const FILLER_BATCH_UNITS = 4096;
/** A block of zeros of this length ends the search for leftovers. */
const BLANK_BLOCK_BYTES = 64 * 1024;

/** What a queue shares with all others of its store. */
export interface ConsumeQueueContext {
  readonly fileSystem: FileSystem;
  readonly handles: HandlePool;
  readonly buffers: UnitBuffers;
  /** A multiple of 20. */
  readonly fileBytes: number;
  /** Whether files that are too short are a crash's doing, not another configuration's. */
  readonly repair: () => boolean;
  /** Told when a queue gets its first unit that is not on disk. */
  readonly onDirty: (queue: ConsumeQueue) => void;
  /** Told when units could not be written and stay in memory. */
  readonly onWriteError: (error: unknown) => void;
}

/** Offsets count units. `syncedOffset <= flushedOffset <= maxOffset <= nextOffset`. */
export class ConsumeQueue implements QueueHandle {
  readonly topicInfo: Topic;
  readonly topic: string;
  readonly queueId: number;
  readonly directory: string;
  minOffset = 0;
  maxOffset = 0;
  nextOffset = 0;
  /** Up to here the units are in the file (not necessarily durable). */
  flushedOffset = 0;
  /** Up to here they are durable there. */
  syncedOffset = 0;
  /** Files that were written since they were last made durable. */
  unsynced: string[] = [];
  /** Whether something before `syncedOffset` changed in them, or in front of all units. */
  isRewritten = false;
  /** Units from `tailBase` to `maxOffset`; null when none are kept. */
  tail: Buffer | null = null;
  tailBase = 0;
  /** Whether its range was never set: the first unit that is restored decides where it begins. */
  isUnknown = true;
  /** Where the newest message since the start lies in the log; -1 while there was none. */
  newestPhysicalOffset = -1;
  /** Whether it stands in the list of queues to flush. */
  listed = false;
  /** Whether it stands in the list of queues whose buffer may be given back. */
  warm = false;
  /** `maxOffset` when it was last looked at for that. */
  coolAt = -1;
  readonly #context: ConsumeQueueContext;
  #segments: SegmentList | null = null;

  constructor(context: ConsumeQueueContext, topic: Topic, queueId: number, directory: string) {
    this.#context = context;
    this.topicInfo = topic;
    this.topic = topic.name;
    this.queueId = queueId;
    this.directory = directory;
  }

  /** The files, read from the directory at the first call. */
  get segments(): SegmentList {
    if (this.#segments === null) {
      const { fileSystem, handles, fileBytes } = this.#context;
      const directories = [this.directory];
      // Names need not be durable at once: a file that is lost is built again.
      const options = { fileSystem, handles, directories, fileBytes, syncNames: false };
      this.#segments = new SegmentList(options);
      this.#segments.load(this.#context.repair());
    }
    return this.#segments;
  }

  /** Adds the unit at `maxOffset` and makes it visible. */
  append(physicalOffset: number, size: number, tagsCode: number): void {
    let tail = this.tail;
    let position = (this.maxOffset - this.tailBase) * UNIT_BYTES;
    if (tail === null || position === tail.length) {
      tail = this.#makeRoom(tail);
      position = (this.maxOffset - this.tailBase) * UNIT_BYTES;
    }
    writeUnit(tail, position, physicalOffset, size, tagsCode);
    this.newestPhysicalOffset = physicalOffset;
    this.isUnknown = false;
    this.maxOffset += 1;
    if (!this.listed) {
      this.listed = true;
      this.#context.onDirty(this);
    }
  }

  /** The same for a message of which the extension files keep more, its tags code among it. */
  appendExtended(physicalOffset: number, size: number, address: number): void {
    this.append(physicalOffset, size, 0);
    const position = (this.maxOffset - 1 - this.tailBase) * UNIT_BYTES;
    if (this.tail !== null) writeExtAddress(this.tail, position, address);
  }

  /** Adds units as they were saved, at start. */
  appendUnits(units: Buffer): void {
    for (let at = 0; at < units.length; at += UNIT_BYTES) {
      this.append(0, 0, 0);
      const position = (this.maxOffset - 1 - this.tailBase) * UNIT_BYTES;
      if (this.tail !== null) units.copy(this.tail, position, at, at + UNIT_BYTES);
    }
    this.nextOffset = this.maxOffset;
    this.newestPhysicalOffset = -1;
  }

  /**
   * Puts the unit of `offset` where it belongs, whatever is there: skips what is equal, repairs
   * what differs, fills a gap before it with units that stand for nothing. Returns how many units
   * were missing before it.
   */
  restore(offset: number, physicalOffset: number, size: number, tagsCode: number): number {
    if (this.isUnknown) this.startAt(offset);
    if (offset < this.minOffset) return 0;
    if (offset < this.maxOffset) {
      this.#repair(offset, physicalOffset, size, tagsCode);
      return 0;
    }
    const missing = offset - this.maxOffset;
    while (this.maxOffset < offset) this.append(0, FILLER_SIZE, 0);
    this.append(physicalOffset, size, tagsCode);
    this.nextOffset = this.maxOffset;
    return missing;
  }

  /** Sets what is known to be in the files. */
  setRange(minOffset: number, maxOffset: number): void {
    this.startAt(maxOffset);
    this.minOffset = minOffset;
  }

  /** Sets an empty queue to begin at `offset`. */
  startAt(offset: number): void {
    if (this.tail !== null) this.#context.buffers.giveBack(this.tail);
    this.tail = null;
    this.isUnknown = false;
    this.minOffset = offset;
    this.maxOffset = offset;
    this.nextOffset = offset;
    this.flushedOffset = offset;
    this.syncedOffset = offset;
    this.tailBase = offset;
  }

  /** Writes what is not on disk yet; returns how many units. */
  flush(): number {
    const tail = this.tail;
    const count = this.maxOffset - this.flushedOffset;
    if (tail === null || count === 0) return 0;
    while (this.flushedOffset < this.maxOffset) {
      const position = this.flushedOffset * UNIT_BYTES;
      const segment = this.#segmentFor(position);
      const room = segment.start + this.segments.fileBytes - position;
      const bytes = Math.min(room, (this.maxOffset - this.flushedOffset) * UNIT_BYTES);
      const from = (this.flushedOffset - this.tailBase) * UNIT_BYTES;
      const handle = this.#context.handles.use(segment.path);
      handle.writeSync(tail, from, bytes, position - segment.start);
      this.#wrote(segment.path);
      this.flushedOffset += bytes / UNIT_BYTES;
    }
    return count;
  }

  /** Gives the buffer back when everything in it is on disk. */
  releaseTail(): void {
    if (this.tail === null || this.flushedOffset !== this.maxOffset) return;
    this.#context.buffers.giveBack(this.tail);
    this.tail = null;
    this.tailBase = this.maxOffset;
  }

  /** Reads units that are on disk into `target`; returns how many (to the end of a file). */
  readSync(offset: number, count: number, target: Buffer): number {
    const place = this.#place(offset, count, target);
    if (place === null) return 0;
    const handle = this.#context.handles.use(place.path);
    const read = handle.readSync(target, 0, place.bytes, place.at);
    return Math.floor(read / UNIT_BYTES);
  }

  /** The same without blocking the event loop. */
  async read(offset: number, count: number, target: Buffer): Promise<number> {
    const place = this.#place(offset, count, target);
    if (place === null) return 0;
    const pinned = this.#context.handles.pin(place.path);
    try {
      const read = await pinned.handle.read(target, 0, place.bytes, place.at);
      return Math.floor(read / UNIT_BYTES);
    } finally {
      pinned.unpin();
    }
  }

  /** Copies one unit, from memory or disk; false when there is none. */
  unitAt(offset: number, target: Buffer): boolean {
    if (offset < this.minOffset || offset >= this.maxOffset) return false;
    if (this.tail !== null && offset >= this.tailBase) {
      const from = (offset - this.tailBase) * UNIT_BYTES;
      this.tail.copy(target, 0, from, from + UNIT_BYTES);
      return true;
    }
    return this.readSync(offset, 1, target) === 1;
  }

  /**
   * Units from `from` to `to`, from memory and files; null when they are not all there. Valid until
   * the next append.
   */
  unitsBetween(from: number, to: number): Buffer | null {
    if (this.tail !== null && from >= this.tailBase) {
      const at = (from - this.tailBase) * UNIT_BYTES;
      return this.tail.subarray(at, at + (to - from) * UNIT_BYTES);
    }
    const units = Buffer.alloc((to - from) * UNIT_BYTES);
    const unit = Buffer.alloc(UNIT_BYTES);
    for (let at = from; at < to; ) {
      const inFile = this.tail === null ? to : Math.min(to, this.tailBase);
      if (at < inFile) {
        const read = this.readSync(at, inFile - at, units.subarray((at - from) * UNIT_BYTES));
        if (read === 0) return null;
        at += read;
      } else {
        if (!this.unitAt(at, unit)) return null;
        unit.copy(units, (at - from) * UNIT_BYTES);
        at += 1;
      }
    }
    return units;
  }

  /**
   * Blanks what the files hold from `maxOffset` on: leftovers that must not be taken for units some
   * day. Everything up to there must be written.
   */
  blankRest(): void {
    const position = this.maxOffset * UNIT_BYTES;
    const { segments } = this;
    for (let last = segments.last; last && last.start > position; last = segments.last) {
      segments.remove(last);
    }
    const segment = segments.find(position);
    if (segment === undefined) return;
    const block = Buffer.allocUnsafe(BLANK_BLOCK_BYTES);
    const zeros = Buffer.alloc(BLANK_BLOCK_BYTES);
    const handle = this.#context.handles.use(segment.path);
    for (let at = position - segment.start; at < segments.fileBytes; at += block.length) {
      const read = handle.readSync(block, 0, block.length, at);
      if (read === 0 || block.compare(zeros, 0, read, 0, read) === 0) return;
      handle.writeSync(zeros, 0, read, at);
      this.#wrote(segment.path);
      this.isRewritten = true;
    }
  }

  /** Forgets everything and removes the files. */
  destroy(): void {
    const segments = this.segments;
    for (let last = segments.last; last !== undefined; last = segments.last) segments.remove(last);
    this.unsynced = [];
    this.isRewritten = false;
    this.startAt(0);
    this.#context.fileSystem.remove(this.directory);
  }

  #place(
    offset: number,
    count: number,
    target: Buffer,
  ): { path: string; at: number; bytes: number } | null {
    const position = offset * UNIT_BYTES;
    const segment = this.segments.find(position);
    if (segment === undefined) return null;
    const room = segment.start + this.segments.fileBytes - position;
    const units = Math.min(count, this.flushedOffset - offset);
    const bytes = Math.min(units * UNIT_BYTES, room, target.length);
    return bytes <= 0 ? null : { path: segment.path, at: position - segment.start, bytes };
  }

  #makeRoom(tail: Buffer | null): Buffer {
    const { buffers } = this.#context;
    if (tail === null) {
      this.tailBase = this.maxOffset;
      this.tail = buffers.larger(0);
      return this.tail;
    }
    const units = this.maxOffset - this.tailBase;
    if (buffers.isLargest(tail)) {
      if (!this.#flushes()) {
        // The disk is full: the unit must have its place all the same. Appends end soon.
        const twice = buffers.twice(tail);
        tail.copy(twice, 0, 0, units * UNIT_BYTES);
        this.tail = twice;
        return twice;
      }
      // Keep the newest quarter: consumers at the tail read it without touching the file.
      const dropped = units - (units >> 2);
      tail.copyWithin(0, dropped * UNIT_BYTES, units * UNIT_BYTES);
      this.tailBase += dropped;
      return tail;
    }
    const larger = buffers.larger(units);
    tail.copy(larger, 0, 0, units * UNIT_BYTES);
    buffers.giveBack(tail);
    this.tail = larger;
    return larger;
  }

  /** Writes what can be written; an error will come up again, and be reported, at a flush. */
  #flushes(): boolean {
    try {
      this.flush();
      return true;
    } catch (error) {
      this.#context.onWriteError(error);
      return false;
    }
  }

  #repair(offset: number, physicalOffset: number, size: number, tagsCode: number): void {
    const unit = Buffer.alloc(UNIT_BYTES);
    const there = this.unitAt(offset, unit);
    const equal =
      there &&
      unitPhysicalOffset(unit, 0) === physicalOffset &&
      unitSize(unit, 0) === size &&
      // What Apache keeps of the message besides stays: the tags code is there, too.
      (unitTagsCode(unit, 0) === tagsCode || unitExtAddress(unit, 0) >= 0);
    if (equal) return;
    writeUnit(unit, 0, physicalOffset, size, tagsCode);
    if (this.tail !== null && offset >= this.tailBase) {
      unit.copy(this.tail, (offset - this.tailBase) * UNIT_BYTES);
    }
    if (offset < this.flushedOffset) this.#overwrite(offset, unit);
  }

  #overwrite(offset: number, units: Buffer): void {
    const segment = this.#segmentFor(offset * UNIT_BYTES);
    const at = offset * UNIT_BYTES - segment.start;
    this.#context.handles.use(segment.path).writeSync(units, 0, units.length, at);
    this.#wrote(segment.path);
    this.isRewritten = true;
  }

  #segmentFor(position: number): { path: string; start: number } {
    const { segments } = this;
    const found = segments.find(position);
    if (found !== undefined) return found;
    const wasEmpty = segments.first === undefined;
    const segment = segments.create(position - (position % segments.fileBytes));
    // RocketMQ: ConsumeQueue#fillPreBlank
    if (wasEmpty) this.#fillTo(segment.path, position - segment.start);
    return segment;
  }

  #fillTo(path: string, bytes: number): void {
    if (bytes === 0) return;
    const batch = Buffer.alloc(Math.min(bytes, FILLER_BATCH_UNITS * UNIT_BYTES));
    for (let i = 0; i < batch.length; i += UNIT_BYTES) writeUnit(batch, i, 0, FILLER_SIZE, 0);
    const handle = this.#context.handles.use(path);
    for (let at = 0; at < bytes; at += batch.length) {
      handle.writeSync(batch, 0, Math.min(batch.length, bytes - at), at);
    }
    this.isRewritten = true;
  }

  #wrote(path: string): void {
    if (!this.unsynced.includes(path)) this.unsynced.push(path);
  }
}
