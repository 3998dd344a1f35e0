/**
 * A file system that lives in memory: what an embedded broker stores its messages on. Sparse: a
 * chunk takes memory only once something was written to it. Nothing here survives the process.
 */
import type { FileHandle, FileStat, FileSystem, OpenMode, VolumeSpace } from './file-system.ts';

const CHUNK_BYTES = 64 * 1024;
/** What `volume` reports as the size of the imaginary disk: 1 TiB. */
const VOLUME_BYTES = 2 ** 40;

interface MemoryFile {
  size: number;
  modifiedMs: number;
  readonly chunks: Map<number, Buffer>;
}

/** See the head of this file. `nowMs` stamps modifications. */
export class MemoryFileSystem implements FileSystem {
  readonly #files = new Map<string, MemoryFile>();
  readonly #directories = new Set<string>(['/']);
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => 0) {
    this.#nowMs = nowMs;
  }

  open(path: string, mode: OpenMode): FileHandle {
    let file = this.#files.get(path);
    if (file !== undefined && mode === 'create-new') {
      throw systemError('EEXIST', `file exists: ${path}`);
    }
    if (file === undefined) {
      if (mode === 'r' || mode === 'rw') throw systemError('ENOENT', `no such file: ${path}`);
      const parent = parentOf(path);
      if (!this.#directories.has(parent)) throw systemError('ENOENT', `no directory: ${parent}`);
      file = { size: 0, modifiedMs: this.#nowMs(), chunks: new Map() };
      this.#files.set(path, file);
    }
    return new MemoryFileHandle(path, file, this.#nowMs);
  }

  exists(path: string): boolean {
    return this.#files.has(path) || this.#directories.has(path);
  }

  stat(path: string): FileStat | undefined {
    const file = this.#files.get(path);
    if (file !== undefined) {
      return { size: file.size, modifiedMs: file.modifiedMs, isDirectory: false };
    }
    if (!this.#directories.has(path)) return undefined;
    return { size: 0, modifiedMs: 0, isDirectory: true };
  }

  list(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    const names: string[] = [];
    const collect = (candidate: string): void => {
      if (candidate === path || !candidate.startsWith(prefix)) return;
      const name = candidate.slice(prefix.length);
      if (!name.includes('/')) names.push(name);
    };
    for (const file of this.#files.keys()) collect(file);
    for (const directory of this.#directories) collect(directory);
    return names.sort();
  }

  makeDirectory(path: string): void {
    if (this.#files.has(path)) throw systemError('EEXIST', `is a file: ${path}`);
    for (let at = path; at !== '/'; at = parentOf(at)) this.#directories.add(at);
  }

  rename(from: string, to: string): void {
    const file = this.#files.get(from);
    if (file !== undefined) {
      this.#files.delete(from);
      this.#files.set(to, file);
      return;
    }
    if (!this.#directories.has(from)) throw systemError('ENOENT', `no such file: ${from}`);
    this.#renameDirectory(from, to);
  }

  remove(path: string): void {
    this.#files.delete(path);
    this.#directories.delete(path);
    const prefix = `${path}/`;
    for (const name of this.#files.keys()) if (name.startsWith(prefix)) this.#files.delete(name);
    for (const name of this.#directories) {
      if (name.startsWith(prefix)) this.#directories.delete(name);
    }
  }

  syncDirectory(path: string): void {
    if (!this.#directories.has(path)) throw systemError('ENOENT', `no directory: ${path}`);
  }

  async syncDirectoryLater(path: string): Promise<void> {
    this.syncDirectory(path);
  }

  volume(): VolumeSpace {
    let used = 0;
    for (const file of this.#files.values()) used += file.chunks.size * CHUNK_BYTES;
    return { totalBytes: VOLUME_BYTES, availableBytes: VOLUME_BYTES - used };
  }

  #renameDirectory(from: string, to: string): void {
    const moved = (name: string): string => to + name.slice(from.length);
    for (const [name, file] of [...this.#files]) {
      if (!name.startsWith(`${from}/`)) continue;
      this.#files.delete(name);
      this.#files.set(moved(name), file);
    }
    for (const name of [...this.#directories]) {
      if (name !== from && !name.startsWith(`${from}/`)) continue;
      this.#directories.delete(name);
      this.#directories.add(moved(name));
    }
  }
}

class MemoryFileHandle implements FileHandle {
  readonly path: string;
  readonly #file: MemoryFile;
  readonly #nowMs: () => number;

  constructor(path: string, file: MemoryFile, nowMs: () => number) {
    this.path = path;
    this.#file = file;
    this.#nowMs = nowMs;
  }

  size(): number {
    return this.#file.size;
  }

  readSync(target: Uint8Array, offset: number, length: number, position: number): number {
    const count = Math.max(0, Math.min(length, this.#file.size - position));
    for (let done = 0; done < count; ) {
      const at = position + done;
      const within = at % CHUNK_BYTES;
      const part = Math.min(CHUNK_BYTES - within, count - done);
      const chunk = this.#file.chunks.get(Math.floor(at / CHUNK_BYTES));
      if (chunk === undefined) target.fill(0, offset + done, offset + done + part);
      else chunk.copy(target, offset + done, within, within + part);
      done += part;
    }
    return count;
  }

  async read(
    target: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<number> {
    return this.readSync(target, offset, length, position);
  }

  writeSync(source: Uint8Array, offset: number, length: number, position: number): void {
    for (let done = 0; done < length; ) {
      const at = position + done;
      const within = at % CHUNK_BYTES;
      const part = Math.min(CHUNK_BYTES - within, length - done);
      const from = offset + done;
      this.#chunk(Math.floor(at / CHUNK_BYTES)).set(source.subarray(from, from + part), within);
      done += part;
    }
    this.#file.size = Math.max(this.#file.size, position + length);
    this.#file.modifiedMs = this.#nowMs();
  }

  async write(source: Uint8Array, offset: number, length: number, position: number): Promise<void> {
    this.writeSync(source, offset, length, position);
  }

  async syncData(): Promise<void> {}

  syncDataSync(): void {}

  truncate(size: number): void {
    if (size < this.#file.size) {
      const last = Math.floor(size / CHUNK_BYTES);
      for (const index of this.#file.chunks.keys()) {
        if (index > last) this.#file.chunks.delete(index);
      }
      this.#file.chunks.get(last)?.fill(0, size % CHUNK_BYTES);
    }
    this.#file.size = size;
    this.#file.modifiedMs = this.#nowMs();
  }

  close(): void {}

  #chunk(index: number): Buffer {
    let chunk = this.#file.chunks.get(index);
    if (chunk === undefined) {
      chunk = Buffer.alloc(CHUNK_BYTES);
      this.#file.chunks.set(index, chunk);
    }
    return chunk;
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
