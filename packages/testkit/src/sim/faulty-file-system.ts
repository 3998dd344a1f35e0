/**
 * A file system that fails when it is told to: the n-th call of an operation, a disk that is full
 * for a while, syncs that hang. Everything else goes to another file system.
 */
import {
  type Deferred,
  deferred,
  type FileHandle,
  type FileStat,
  type FileSystem,
  type OpenMode,
  type VolumeSpace,
} from '@skylarkmq/base';

/** The operations that can fail. Synchronous and asynchronous forms count as one. */
export type FaultOperation =
  | 'open'
  | 'read'
  | 'write'
  | 'syncData'
  | 'truncate'
  | 'rename'
  | 'remove'
  | 'makeDirectory'
  | 'syncDirectory';

/** One fault. */
export interface Fault {
  readonly operation: FaultOperation;
  /** Which matching call fails, from 1. Default 1. */
  readonly nth?: number;
  /** Whether all later ones fail as well. Default false: as Linux, which reports EIO once. */
  readonly lasting?: boolean;
  /** The error. Default EIO. `phantom` (of a write): claims success and writes nothing. */
  readonly code?: 'EIO' | 'ENOSPC' | 'EMFILE' | 'EROFS' | 'phantom';
  /** Only paths that contain this. Default all. */
  readonly path?: string;
  /** Of a write: this many bytes reach the disk before it fails. Default 0. */
  readonly bytesWritten?: number;
}

const BLOCK_BYTES = 4096;
const TOTAL_BYTES = 2 ** 40;

interface ArmedFault {
  readonly fault: Fault;
  calls: number;
}

/** See the head of this file. */
export class FaultyFileSystem implements FileSystem {
  readonly #inner: FileSystem;
  readonly #faults: ArmedFault[] = [];
  readonly #blocks = new Map<string, Set<number>>();
  #capacityBytes = TOTAL_BYTES;
  #foreignBytes = 0;
  #held: Deferred<void> | undefined;
  /** Syncs that were asked for and hang now. */
  heldSyncs = 0;

  constructor(inner: FileSystem) {
    this.#inner = inner;
  }

  /** Arms a fault; counting starts now. Returns what disarms it. */
  fail(fault: Fault): () => void {
    const armed = { fault, calls: 0 };
    this.#faults.push(armed);
    return () => {
      const at = this.#faults.indexOf(armed);
      if (at >= 0) this.#faults.splice(at, 1);
    };
  }

  /** Limits the disk. Counts blocks of 4 KiB that were written through this object. */
  setCapacity(bytes: number): void {
    this.#capacityBytes = bytes;
  }

  /** Bytes that somebody else's files take from the disk. 0 frees them. */
  setForeign(bytes: number): void {
    this.#foreignBytes = bytes;
  }

  /** Asynchronous syncs hang from now on until `releaseSyncs`. */
  holdSyncs(): void {
    this.#held ??= deferred();
  }

  releaseSyncs(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  open(path: string, mode: OpenMode): FileHandle {
    this.check('open', path);
    return new FaultyHandle(this, this.#inner.open(path, mode));
  }

  exists(path: string): boolean {
    return this.#inner.exists(path);
  }

  stat(path: string): FileStat | undefined {
    return this.#inner.stat(path);
  }

  list(path: string): string[] {
    return this.#inner.list(path);
  }

  makeDirectory(path: string): void {
    this.check('makeDirectory', path);
    this.#inner.makeDirectory(path);
  }

  rename(from: string, to: string): void {
    this.check('rename', from);
    this.#inner.rename(from, to);
    const blocks = this.#blocks.get(from);
    this.#blocks.delete(from);
    this.#blocks.delete(to);
    if (blocks !== undefined) this.#blocks.set(to, blocks);
  }

  remove(path: string): void {
    this.check('remove', path);
    this.#inner.remove(path);
    for (const known of [...this.#blocks.keys()]) {
      if (known === path || known.startsWith(`${path}/`)) this.#blocks.delete(known);
    }
  }

  syncDirectory(path: string): void {
    this.check('syncDirectory', path);
    this.#inner.syncDirectory(path);
  }

  async syncDirectoryLater(path: string): Promise<void> {
    this.syncDirectory(path);
  }

  volume(): VolumeSpace {
    const availableBytes = Math.max(0, this.#capacityBytes - this.#usedBytes());
    return { totalBytes: this.#capacityBytes, availableBytes };
  }

  /** For the handles: throws when a fault says so; answers the fault that is not an error. */
  check(operation: FaultOperation, path: string): Fault | undefined {
    for (const armed of this.#faults) {
      const { fault } = armed;
      if (fault.operation !== operation || !path.includes(fault.path ?? '')) continue;
      armed.calls++;
      const nth = fault.nth ?? 1;
      if (armed.calls !== nth && !(fault.lasting && armed.calls > nth)) continue;
      if (fault.code === 'phantom' || fault.bytesWritten !== undefined) return fault;
      throw systemError(fault.code ?? 'EIO', operation, path);
    }
    return undefined;
  }

  /** For the handles: takes the blocks of a write; answers how many of its bytes have room. */
  take(path: string, position: number, length: number): number {
    let blocks = this.#blocks.get(path);
    if (blocks === undefined) {
      blocks = new Set();
      this.#blocks.set(path, blocks);
    }
    let used = this.#usedBytes();
    const end = position + length;
    for (let block = Math.floor(position / BLOCK_BYTES); block * BLOCK_BYTES < end; block++) {
      if (blocks.has(block)) continue;
      if (used + BLOCK_BYTES > this.#capacityBytes) {
        return Math.max(0, block * BLOCK_BYTES - position);
      }
      blocks.add(block);
      used += BLOCK_BYTES;
    }
    return length;
  }

  /** For the handles: gives back the blocks behind `size`. */
  give(path: string, size: number): void {
    const blocks = this.#blocks.get(path) ?? new Set<number>();
    for (const block of [...blocks]) if (block * BLOCK_BYTES >= size) blocks.delete(block);
  }

  /** For the handles: returns when syncs may go on. */
  async pass(): Promise<void> {
    while (this.#held !== undefined) {
      this.heldSyncs++;
      await this.#held.promise;
      this.heldSyncs--;
    }
  }

  #usedBytes(): number {
    let blocks = 0;
    for (const one of this.#blocks.values()) blocks += one.size;
    return this.#foreignBytes + blocks * BLOCK_BYTES;
  }
}

class FaultyHandle implements FileHandle {
  readonly path: string;
  readonly #owner: FaultyFileSystem;
  readonly #inner: FileHandle;

  constructor(owner: FaultyFileSystem, inner: FileHandle) {
    this.path = inner.path;
    this.#owner = owner;
    this.#inner = inner;
  }

  size(): number {
    return this.#inner.size();
  }

  readSync(target: Uint8Array, offset: number, length: number, position: number): number {
    this.#owner.check('read', this.path);
    return this.#inner.readSync(target, offset, length, position);
  }

  async read(
    target: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<number> {
    this.#owner.check('read', this.path);
    return this.#inner.read(target, offset, length, position);
  }

  writeSync(source: Uint8Array, offset: number, length: number, position: number): void {
    const fault = this.#owner.check('write', this.path);
    if (fault?.code === 'phantom') return;
    const room = this.#owner.take(this.path, position, length);
    const fits = Math.min(room, fault?.bytesWritten ?? length);
    this.#inner.writeSync(source, offset, fits, position);
    if (fits < length) throw systemError(fault?.code ?? 'ENOSPC', 'write', this.path);
  }

  async write(source: Uint8Array, offset: number, length: number, position: number): Promise<void> {
    this.writeSync(source, offset, length, position);
  }

  async syncData(): Promise<void> {
    await this.#owner.pass();
    this.#owner.check('syncData', this.path);
    await this.#inner.syncData();
  }

  syncDataSync(): void {
    this.#owner.check('syncData', this.path);
    this.#inner.syncDataSync();
  }

  truncate(size: number): void {
    this.#owner.check('truncate', this.path);
    this.#inner.truncate(size);
    this.#owner.give(this.path, size);
  }

  close(): void {
    this.#inner.close();
  }
}

function systemError(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: injected failure of ${operation}, ${path}`), { code });
}
