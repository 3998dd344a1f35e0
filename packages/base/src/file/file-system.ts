/**
 * The port to files. One real implementation (`real/file-system.ts`), one in memory (for embedded
 * brokers), and in `testkit` a recording and a fault-injecting one. Everything a store does to a
 * disk goes through here, so every state change can be recorded, cut, torn and failed.
 *
 * Paths are absolute, '/'-separated. Errors are Node's own (`code` is 'ENOENT', 'ENOSPC', ...).
 */
export interface FileSystem {
  open(path: string, mode: OpenMode): FileHandle;
  exists(path: string): boolean;
  /** Size in bytes and last modification; undefined if there is nothing at `path`. */
  stat(path: string): FileStat | undefined;
  /** Names in a directory, sorted; an empty list if it does not exist. */
  list(path: string): string[];
  /** Makes a directory and its parents. */
  makeDirectory(path: string): void;
  rename(from: string, to: string): void;
  /** Removes a file, or a directory with all in it. Nothing at `path` is not an error. */
  remove(path: string): void;
  /** Makes the directory's entries (creations, renames, removals) durable. */
  syncDirectory(path: string): void;
  /** The same, while other work goes on. */
  syncDirectoryLater(path: string): Promise<void>;
  /** Total and available bytes of the volume that holds `path`. */
  volume(path: string): VolumeSpace;
}

/**
 * 'r' and 'rw': the file must exist (ENOENT). 'create' makes an empty one if there is none,
 * 'create-new' must be the one who makes it (EEXIST).
 */
export type OpenMode = 'r' | 'rw' | 'create' | 'create-new';

export interface FileStat {
  readonly size: number;
  readonly modifiedMs: number;
  readonly isDirectory: boolean;
  /** Number of the file within its volume; missing where there is no such thing. */
  readonly inode?: number;
}

export interface VolumeSpace {
  readonly totalBytes: number;
  readonly availableBytes: number;
}

/** An open file. The synchronous calls are for the append path and start-up. */
export interface FileHandle {
  readonly path: string;
  /** Current length in bytes. */
  size(): number;
  /** Reads up to `length` bytes at `position`; returns how many, less only at the end of file. */
  readSync(target: Uint8Array, offset: number, length: number, position: number): number;
  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** Writes all bytes or throws; a short count (full disk) is thrown as ENOSPC. */
  writeSync(source: Uint8Array, offset: number, length: number, position: number): void;
  write(source: Uint8Array, offset: number, length: number, position: number): Promise<void>;
  /** Makes the written bytes durable. An error here is final: never retried into success. */
  syncData(): Promise<void>;
  syncDataSync(): void;
  /** Sets the length; growing leaves a hole of zeros. */
  truncate(size: number): void;
  close(): void;
}
