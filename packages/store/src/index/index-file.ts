/**
 * One index file: header, hash slots, entries in chains. Entries are appended through a buffer;
 * slots are kept in memory, page by page as they are needed, and written when the file is full or
 * the store closes, because keys hit them at random. Until then they can be rebuilt from the
 * entries.
 */
import type { FileSystem } from '@skylarkmq/base';
import { int32, int64, writeInt32, writeInt64 } from '../consume-queue/unit.ts';
import type { HandlePool } from '../file/handle-pool.ts';
import {
  decodeIndexHeader,
  emptyHeader,
  encodeIndexHeader,
  INDEX_HEADER_BYTES,
  type IndexHeader,
} from './index-header.ts';

const ENTRY_BYTES = 20;
const BUFFER_BYTES = 3200 * ENTRY_BYTES;
/** Slots in one page. */
const PAGE_SLOTS = 1024;
const PAGE_SHIFT = 10;
const SECONDS_MAX = 0x7fffffff;

const PAGE_UNKNOWN = 0;
const PAGE_CLEAN = 1;
const PAGE_DIRTY = 2;

export interface IndexSizes {
  readonly slots: number;
  readonly entries: number;
}

/** A candidate for a query: the chain is followed by the caller. */
export interface IndexEntry {
  readonly keyHash: number;
  readonly physicalOffset: number;
  /** Seconds since the file's begin. */
  readonly secondsSinceBegin: number;
  readonly previous: number;
}

export class IndexFile {
  readonly path: string;
  readonly header: IndexHeader;
  readonly #handles: HandlePool;
  readonly #sizes: IndexSizes;
  #slots: Int32Array | null = null;
  #pages: Uint8Array | null = null;
  /** What a page holds that was never loaded: the file's bytes, or zeros when the file is new. */
  readonly #fresh: boolean;
  #buffer: Buffer | null = null;
  /** Number of the first entry that is not in the file. */
  #writtenCount: number;

  private constructor(
    handles: HandlePool,
    path: string,
    sizes: IndexSizes,
    header: IndexHeader,
    fresh: boolean,
  ) {
    this.#handles = handles;
    this.path = path;
    this.#sizes = sizes;
    this.header = header;
    this.#fresh = fresh;
    this.#writtenCount = header.indexCount;
  }

  /** Makes a new, empty file. */
  static create(
    fileSystem: FileSystem,
    handles: HandlePool,
    path: string,
    sizes: IndexSizes,
    before: IndexHeader | null,
  ): IndexFile {
    const directory = path.slice(0, path.lastIndexOf('/'));
    fileSystem.makeDirectory(directory);
    handles.create(path).truncate(indexFileBytes(sizes));
    fileSystem.syncDirectory(directory);
    const header = emptyHeader(before?.endTimestamp ?? 0, before?.endPhysicalOffset ?? 0);
    return new IndexFile(handles, path, sizes, header, true);
  }

  /** Opens a file as it is on disk. */
  static open(handles: HandlePool, path: string, sizes: IndexSizes): IndexFile {
    const head = Buffer.alloc(INDEX_HEADER_BYTES);
    handles.use(path).readSync(head, 0, head.length, 0);
    return new IndexFile(handles, path, sizes, decodeIndexHeader(head), false);
  }

  /** Opens a file of which only the entries below `header.indexCount` can be trusted. */
  static restore(
    handles: HandlePool,
    path: string,
    sizes: IndexSizes,
    header: IndexHeader,
  ): IndexFile {
    const file = new IndexFile(handles, path, sizes, { ...header }, true);
    file.#rebuildSlots();
    return file;
  }

  get isFull(): boolean {
    return this.header.indexCount >= this.#sizes.entries;
  }

  /** Adds one entry; true when it is time to write. RocketMQ: IndexFile#putKey */
  put(keyHash: number, physicalOffset: number, storeTimestamp: number): boolean {
    const { header } = this;
    const slot = keyHash % this.#sizes.slots;
    const slots = this.#loadedSlots(slot >> PAGE_SHIFT);
    if (this.#pages !== null) this.#pages[slot >> PAGE_SHIFT] = PAGE_DIRTY;
    const number = header.indexCount;
    let previous = slots[slot] ?? 0;
    if (previous <= 0 || previous > number) previous = 0;
    let seconds = 0;
    if (header.beginTimestamp > 0) {
      seconds = Math.floor((storeTimestamp - header.beginTimestamp) / 1000);
      if (seconds < 0) seconds = 0;
      else if (seconds > SECONDS_MAX) seconds = SECONDS_MAX;
    }
    const at = (number - this.#writtenCount) * ENTRY_BYTES;
    const buffer = this.#bufferFor(at + ENTRY_BYTES);
    writeInt32(buffer, at, keyHash);
    writeInt64(buffer, at + 4, physicalOffset);
    writeInt32(buffer, at + 12, seconds);
    writeInt32(buffer, at + 16, previous);
    slots[slot] = number;
    if (number <= 1) {
      header.beginPhysicalOffset = physicalOffset;
      header.beginTimestamp = storeTimestamp;
    }
    if (previous === 0) header.slotCount += 1;
    header.indexCount = number + 1;
    header.endPhysicalOffset = physicalOffset;
    header.endTimestamp = storeTimestamp;
    return at + ENTRY_BYTES >= BUFFER_BYTES;
  }

  /** Writes the buffered entries; false when there were none. */
  writeEntries(): boolean {
    const count = this.header.indexCount - this.#writtenCount;
    if (count === 0 || this.#buffer === null) return false;
    const at = this.#entryPosition(this.#writtenCount);
    this.#handles.use(this.path).writeSync(this.#buffer, 0, count * ENTRY_BYTES, at);
    this.#writtenCount = this.header.indexCount;
    if (this.#buffer.length > BUFFER_BYTES) this.#buffer = null;
    return true;
  }

  /** Writes everything: entries, changed slots, header. */
  writeAll(): void {
    this.writeEntries();
    const pages = this.#pages;
    if (pages !== null) {
      for (let page = 0; page < pages.length; page += 1) {
        if (pages[page] !== PAGE_DIRTY) continue;
        let end = page + 1;
        while (end < pages.length && end - page < 64 && pages[end] === PAGE_DIRTY) end += 1;
        this.#writePages(page, end);
        page = end - 1;
      }
    }
    this.writeHeader();
  }

  writeHeader(): void {
    const head = Buffer.alloc(INDEX_HEADER_BYTES);
    encodeIndexHeader(this.header, head);
    this.#handles.use(this.path).writeSync(head, 0, head.length, 0);
  }

  /** Lets the memory go; the file must have been written. */
  releaseMemory(): void {
    this.#slots = null;
    this.#pages = null;
    this.#buffer = null;
  }

  /** Number of the newest entry in the slot of a hash; 0 for none. */
  newest(keyHash: number): number {
    const slot = keyHash % this.#sizes.slots;
    if (this.#slots !== null) return this.#loadedSlots(slot >> PAGE_SHIFT)[slot] ?? 0;
    const four = Buffer.alloc(4);
    const read = this.#handles.use(this.path).readSync(four, 0, 4, INDEX_HEADER_BYTES + slot * 4);
    return read === 4 ? int32(four, 0) : 0;
  }

  /** The entry of that number. */
  entry(number: number): IndexEntry {
    const bytes = Buffer.alloc(ENTRY_BYTES);
    if (number >= this.#writtenCount && this.#buffer !== null) {
      const from = (number - this.#writtenCount) * ENTRY_BYTES;
      this.#buffer.copy(bytes, 0, from, from + ENTRY_BYTES);
    } else {
      const at = this.#entryPosition(number);
      this.#handles.use(this.path).readSync(bytes, 0, ENTRY_BYTES, at);
    }
    return {
      keyHash: int32(bytes, 0),
      physicalOffset: int64(bytes, 4),
      secondsSinceBegin: int32(bytes, 12),
      previous: int32(bytes, 16),
    };
  }

  #entryPosition(number: number): number {
    return INDEX_HEADER_BYTES + this.#sizes.slots * 4 + number * ENTRY_BYTES;
  }

  /** Room for `bytes`; more than usual only while nothing can be written. */
  #bufferFor(bytes: number): Buffer {
    const there = this.#buffer;
    if (there !== null && there.length >= bytes) return there;
    const larger = Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES, (there?.length ?? 0) * 2));
    there?.copy(larger);
    this.#buffer = larger;
    return larger;
  }

  #loadedSlots(page: number): Int32Array {
    if (this.#slots === null || this.#pages === null) {
      this.#slots = new Int32Array(this.#sizes.slots);
      const state = this.#fresh ? PAGE_CLEAN : PAGE_UNKNOWN;
      this.#pages = new Uint8Array(Math.ceil(this.#sizes.slots / PAGE_SLOTS)).fill(state);
    }
    if (this.#pages[page] === PAGE_UNKNOWN) {
      this.#loadPage(this.#slots, page);
      this.#pages[page] = PAGE_CLEAN;
    }
    return this.#slots;
  }

  #loadPage(slots: Int32Array, page: number): void {
    const first = page * PAGE_SLOTS;
    const count = Math.min(PAGE_SLOTS, slots.length - first);
    const bytes = Buffer.alloc(count * 4);
    this.#handles.use(this.path).readSync(bytes, 0, bytes.length, INDEX_HEADER_BYTES + first * 4);
    for (let i = 0; i < count; i += 1) slots[first + i] = int32(bytes, i * 4);
  }

  #writePages(from: number, to: number): void {
    if (this.#slots === null || this.#pages === null) return;
    const first = from * PAGE_SLOTS;
    const count = Math.min(to * PAGE_SLOTS, this.#slots.length) - first;
    const bytes = Buffer.allocUnsafe(count * 4);
    for (let i = 0; i < count; i += 1) writeInt32(bytes, i * 4, this.#slots[first + i] ?? 0);
    const at = INDEX_HEADER_BYTES + first * 4;
    this.#handles.use(this.path).writeSync(bytes, 0, bytes.length, at);
    this.#pages.fill(PAGE_CLEAN, from, to);
  }

  /** Slots follow from the entries: each entry is the newest of its slot in its turn. */
  #rebuildSlots(): void {
    const slots = new Int32Array(this.#sizes.slots);
    this.#slots = slots;
    this.#pages = new Uint8Array(Math.ceil(slots.length / PAGE_SLOTS)).fill(PAGE_DIRTY);
    const batch = Buffer.allocUnsafe(BUFFER_BYTES);
    const batchEntries = BUFFER_BYTES / ENTRY_BYTES;
    for (let number = 1; number < this.header.indexCount; number += batchEntries) {
      const count = Math.min(batchEntries, this.header.indexCount - number);
      const at = this.#entryPosition(number);
      this.#handles.use(this.path).readSync(batch, 0, count * ENTRY_BYTES, at);
      for (let i = 0; i < count; i += 1) {
        slots[(int32(batch, i * ENTRY_BYTES) & 0x7fffffff) % slots.length] = number + i;
      }
    }
  }
}

/** The length of an index file. */
export function indexFileBytes(sizes: IndexSizes): number {
  return INDEX_HEADER_BYTES + sizes.slots * 4 + sizes.entries * ENTRY_BYTES;
}
