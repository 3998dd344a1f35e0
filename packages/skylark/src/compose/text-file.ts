/** Small text files of the command: configuration, certificates. */
import { type FileSystem, MqError, MqErrorCode } from '@skylarkmq/base';

const FILE_BYTES_MAX = 4 * 1024 * 1024;

/** The bytes of a file. SYSTEM, naming the path, when it cannot be read or is too large. */
export function readSmallFile(fileSystem: FileSystem, path: string): Buffer {
  const size = statOrThrow(fileSystem, path);
  if (size > FILE_BYTES_MAX) {
    const message = `${path} has ${size} bytes, at most ${FILE_BYTES_MAX} are read`;
    throw new MqError(MqErrorCode.System, message);
  }
  try {
    const handle = fileSystem.open(path, 'r');
    try {
      const bytes = Buffer.alloc(size);
      return bytes.subarray(0, handle.readSync(bytes, 0, size, 0));
    } finally {
      handle.close();
    }
  } catch (error) {
    throw new MqError(MqErrorCode.System, `Cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** Writes a whole file, durably; who reads it never sees half of it. */
export function writeSmallFile(fileSystem: FileSystem, path: string, text: string): void {
  const fresh = `${path}.tmp`;
  fileSystem.remove(fresh);
  const handle = fileSystem.open(fresh, 'create');
  try {
    const bytes = Buffer.from(text, 'utf8');
    handle.writeSync(bytes, 0, bytes.length, 0);
    handle.syncDataSync();
  } finally {
    handle.close();
  }
  fileSystem.rename(fresh, path);
}

/** Makes a directory and proves that files can be written in it. SYSTEM, naming it, if not. */
export function prepareDirectory(fileSystem: FileSystem, path: string): void {
  const probe = `${path}/.write-probe`;
  try {
    fileSystem.makeDirectory(path);
    fileSystem.open(probe, 'create').close();
    fileSystem.remove(probe);
  } catch (error) {
    const message = `Cannot write to the directory ${path}: ${reasonOf(error)}`;
    throw new MqError(MqErrorCode.System, message);
  }
}

function statOrThrow(fileSystem: FileSystem, path: string): number {
  let reason = 'there is no such file';
  try {
    const stat = fileSystem.stat(path);
    if (stat !== undefined && !stat.isDirectory) return stat.size;
    if (stat !== undefined) reason = 'it is a directory';
  } catch (error) {
    reason = reasonOf(error);
  }
  throw new MqError(MqErrorCode.System, `Cannot read ${path}: ${reason}`);
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'not permitted'],
  ['EROFS', 'the file system is read-only'],
  ['ENOTDIR', 'a part of the path is no directory'],
  ['EEXIST', 'there is a file of that name'],
  ['ENOENT', 'it cannot be made there'],
  ['ENOSPC', 'the disk is full'],
]);

/** What the operating system says, for people. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return REASONS.get(code) ?? MqError.from(error).message;
}
