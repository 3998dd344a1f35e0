import { type FileSystem, MemoryFileSystem } from '@skylarkmq/base';

/** A copy of a tree as a killed process would leave it: without what is only in memory. */
export function crashCopy(from: FileSystem, path: string): MemoryFileSystem {
  const copy = new MemoryFileSystem();
  copyInto(from, path, copy);
  return copy;
}

/** Copies a tree into another file system, under the same path. */
export function copyInto(from: FileSystem, path: string, to: FileSystem): void {
  const stat = from.stat(path);
  if (stat === undefined) return;
  if (stat.isDirectory) {
    to.makeDirectory(path);
    for (const name of from.list(path)) copyInto(from, `${path}/${name}`, to);
    return;
  }
  const source = from.open(path, 'r');
  const target = to.open(path, 'create');
  target.truncate(stat.size);
  const block = Buffer.alloc(65536);
  const zeros = Buffer.alloc(65536);
  for (let at = 0; at < stat.size; at += block.length) {
    const read = source.readSync(block, 0, block.length, at);
    if (block.compare(zeros, 0, read, 0, read) !== 0) target.writeSync(block, 0, read, at);
  }
  source.close();
  target.close();
}
