/**
 * The disks that a power cut may leave behind, built from a recording cut at some operation.
 *
 * The model (that of ext4 and XFS with data=ordered, seen from outside):
 * - A write or truncation of a file is durable once a later `syncData` of that file has returned.
 *   Until then it may be there, be missing, or (the last one) be there up to a sector of 512 bytes,
 *   in any combination with the others. A missing write leaves what was there before, or zeros.
 * - A creation, renaming or removal is durable once the directory was synced after it, and a
 *   creation also once the file itself was. Until then they get lost from the end: one that is
 *   there has all earlier ones before it.
 */
import { MemoryFileSystem, type Prng } from '@skylarkmq/base';
import { writeAll } from './disk-image.ts';
import { type ContentOperation, FileImage } from './file-image.ts';
import type { Trace, TraceOperation } from './trace.ts';

export const SECTOR_BYTES = 512;

type EntryOperation = Extract<
  TraceOperation,
  { kind: 'create' | 'rename' | 'remove' | 'makeDirectory' }
>;

/** Which of the operations that were not durable made it to the disk. */
export interface CrashChoice {
  /** For messages of failing tests. */
  readonly name: string;
  /** How many of the open directory operations, from the first. */
  readonly entriesKept: number;
  /** Bytes kept of the open content operation number `index`; 0 none, Infinity all. */
  keptBytes(index: number): number;
}

/** One cut of a recording. Indexes count the operations that were open (not durable) at the cut. */
export class CrashDisk {
  readonly #trace: Trace;
  readonly #durable = new Map<number, FileImage>();
  readonly #content: ContentOperation[] = [];
  readonly #entries: { readonly operation: EntryOperation; readonly durable: boolean }[] = [];
  /** Directory operations that were not durable. */
  readonly openEntries: number;

  /** `cutAt`: how many operations of the trace happened. */
  constructor(trace: Trace, cutAt: number) {
    this.#trace = trace;
    const operations = trace.operations.slice(0, cutAt);
    for (const { file, bytes } of trace.initialFiles) {
      this.#durable.set(file, new FileImage(bytes));
    }
    const syncedTo = syncedFiles(operations);
    let openEntries = 0;
    for (const [index, operation] of operations.entries()) {
      if (operation.kind === 'write' || operation.kind === 'truncate') {
        if (index < (syncedTo.get(operation.file) ?? 0)) this.#settle(operation);
        else this.#content.push(operation);
      } else if (isEntryOperation(operation)) {
        const durable = isEntryDurable(operations, operation, index, syncedTo);
        if (!durable) openEntries++;
        this.#entries.push({ operation, durable });
      }
    }
    this.openEntries = openEntries;
  }

  /** Writes and truncations that were not durable. */
  get openContent(): number {
    return this.#content.length;
  }

  /** The disk after this choice. Each call makes a new one. */
  build(choice: CrashChoice): MemoryFileSystem {
    const changed = new Map<number, FileImage>();
    for (const [index, operation] of this.#content.entries()) {
      const kept = choice.keptBytes(index);
      if (kept <= 0) continue;
      const { file } = operation;
      const image = changed.get(file) ?? this.#durable.get(file)?.clone() ?? new FileImage();
      changed.set(file, image);
      image.apply(operation, kept);
    }
    const { files, directories } = this.#tree(choice.entriesKept);
    const disk = new MemoryFileSystem();
    for (const directory of directories) disk.makeDirectory(directory);
    for (const [path, file] of files) {
      const image = changed.get(file) ?? this.#durable.get(file);
      writeAll(disk, path, image?.content() ?? Buffer.alloc(0));
    }
    return disk;
  }

  /**
   * The choices worth trying: nothing, everything, everything but one, the last write torn at
   * each sector, directory operations lost from each point on, and `subsets` random ones.
   */
  *choices(prng: Prng, subsets = 4): Generator<CrashChoice> {
    const all = this.openEntries;
    const last = this.#content.length - 1;
    yield { name: 'nothing open is kept', entriesKept: 0, keptBytes: () => 0 };
    yield { name: 'everything is kept', entriesKept: all, keptBytes: () => Infinity };
    if (all > 0 && last >= 0) {
      yield { name: 'only directories are kept', entriesKept: all, keptBytes: () => 0 };
    }
    for (let lost = 0; lost <= last; lost++) {
      const keptBytes = (index: number): number => (index === lost ? 0 : Infinity);
      yield { name: `open write ${lost} is lost`, entriesKept: all, keptBytes };
    }
    for (let kept = 0; kept < all; kept++) {
      const name = `${kept} of ${all} directory operations are kept`;
      yield { name, entriesKept: kept, keptBytes: () => Infinity };
    }
    for (const torn of tornLengths(this.#content[last])) {
      const keptBytes = (index: number): number => (index === last ? torn : Infinity);
      yield { name: `the last write is torn after ${torn} bytes`, entriesKept: all, keptBytes };
    }
    for (let subset = 0; subset < subsets && last > 0; subset++) {
      const kept = this.#content.map(() => prng.below(2) === 1);
      const keptBytes = (index: number): number => (kept[index] ? Infinity : 0);
      const name = `random subset ${kept.map(Number).join('')}`;
      yield { name, entriesKept: prng.below(all + 1), keptBytes };
    }
  }

  #settle(operation: ContentOperation): void {
    const image = this.#durable.get(operation.file) ?? new FileImage();
    this.#durable.set(operation.file, image);
    image.apply(operation);
  }

  #tree(entriesKept: number): { files: Map<string, number>; directories: Set<string> } {
    const files = new Map<string, number>();
    for (const { file, path } of this.#trace.initialFiles) files.set(path, file);
    const directories = new Set(this.#trace.initialDirectories);
    let open = 0;
    for (const { operation, durable } of this.#entries) {
      if (durable || open++ < entriesKept) applyEntry(files, directories, operation);
    }
    return { files, directories };
  }
}

/** Up to where (index in the trace) each file's operations are durable. */
function syncedFiles(operations: readonly TraceOperation[]): Map<number, number> {
  const syncedTo = new Map<number, number>();
  for (const operation of operations) {
    if (operation.kind !== 'sync') continue;
    syncedTo.set(operation.file, Math.max(operation.covers, syncedTo.get(operation.file) ?? 0));
  }
  return syncedTo;
}

function isEntryOperation(operation: TraceOperation): operation is EntryOperation {
  const { kind } = operation;
  return kind === 'create' || kind === 'rename' || kind === 'remove' || kind === 'makeDirectory';
}

function isEntryDurable(
  operations: readonly TraceOperation[],
  operation: EntryOperation,
  index: number,
  syncedTo: ReadonlyMap<number, number>,
): boolean {
  if (operation.kind === 'create' && index < (syncedTo.get(operation.file) ?? 0)) return true;
  const path = operation.kind === 'rename' ? operation.to : operation.path;
  const directory = path.slice(0, path.lastIndexOf('/')) || '/';
  for (let later = index + 1; later < operations.length; later++) {
    const one = operations[later];
    if (one?.kind === 'syncDirectory' && one.path === directory) return true;
  }
  return false;
}

function applyEntry(
  files: Map<string, number>,
  directories: Set<string>,
  operation: EntryOperation,
): void {
  if (operation.kind === 'create') files.set(operation.path, operation.file);
  else if (operation.kind === 'makeDirectory') directories.add(operation.path);
  else if (operation.kind === 'remove') removeEntries(files, directories, operation.path);
  else renameEntries(files, directories, operation.from, operation.to);
}

function removeEntries(files: Map<string, number>, directories: Set<string>, path: string): void {
  const isBelow = (one: string): boolean => one === path || one.startsWith(`${path}/`);
  for (const one of [...files.keys()]) if (isBelow(one)) files.delete(one);
  for (const one of [...directories]) if (isBelow(one)) directories.delete(one);
}

function renameEntries(
  files: Map<string, number>,
  directories: Set<string>,
  from: string,
  to: string,
): void {
  for (const [path, file] of [...files]) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    files.delete(path);
    files.set(to + path.slice(from.length), file);
  }
  for (const path of [...directories]) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    directories.delete(path);
    directories.add(to + path.slice(from.length));
  }
}

/** Lengths at which a write may tear: at the sector borders within it. */
function tornLengths(operation: ContentOperation | undefined): number[] {
  if (operation?.kind !== 'write') return [];
  const lengths: number[] = [];
  const first = SECTOR_BYTES - (operation.position % SECTOR_BYTES);
  for (let length = first; length < operation.bytes.length; length += SECTOR_BYTES) {
    lengths.push(length);
  }
  return lengths;
}
