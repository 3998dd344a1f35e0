/** The one place that touches node:fs. */
import fs from 'node:fs';
import { dirname } from 'node:path';
import type { FileHandle, FileStat, FileSystem, VolumeSpace } from '../file/file-system.ts';

const FLAGS = {
  r: fs.constants.O_RDONLY,
  rw: fs.constants.O_RDWR,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT,
  'create-new': fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL,
} as const;

/** Stores hold other people's messages: nobody else on the machine may read them. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** The machine's own files. */
export const realFileSystem: FileSystem = {
  open: (path, mode) => new NodeFileHandle(path, fs.openSync(path, FLAGS[mode], FILE_MODE)),
  exists: (path) => fs.existsSync(path),
  stat(path): FileStat | undefined {
    const stat = fs.statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    return {
      size: stat.size,
      modifiedMs: stat.mtimeMs,
      isDirectory: stat.isDirectory(),
      inode: stat.ino,
    };
  },
  list(path) {
    return fs.existsSync(path) ? fs.readdirSync(path).sort() : [];
  },
  makeDirectory,
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { recursive: true, force: true }),
  syncDirectory(path) {
    const descriptor = fs.openSync(path, fs.constants.O_RDONLY);
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  },
  async syncDirectoryLater(path) {
    const handle = await fs.promises.open(path, fs.constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  volume(path): VolumeSpace {
    const space = fs.statfsSync(path);
    return {
      totalBytes: space.blocks * space.bsize,
      availableBytes: space.bavail * space.bsize,
    };
  },
};

/**
 * Not Node's own `recursive`: where a parent exists and nothing can be made in it (`/proc`), that
 * tries for ever, and no signal ends it.
 */
function makeDirectory(path: string): void {
  try {
    fs.mkdirSync(path, DIRECTORY_MODE);
  } catch (error) {
    if (isDirectory(path)) return;
    const parent = dirname(path);
    if (!isMissing(error) || isDirectory(parent)) throw error;
    makeDirectory(parent);
    makeDirectory(path);
  }
}

function isDirectory(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

class NodeFileHandle implements FileHandle {
  readonly path: string;
  readonly #descriptor: number;

  constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  size(): number {
    return fs.fstatSync(this.#descriptor).size;
  }

  readSync(target: Uint8Array, offset: number, length: number, position: number): number {
    let done = 0;
    while (done < length) {
      const at = position + done;
      const count = fs.readSync(this.#descriptor, target, offset + done, length - done, at);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async read(
    target: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<number> {
    let done = 0;
    while (done < length) {
      const count = await this.#readOnce(target, offset + done, length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  // A full disk cuts a write short without an error; only the next write would say ENOSPC.
  writeSync(source: Uint8Array, offset: number, length: number, position: number): void {
    const count = fs.writeSync(this.#descriptor, source, offset, length, position);
    if (count !== length) throw shortWrite(this.path, count, length);
  }

  write(source: Uint8Array, offset: number, length: number, position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.write(this.#descriptor, source, offset, length, position, (error, count) => {
        if (error !== null) reject(error);
        else if (count !== length) reject(shortWrite(this.path, count, length));
        else resolve();
      });
    });
  }

  syncData(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#descriptor, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  syncDataSync(): void {
    fs.fdatasyncSync(this.#descriptor);
  }

  truncate(size: number): void {
    fs.ftruncateSync(this.#descriptor, size);
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }

  #readOnce(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#descriptor, target, offset, length, position, (error, count) => {
        if (error === null) resolve(count);
        else reject(error);
      });
    });
  }
}

function shortWrite(path: string, count: number, length: number): Error {
  const message = `ENOSPC: no space left on device, wrote ${count} of ${length} bytes to ${path}`;
  return Object.assign(new Error(message), { code: 'ENOSPC', path });
}
