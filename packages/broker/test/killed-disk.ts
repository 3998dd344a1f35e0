import { type FileSystem, MemoryFileSystem } from '@skylarkmq/base';

/** The files below /store as they are now: what a process that is killed now leaves. */
export function killedDisk(from: FileSystem): MemoryFileSystem {
  const to = new MemoryFileSystem();
  const copy = (path: string): void => {
    const stat = from.stat(path);
    if (stat?.isDirectory) {
      to.makeDirectory(path);
      for (const name of from.list(path)) copy(`${path}/${name}`);
    } else if (stat !== undefined) {
      const bytes = Buffer.alloc(stat.size);
      const source = from.open(path, 'r');
      source.readSync(bytes, 0, stat.size, 0);
      source.close();
      const target = to.open(path, 'create');
      target.writeSync(bytes, 0, bytes.length, 0);
      target.close();
    }
  };
  copy('/store');
  return to;
}
