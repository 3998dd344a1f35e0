/**
 * A file system that does what another one does and keeps a trace of every change. A write is in
 * the trace from the moment it is asked for (it may be on the disk from then on), a sync from the
 * moment it has returned (only then is anything promised).
 */
import type { FileHandle, FileStat, FileSystem, OpenMode, VolumeSpace } from '@skylarkmq/base';
import { readAll, walk } from './disk-image.ts';
import type { InitialFile, Trace, TraceOperation } from './trace.ts';

/** See the head of this file. */
export class RecordingFileSystem implements FileSystem {
  readonly #inner: FileSystem;
  readonly #operations: TraceOperation[] = [];
  readonly #initialFiles: InitialFile[] = [];
  readonly #initialDirectories: string[] = [];
  readonly #fileOf = new Map<string, number>();
  #nextFile = 1;

  /** Records changes below `root`; what is there already is the durable beginning. */
  constructor(inner: FileSystem, root: string) {
    this.#inner = inner;
    for (const path of walk(inner, root)) {
      if (inner.stat(path)?.isDirectory) this.#initialDirectories.push(path);
      else {
        const file = this.#number(path);
        this.#initialFiles.push({ file, path, bytes: readAll(inner, path) });
      }
    }
  }

  /** What was recorded so far. Grows as long as the file system is used. */
  get trace(): Trace {
    return {
      initialDirectories: this.#initialDirectories,
      initialFiles: this.#initialFiles,
      operations: this.#operations,
    };
  }

  /** Operations so far: where the trace would be cut now. */
  get length(): number {
    return this.#operations.length;
  }

  /** Puts a remark of the test into the trace. */
  mark(label: string, value: number): void {
    this.#operations.push({ kind: 'mark', label, value });
  }

  /** For the handles: notes what one of them did. */
  note(operation: TraceOperation): void {
    this.#operations.push(operation);
  }

  open(path: string, mode: OpenMode): FileHandle {
    const isNew = !this.#inner.exists(path);
    const handle = this.#inner.open(path, mode);
    if (isNew) this.note({ kind: 'create', file: this.#number(path), path });
    return new RecordingHandle(this, handle, this.#number(path));
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
    if (this.#inner.exists(path)) return;
    this.#inner.makeDirectory(path);
    this.note({ kind: 'makeDirectory', path });
  }

  rename(from: string, to: string): void {
    this.#inner.rename(from, to);
    if (from === to) return;
    this.note({ kind: 'rename', from, to });
    this.#fileOf.delete(to);
    for (const [path, file] of [...this.#fileOf]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.#fileOf.delete(path);
      this.#fileOf.set(to + path.slice(from.length), file);
    }
  }

  remove(path: string): void {
    if (!this.#inner.exists(path)) return;
    this.#inner.remove(path);
    this.note({ kind: 'remove', path });
    for (const known of [...this.#fileOf.keys()]) {
      if (known === path || known.startsWith(`${path}/`)) this.#fileOf.delete(known);
    }
  }

  syncDirectory(path: string): void {
    this.#inner.syncDirectory(path);
    this.note({ kind: 'syncDirectory', path });
  }

  async syncDirectoryLater(path: string): Promise<void> {
    this.syncDirectory(path);
  }

  volume(path: string): VolumeSpace {
    return this.#inner.volume(path);
  }

  #number(path: string): number {
    const known = this.#fileOf.get(path);
    if (known !== undefined) return known;
    const file = this.#nextFile++;
    this.#fileOf.set(path, file);
    return file;
  }
}

class RecordingHandle implements FileHandle {
  readonly path: string;
  readonly #owner: RecordingFileSystem;
  readonly #inner: FileHandle;
  readonly #file: number;

  constructor(owner: RecordingFileSystem, inner: FileHandle, file: number) {
    this.path = inner.path;
    this.#owner = owner;
    this.#inner = inner;
    this.#file = file;
  }

  size(): number {
    return this.#inner.size();
  }

  readSync(target: Uint8Array, offset: number, length: number, position: number): number {
    return this.#inner.readSync(target, offset, length, position);
  }

  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return this.#inner.read(target, offset, length, position);
  }

  writeSync(source: Uint8Array, offset: number, length: number, position: number): void {
    this.#noteWrite(source, offset, length, position);
    this.#inner.writeSync(source, offset, length, position);
  }

  write(source: Uint8Array, offset: number, length: number, position: number): Promise<void> {
    this.#noteWrite(source, offset, length, position);
    return this.#inner.write(source, offset, length, position);
  }

  async syncData(): Promise<void> {
    const covers = this.#owner.length;
    await this.#inner.syncData();
    this.#owner.note({ kind: 'sync', file: this.#file, covers });
  }

  syncDataSync(): void {
    const covers = this.#owner.length;
    this.#inner.syncDataSync();
    this.#owner.note({ kind: 'sync', file: this.#file, covers });
  }

  truncate(size: number): void {
    this.#inner.truncate(size);
    this.#owner.note({ kind: 'truncate', file: this.#file, size });
  }

  close(): void {
    this.#inner.close();
  }

  #noteWrite(source: Uint8Array, offset: number, length: number, position: number): void {
    const bytes = Buffer.from(source.subarray(offset, offset + length));
    this.#owner.note({ kind: 'write', file: this.#file, position, bytes });
  }
}
