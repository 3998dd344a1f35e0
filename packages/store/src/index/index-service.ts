/**
 * The key index: from a key's hash to positions in the log. Always behind the log, never the only
 * place where something is known.
 */
import { type Clock, type FileSystem, type Logger, MqError } from '@skylarkmq/base';
import type { HandlePool } from '../file/handle-pool.ts';
import { IndexFile, type IndexSizes, indexFileBytes } from './index-file.ts';
import type { IndexHeader } from './index-header.ts';

const NAME_DIGITS = 17;
/** Entries of one chain that a query looks at: a long chain is a flood of one key. */
const CHAIN_MAX = 10000;

export interface IndexServiceDeps {
  readonly fileSystem: FileSystem;
  readonly handles: HandlePool;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly directory: string;
  readonly sizes: IndexSizes;
}

/** How far the newest file can be trusted after a crash. */
export interface IndexMark {
  readonly name: string;
  readonly header: IndexHeader;
  /** How many files there are. */
  readonly files: number;
}

export class IndexService {
  readonly #deps: IndexServiceDeps;
  readonly #files: IndexFile[] = [];
  #physicalOffset = 0;
  #storeTimestamp = 0;
  /** Whether keys of the record at hand are indexed already. */
  #skip = false;
  /** Records up to here are in the index, from before the store was opened. */
  #knownOffset = -1;
  readonly #unsynced = new Set<string>();
  /** Keys were left out: the next start builds the index again. */
  #damaged = false;
  /** No new file could be made; it is tried again at the next flush. */
  #stuck = false;

  constructor(deps: IndexServiceDeps) {
    this.#deps = deps;
  }

  /** Store time of the newest entry that is indexed. */
  get lastTimestamp(): number {
    return this.#files[this.#files.length - 1]?.header.endTimestamp ?? 0;
  }

  get lastPhysicalOffset(): number {
    return this.#files[this.#files.length - 1]?.header.endPhysicalOffset ?? 0;
  }

  /** The position of the last record whose keys are known to be all there; -1 for none. */
  get knownOffset(): number {
    return this.#knownOffset;
  }

  /** The end time of the newest full file: what the checkpoint calls indexMsgTimestamp. */
  get fullTimestamp(): number {
    return this.#files[this.#files.length - 2]?.header.endTimestamp ?? 0;
  }

  /** Opens the files as they are, after a clean stop. `keep` says which to keep. */
  load(keep: (header: IndexHeader) => boolean): void {
    for (const name of this.#names()) {
      const file = this.#open(name);
      if (file === null) continue;
      // A file without entries says nothing, not even that nothing is before it.
      if (file.header.indexCount > 1 && keep(file.header)) this.#files.push(file);
      else this.#remove(file);
    }
    this.#knownOffset = this.#files.length > 0 ? this.lastPhysicalOffset : -1;
  }

  /** Opens the files after a crash: what the mark does not vouch for is dropped. */
  loadMarked(mark: IndexMark | null): void {
    const { handles, sizes, directory, fileSystem } = this.#deps;
    for (const name of this.#names()) {
      const path = `${directory}/${name}`;
      const size = fileSystem.stat(path)?.size ?? 0;
      const known = mark !== null && name <= mark.name && size === indexFileBytes(sizes);
      if (!known) fileSystem.remove(path);
      else if (name < mark.name) this.#files.push(IndexFile.open(handles, path, sizes));
      else this.#files.push(IndexFile.restore(handles, path, sizes, mark.header));
    }
    this.#knownOffset = this.#files.length > 0 ? this.lastPhysicalOffset : -1;
    const complete = this.#files.length > 0 && this.#last?.path === `${directory}/${mark?.name}`;
    if (!complete) this.dropAll();
  }

  /** Removes everything; the index is to be built again from the log. */
  dropAll(): void {
    this.#damaged = false;
    for (const file of this.#files) this.#remove(file);
    this.#files.length = 0;
    this.#knownOffset = -1;
  }

  /** Announces the record whose keys are `put` next. */
  beginRecord(physicalOffset: number, storeTimestamp: number): void {
    this.#physicalOffset = physicalOffset;
    this.#storeTimestamp = storeTimestamp;
    this.#skip = physicalOffset <= this.#knownOffset;
  }

  put(keyHash: number): void {
    if (this.#skip) return;
    let file = this.#last;
    if (file === null || file.isFull) file = this.#next(file);
    if (file === null) return;
    const due = file.put(keyHash, this.#physicalOffset, this.#storeTimestamp);
    if (due) this.#writeEntries(file);
  }

  /** Writes the newest entries. */
  flush(): void {
    this.#stuck = false;
    const last = this.#last;
    if (last === null) return;
    if (last.writeEntries()) this.#unsynced.add(last.path);
  }

  /** Files written since the last call, to be made durable. */
  takeUnsynced(): string[] {
    const paths = [...this.#unsynced];
    this.#unsynced.clear();
    return paths;
  }

  /** How far the index is, for the time when its files are durable. */
  mark(): IndexMark | null {
    const last = this.#last;
    const files = this.#files.length;
    return last === null || this.#damaged
      ? null
      : { name: nameOf(last.path), header: { ...last.header }, files };
  }

  /** Writes everything, so that others can read the files. */
  writeAll(): void {
    const last = this.#last;
    if (last === null) return;
    last.writeAll();
    this.#unsynced.add(last.path);
  }

  /** Removes files whose records all left the log. */
  deleteBefore(minPhysicalOffset: number): number {
    let removed = 0;
    while (this.#files.length > 1) {
      const oldest = this.#files[0];
      if (oldest === undefined || oldest.header.endPhysicalOffset >= minPhysicalOffset) break;
      this.#files.shift();
      this.#remove(oldest);
      removed += 1;
    }
    return removed;
  }

  /** Log positions for a key's hash, newest first. RocketMQ: IndexService#queryOffset */
  find(keyHash: number, beginMs: number, endMs: number, maxCount: number): number[] {
    const found: number[] = [];
    for (let i = this.#files.length - 1; i >= 0 && found.length < maxCount; i -= 1) {
      const file = this.#files[i];
      if (file === undefined) continue;
      const { header } = file;
      if (header.beginTimestamp <= endMs && header.endTimestamp >= beginMs) {
        this.#walk(file, keyHash, beginMs, endMs, maxCount, found);
      }
      if (header.beginTimestamp < beginMs) break;
    }
    return found;
  }

  get #last(): IndexFile | null {
    return this.#files[this.#files.length - 1] ?? null;
  }

  #walk(
    file: IndexFile,
    keyHash: number,
    beginMs: number,
    endMs: number,
    maxCount: number,
    found: number[],
  ): void {
    let number = file.newest(keyHash);
    for (let step = 0; step < CHAIN_MAX && found.length < maxCount; step += 1) {
      if (number <= 0 || number >= file.header.indexCount) return;
      const entry = file.entry(number);
      const time = file.header.beginTimestamp + entry.secondsSinceBegin * 1000;
      // Times in the file are cut to seconds.
      const inTime = time + 999 >= beginMs && time <= endMs;
      if (entry.keyHash === keyHash && inTime) found.push(entry.physicalOffset);
      if (entry.previous >= number || time + 999 < beginMs) return;
      number = entry.previous;
    }
  }

  /** The file after a full one; null when it cannot be made, and keys have to be left out. */
  #next(full: IndexFile | null): IndexFile | null {
    if (this.#stuck) return null;
    try {
      return this.#roll(full);
    } catch (error) {
      this.#stuck = true;
      this.#damaged = true;
      const reason = MqError.from(error).message;
      this.#deps.logger.error({ reason }, 'No index file can be made; the next start rebuilds');
      return null;
    }
  }

  /** An error is not the message's: the entries stay in memory until the next flush. */
  #writeEntries(file: IndexFile): void {
    try {
      if (file.writeEntries()) this.#unsynced.add(file.path);
    } catch (error) {
      const reason = MqError.from(error).message;
      this.#deps.logger.warn({ path: file.path, reason }, 'Index entries cannot be written');
    }
  }

  #roll(full: IndexFile | null): IndexFile {
    const { fileSystem, handles, clock, directory, sizes } = this.#deps;
    if (full !== null) {
      full.writeAll();
      this.#unsynced.add(full.path);
      full.releaseMemory();
    }
    let stamp = clock.nowMs();
    let name = timeName(stamp);
    while (full !== null && name <= nameOf(full.path)) {
      stamp += 1;
      name = timeName(stamp);
    }
    const before = full?.header ?? null;
    const file = IndexFile.create(fileSystem, handles, `${directory}/${name}`, sizes, before);
    this.#files.push(file);
    return file;
  }

  #names(): string[] {
    return this.#deps.fileSystem.list(this.#deps.directory).filter(isIndexName).sort();
  }

  #open(name: string): IndexFile | null {
    const { handles, sizes, directory, fileSystem, logger } = this.#deps;
    const path = `${directory}/${name}`;
    const size = fileSystem.stat(path)?.size ?? 0;
    if (size !== indexFileBytes(sizes)) {
      logger.warn({ path, size }, 'An index file has another length than configured; rebuilding');
      fileSystem.remove(path);
      return null;
    }
    try {
      return IndexFile.open(handles, path, sizes);
    } catch (error) {
      const reason = MqError.from(error).message;
      logger.warn({ path, reason }, 'An index file cannot be opened');
      return null;
    }
  }

  #remove(file: IndexFile): void {
    this.#unsynced.delete(file.path);
    this.#deps.handles.drop(file.path);
    this.#deps.fileSystem.remove(file.path);
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function isIndexName(name: string): boolean {
  if (name.length !== NAME_DIGITS) return false;
  for (let i = 0; i < NAME_DIGITS; i += 1) {
    const digit = name.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return false;
  }
  return true;
}

/** Local time as yyyyMMddHHmmssSSS. RocketMQ: UtilAll#timeMillisToHumanString */
function timeName(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  const time = `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
  return `${day}${time}${String(date.getMilliseconds()).padStart(3, '0')}`;
}
