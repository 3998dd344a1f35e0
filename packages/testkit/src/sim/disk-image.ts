/** Whole files and whole trees, for tests: read, write, copy, compare, damage. */
import type { FileSystem } from '@skylarkmq/base';

/** The content of a file. */
export function readAll(fileSystem: FileSystem, path: string): Buffer {
  const handle = fileSystem.open(path, 'r');
  try {
    const bytes = Buffer.alloc(handle.size());
    const count = handle.readSync(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, count);
  } finally {
    handle.close();
  }
}

/** Makes a file (and the directories above it) with this content. */
export function writeAll(fileSystem: FileSystem, path: string, bytes: Uint8Array): void {
  fileSystem.makeDirectory(path.slice(0, path.lastIndexOf('/')) || '/');
  const handle = fileSystem.open(path, 'create');
  try {
    handle.truncate(bytes.length);
    if (bytes.length > 0) handle.writeSync(bytes, 0, bytes.length, 0);
  } finally {
    handle.close();
  }
}

/** Paths of all directories and files below `root`, parents first. */
export function walk(fileSystem: FileSystem, root: string): string[] {
  const found: string[] = [];
  for (const name of fileSystem.list(root)) {
    const path = root === '/' ? `/${name}` : `${root}/${name}`;
    found.push(path);
    if (fileSystem.stat(path)?.isDirectory) found.push(...walk(fileSystem, path));
  }
  return found;
}

/** Content of every file below `root`, by path relative to it. */
export function imageOf(fileSystem: FileSystem, root: string): Map<string, Buffer> {
  const image = new Map<string, Buffer>();
  for (const path of walk(fileSystem, root)) {
    if (fileSystem.stat(path)?.isDirectory) continue;
    image.set(path.slice(root.length + 1), readAll(fileSystem, path));
  }
  return image;
}

/** Copies the tree below `from` of one file system to `to` of another. */
export function copyTree(source: FileSystem, from: string, target: FileSystem, to: string): void {
  target.makeDirectory(to);
  for (const path of walk(source, from)) {
    const copied = to + path.slice(from.length);
    if (source.stat(path)?.isDirectory) target.makeDirectory(copied);
    else writeAll(target, copied, readAll(source, path));
  }
}

/** Flips one bit of a file, as rot does: the length stays, nothing is reported. */
export function flipBit(fileSystem: FileSystem, path: string, position: number, bit = 0): void {
  const handle = fileSystem.open(path, 'rw');
  try {
    const byte = Buffer.alloc(1);
    handle.readSync(byte, 0, 1, position);
    byte[0] = (byte[0] ?? 0) ^ (1 << bit);
    handle.writeSync(byte, 0, 1, position);
  } finally {
    handle.close();
  }
}
