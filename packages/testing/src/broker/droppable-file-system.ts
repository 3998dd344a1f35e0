/**
 * A file system that can stop listening: what is written after `drop` does not reach the disk below
 * it, as when the process that wrote it is gone. Reading goes on.
 */

import type { OpenMode, VolumeSpace } from '@skylarkmq/base';
import { type FileHandle, type FileStat, type FileSystem, MemoryFileSystem } from '@skylarkmq/base';

export class DroppableFileSystem implements FileSystem {
  readonly #disk: FileSystem;
  #isDropped = false;

  constructor(disk: FileSystem) {
    this.#disk = disk;
  }

  get isDropped(): boolean {
    return this.#isDropped;
  }

  /** From now on nothing changes the disk. */
  drop(): void {
    this.#isDropped = true;
  }

  open(path: string, mode: OpenMode): FileHandle {
    if (!this.#isDropped) return new DroppableHandle(this.#disk.open(path, mode), this);
    if (this.#disk.exists(path) && mode !== 'create-new') {
      return new DroppableHandle(this.#disk.open(path, 'r'), this);
    }
    if (mode === 'r' || mode === 'rw') return this.#disk.open(path, 'r');
    return new MemoryFileSystem().open('/dropped', 'create');
  }

  exists(path: string): boolean {
    return this.#disk.exists(path);
  }

  stat(path: string): FileStat | undefined {
    return this.#disk.stat(path);
  }

  list(path: string): string[] {
    return this.#disk.list(path);
  }

  makeDirectory(path: string): void {
    if (!this.#isDropped) this.#disk.makeDirectory(path);
  }

  rename(from: string, to: string): void {
    if (!this.#isDropped) this.#disk.rename(from, to);
  }

  remove(path: string): void {
    if (!this.#isDropped) this.#disk.remove(path);
  }

  syncDirectory(path: string): void {
    if (!this.#isDropped) this.#disk.syncDirectory(path);
  }

  async syncDirectoryLater(path: string): Promise<void> {
    this.syncDirectory(path);
  }

  volume(path: string): VolumeSpace {
    return this.#disk.volume(path);
  }
}

class DroppableHandle implements FileHandle {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #owner: DroppableFileSystem;

  constructor(file: FileHandle, owner: DroppableFileSystem) {
    this.path = file.path;
    this.#file = file;
    this.#owner = owner;
  }

  size(): number {
    return this.#file.size();
  }

  readSync(target: Uint8Array, offset: number, length: number, position: number): number {
    return this.#file.readSync(target, offset, length, position);
  }

  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return this.#file.read(target, offset, length, position);
  }

  writeSync(source: Uint8Array, offset: number, length: number, position: number): void {
    if (!this.#owner.isDropped) this.#file.writeSync(source, offset, length, position);
  }

  async write(source: Uint8Array, offset: number, length: number, position: number): Promise<void> {
    if (!this.#owner.isDropped) await this.#file.write(source, offset, length, position);
  }

  async syncData(): Promise<void> {
    if (!this.#owner.isDropped) await this.#file.syncData();
  }

  syncDataSync(): void {
    if (!this.#owner.isDropped) this.#file.syncDataSync();
  }

  truncate(size: number): void {
    if (!this.#owner.isDropped) this.#file.truncate(size);
  }

  close(): void {
    this.#file.close();
  }
}
