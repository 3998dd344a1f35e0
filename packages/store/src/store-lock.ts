/**
 * Keeps two processes off one store. Node has no fcntl locks: an Apache broker's lock is seen in
 * `/proc/locks`, other Skylarks are kept out by a file with the owner's pid and start time. An
 * Apache broker cannot be kept from starting on a store that Skylark has open.
 */
import { type FileSystem, type Logger, MqError, MqErrorCode } from '@skylarkmq/base';

const LOCK_NAME = 'lock';
const OWN_LOCK_NAME = 'skylark.lock';
const READ_BYTES_MAX = 1024 * 1024;
/** Field number of the start time in /proc/<pid>/stat, counted after the command's bracket. */
const START_TIME_FIELD = 19;

export interface StoreLock {
  release(): void;
}

/** Stores that this very process has open: their pid proves nothing. */
const heldHere = new WeakMap<FileSystem, Set<string>>();

/** Takes the store or throws `Locked`, naming path and process. `processId` 0: memory only. */
export function lockStore(
  fileSystem: FileSystem,
  directory: string,
  processId: number,
  logger: Logger,
): StoreLock {
  const held = heldHere.get(fileSystem) ?? new Set<string>();
  heldHere.set(fileSystem, held);
  if (held.has(directory)) {
    throw new MqError(
      MqErrorCode.Locked,
      `The store ${directory} is already open in this process (pid ${processId})`,
    );
  }
  refuseApache(fileSystem, `${directory}/${LOCK_NAME}`, directory);
  const path = `${directory}/${OWN_LOCK_NAME}`;
  refuseSkylark(fileSystem, path, directory, processId, logger);
  const owner = `${processId} ${startTime(fileSystem, processId)}\n`;
  if (!tryWriteNew(fileSystem, path, owner)) throw inUse(fileSystem, path, directory);
  writeText(fileSystem, `${directory}/${LOCK_NAME}`, 'lock');
  held.add(directory);
  return {
    release() {
      if (!held.delete(directory)) return;
      fileSystem.remove(path);
    },
  };
}

function refuseSkylark(
  fileSystem: FileSystem,
  path: string,
  directory: string,
  processId: number,
  logger: Logger,
): void {
  const text = readText(fileSystem, path);
  if (text === '') {
    // Made and not yet written: its maker died there, or looks again and finds it gone.
    if (fileSystem.exists(path)) moveAside(fileSystem, path, directory, processId, text);
    return;
  }
  const [pidText = '', start = ''] = text.trim().split(' ');
  const pid = Number(pidText);
  const alive = Number.isInteger(pid) && pid > 0 && pid !== processId && isAlive();
  if (alive) throw inUse(fileSystem, path, directory);
  logger.info({ path, pid: pidText }, 'Taking over the lock of a process that is gone');
  moveAside(fileSystem, path, directory, processId, text);
  function isAlive(): boolean {
    const current = startTime(fileSystem, pid);
    // A pid is used again some day; the start time tells the two apart.
    return current !== '' && (start === '' || current === start);
  }
}

/**
 * Linux lists every lock: number, kind, mode, access, pid, device:inode, first byte, last byte.
 * Java locks byte 0 for writing. The device is not compared: file systems with subvolumes report
 * another one.
 */
function refuseApache(fileSystem: FileSystem, path: string, directory: string): void {
  const inode = fileSystem.stat(path)?.inode ?? 0;
  if (inode === 0) return;
  for (const line of readText(fileSystem, '/proc/locks').split('\n')) {
    const fields = line.split(' ').filter((field) => field !== '');
    const at = fields.findIndex((field) => field.split(':').length === 3);
    if (at < 1 || fields[at]?.split(':')[2] !== String(inode)) continue;
    const [mode, first, last] = [fields[at - 2], fields[at + 1], fields[at + 2]];
    if (mode !== 'WRITE' || first !== '0' || last !== '0') continue;
    const pid = fields[at - 1];
    throw new MqError(
      MqErrorCode.Locked,
      `The store ${directory} is in use by process ${pid}, probably an Apache broker (${path})`,
    );
  }
}

/** Takes a dead lock away; gives it back when it turns out to be a live one that came between. */
function moveAside(
  fileSystem: FileSystem,
  path: string,
  directory: string,
  processId: number,
  expected: string,
): void {
  const aside = `${path}.${processId}`;
  fileSystem.rename(path, aside);
  if (readText(fileSystem, aside) !== expected) {
    fileSystem.rename(aside, path);
    throw inUse(fileSystem, path, directory);
  }
  fileSystem.remove(aside);
}

/** Makes the lock file; false when somebody else did at the same moment. */
function tryWriteNew(fileSystem: FileSystem, path: string, owner: string): boolean {
  try {
    writeText(fileSystem, path, owner, 'create-new');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  return readText(fileSystem, path) === owner;
}

function inUse(fileSystem: FileSystem, path: string, directory: string): MqError {
  const [pid = ''] = readText(fileSystem, path).split(' ');
  const who = pid === '' ? 'a process that starts just now' : `process ${pid}`;
  const message = `The store ${directory} is in use by ${who} (lock file ${path})`;
  return new MqError(MqErrorCode.Locked, message);
}

function startTime(fileSystem: FileSystem, pid: number): string {
  if (pid <= 0) return '';
  const stat = readText(fileSystem, `/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[START_TIME_FIELD] ?? '';
}

function readText(fileSystem: FileSystem, path: string): string {
  if (!fileSystem.exists(path)) return '';
  const handle = fileSystem.open(path, 'r');
  try {
    // Files in /proc have no size: read until nothing comes.
    const parts: Buffer[] = [];
    for (let at = 0; at < READ_BYTES_MAX; ) {
      const part = Buffer.alloc(4096);
      const read = handle.readSync(part, 0, part.length, at);
      if (read === 0) break;
      parts.push(part.subarray(0, read));
      at += read;
    }
    return Buffer.concat(parts).toString('utf8');
  } finally {
    handle.close();
  }
}

function writeText(
  fileSystem: FileSystem,
  path: string,
  text: string,
  mode: 'create' | 'create-new' = 'create',
): void {
  const handle = fileSystem.open(path, mode);
  try {
    const bytes = Buffer.from(text);
    handle.truncate(bytes.length);
    handle.writeSync(bytes, 0, bytes.length, 0);
  } finally {
    handle.close();
  }
}
