/**
 * A row of equally long files whose names are the logical offset at which they begin, 20 digits.
 * The log and every consume queue are such rows. Knows nothing of what is in the files.
 */
import { type FileSystem, MqError, MqErrorCode } from '@skylarkmq/base';
import type { HandlePool } from './handle-pool.ts';

const NAME_DIGITS = 20;
/** 2^53 has 16 digits: what is longer cannot be an offset that we could hold. */
const OFFSET_DIGITS_MAX = 16;

/** One file: where it lies and the logical offset of its first byte. */
export interface Segment {
  readonly path: string;
  readonly start: number;
}

export interface SegmentListOptions {
  readonly fileSystem: FileSystem;
  readonly handles: HandlePool;
  /** File number k lies in directory k modulo their count, sorted by name. */
  readonly directories: readonly string[];
  readonly fileBytes: number;
  /** Whether a new file's name is made durable at once. */
  readonly syncNames: boolean;
}

/** Files in order of their start. `load` first. */
export class SegmentList {
  readonly fileBytes: number;
  readonly segments: Segment[] = [];
  /** Start of the first file that had to get its length back; Infinity for none. */
  repairedFrom: number = Number.POSITIVE_INFINITY;
  readonly #fileSystem: FileSystem;
  readonly #handles: HandlePool;
  readonly #directories: readonly string[];
  readonly #syncNames: boolean;

  constructor(options: SegmentListOptions) {
    this.fileBytes = options.fileBytes;
    this.#fileSystem = options.fileSystem;
    this.#handles = options.handles;
    this.#directories = [...options.directories].sort();
    this.#syncNames = options.syncNames;
  }

  /**
   * Reads the directories. An empty last file is removed, any other wrong length is an error, but
   * with `repair` files that are too short get their length back.
   * RocketMQ: MappedFileQueue#doLoad
   */
  load(repair = false): void {
    this.segments.length = 0;
    for (const directory of this.#directories) {
      for (const name of this.#fileSystem.list(directory)) {
        const start = parseSegmentName(name);
        if (start >= 0) this.segments.push({ path: `${directory}/${name}`, start });
      }
    }
    this.segments.sort((a, b) => a.start - b.start);
    for (let i = this.segments.length - 1; i >= 0; i -= 1) this.#checkLength(i, repair);
  }

  get first(): Segment | undefined {
    return this.segments[0];
  }

  get last(): Segment | undefined {
    return this.segments[this.segments.length - 1];
  }

  /** The file that holds the logical offset. */
  find(offset: number): Segment | undefined {
    const { segments, fileBytes } = this;
    const first = segments[0];
    if (first === undefined || offset < first.start) return undefined;
    const guess = segments[Math.floor((offset - first.start) / fileBytes)];
    if (guess !== undefined && offset >= guess.start && offset < guess.start + fileBytes) {
      return guess;
    }
    return this.#search(offset);
  }

  /** The first file that begins at or after the offset. */
  findFrom(offset: number): Segment | undefined {
    return this.segments.find((segment) => segment.start >= offset);
  }

  /** Makes the file of full length that begins at `start`, and its directory entry durable. */
  create(start: number): Segment {
    const existing = this.find(start);
    if (existing !== undefined) return existing;
    const index = Math.floor(start / this.fileBytes) % this.#directories.length;
    const directory = this.#directories[index] ?? '';
    if (!this.#fileSystem.exists(directory)) this.#fileSystem.makeDirectory(directory);
    const segment = { path: `${directory}/${segmentName(start)}`, start };
    this.#handles.create(segment.path).truncate(this.fileBytes);
    if (this.#syncNames) this.#fileSystem.syncDirectory(directory);
    const inOrder = (this.last?.start ?? -1) < start;
    this.segments.push(segment);
    if (!inOrder) this.segments.sort((a, b) => a.start - b.start);
    return segment;
  }

  /** Removes one file. */
  remove(segment: Segment): void {
    const index = this.segments.indexOf(segment);
    if (index < 0) return;
    this.#handles.drop(segment.path);
    this.#fileSystem.remove(segment.path);
    this.segments.splice(index, 1);
  }

  /** Makes removals durable. */
  syncDirectories(): void {
    for (const directory of this.#directories) {
      if (this.#fileSystem.exists(directory)) this.#fileSystem.syncDirectory(directory);
    }
  }

  #search(offset: number): Segment | undefined {
    let low = 0;
    let high = this.segments.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const segment = this.segments[middle];
      if (segment === undefined) return undefined;
      if (offset < segment.start) high = middle - 1;
      else if (offset >= segment.start + this.fileBytes) low = middle + 1;
      else return segment;
    }
    return undefined;
  }

  #checkLength(index: number, repair: boolean): void {
    const segment = this.segments[index];
    if (segment === undefined) return;
    const size = this.#fileSystem.stat(segment.path)?.size ?? 0;
    if (size === this.fileBytes) return;
    if (size === 0 && index === this.segments.length - 1) {
      this.remove(segment);
      return;
    }
    if (repair && size < this.fileBytes) {
      this.#handles.use(segment.path).truncate(this.fileBytes);
      this.repairedFrom = Math.min(this.repairedFrom, segment.start);
      return;
    }
    throw new MqError(
      MqErrorCode.Corrupt,
      `File ${segment.path} is ${size} bytes long, the configured size is ${this.fileBytes}`,
    );
  }
}

/** The file name for a start offset. */
export function segmentName(start: number): string {
  return String(start).padStart(NAME_DIGITS, '0');
}

/** The start offset that a file name means; -1 for a name of another kind. */
export function parseSegmentName(name: string): number {
  if (name.length !== NAME_DIGITS) return -1;
  for (let i = 0; i < NAME_DIGITS; i += 1) {
    const digit = name.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    if (i < NAME_DIGITS - OFFSET_DIGITS_MAX && digit !== 0) return -1;
  }
  return Number(name);
}
