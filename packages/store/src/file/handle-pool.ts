/**
 * Open files under a limit. A store of 40,000 queues cannot keep a descriptor for each, and opening
 * one per write would cost more than the write.
 */
import type { FileHandle, FileSystem } from '@skylarkmq/base';

interface PoolEntry {
  readonly handle: FileHandle;
  pins: number;
  /** Removed from the pool while pinned: close at the last unpin. */
  doomed: boolean;
}

/** A file that stays open until `unpin`. */
export interface PinnedFile {
  readonly handle: FileHandle;
  unpin(): void;
}

/** Least recently used files are closed first; pinned files are never closed. */
export class HandlePool {
  readonly #fileSystem: FileSystem;
  readonly #openMax: number;
  readonly #entries = new Map<string, PoolEntry>();

  /** `openMax`: files kept open; pinned ones may exceed it for a moment. */
  constructor(fileSystem: FileSystem, openMax: number) {
    this.#fileSystem = fileSystem;
    this.#openMax = openMax;
  }

  get openCount(): number {
    return this.#entries.size;
  }

  /** The open file; valid until the next call of this pool. The file must exist. */
  use(path: string): FileHandle {
    return this.#entry(path, 'rw').handle;
  }

  /** The open file, made empty when missing; valid until the next call of this pool. */
  create(path: string): FileHandle {
    return this.#entry(path, 'create').handle;
  }

  /** Keeps a file open across asynchronous work. */
  pin(path: string): PinnedFile {
    const entry = this.#entry(path, 'rw');
    entry.pins += 1;
    let held = true;
    return {
      handle: entry.handle,
      unpin: () => {
        if (!held) return;
        held = false;
        entry.pins -= 1;
        if (entry.doomed && entry.pins === 0) entry.handle.close();
      },
    };
  }

  /** Closes the file before it is removed or renamed. */
  drop(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    retire(entry);
  }

  closeAll(): void {
    for (const entry of this.#entries.values()) retire(entry);
    this.#entries.clear();
  }

  #entry(path: string, mode: 'rw' | 'create'): PoolEntry {
    const known = this.#entries.get(path);
    if (known !== undefined) {
      this.#entries.delete(path);
      this.#entries.set(path, known);
      return known;
    }
    const entry = { handle: this.#fileSystem.open(path, mode), pins: 0, doomed: false };
    this.#entries.set(path, entry);
    if (this.#entries.size > this.#openMax) this.#evict(path);
    return entry;
  }

  #evict(keep: string): void {
    for (const [path, entry] of this.#entries) {
      if (this.#entries.size <= this.#openMax) return;
      if (entry.pins > 0 || path === keep) continue;
      this.#entries.delete(path);
      entry.handle.close();
    }
  }
}

function retire(entry: PoolEntry): void {
  entry.doomed = true;
  if (entry.pins === 0) entry.handle.close();
}
