import type { FileHandle, FileSystem } from '@skylarkmq/base';

/** A file system on which nothing is ever made durable, to prove that tests notice. */
export function withoutSync(inner: FileSystem): FileSystem {
  return {
    open: (path, mode) => silenced(inner.open(path, mode)),
    exists: (path) => inner.exists(path),
    stat: (path) => inner.stat(path),
    list: (path) => inner.list(path),
    makeDirectory: (path) => inner.makeDirectory(path),
    rename: (from, to) => inner.rename(from, to),
    remove: (path) => inner.remove(path),
    syncDirectory: () => undefined,
    syncDirectoryLater: async () => undefined,
    volume: (path) => inner.volume(path),
  };
}

function silenced(handle: FileHandle): FileHandle {
  return {
    path: handle.path,
    size: () => handle.size(),
    readSync: (target, offset, length, position) =>
      handle.readSync(target, offset, length, position),
    read: (target, offset, length, position) => handle.read(target, offset, length, position),
    writeSync: (source, offset, length, position) =>
      handle.writeSync(source, offset, length, position),
    write: (source, offset, length, position) => handle.write(source, offset, length, position),
    syncData: async () => undefined,
    syncDataSync: () => undefined,
    truncate: (size) => handle.truncate(size),
    close: () => handle.close(),
  };
}
