/**
 * Keeps two processes off one store. Node has no fcntl locks: an Apache broker's lock is seen in
 * `/proc/locks`, other Skylarks are kept out by a file with the owner's pid and start time. Of
 * another container neither is seen: there the owner shows that it lives by writing the file again
 * and again. An Apache broker cannot be kept from starting on a store that Skylark has open.
 */
import {
  type Clock,
  type FileSystem,
  type Logger,
  MqError,
  MqErrorCode,
  type Scheduler,
  type Timer,
} from '@skylarkmq/base';

const LOCK_NAME = 'lock';
const OWN_LOCK_NAME = 'skylark.lock';
const READ_BYTES_MAX = 1024 * 1024;
/** Field number of the start time in /proc/<pid>/stat, counted after the command's bracket. */
const START_TIME_FIELD = 19;
/** Its inode number tells which process ids mean the same: those of one container. */
const PID_NAMESPACE = '/proc/self/ns/pid';
const BEAT_MS = 5000;
/** An owner in another container that has not written its file for so long is gone. */
const SILENT_MS = 30_000;

export interface StoreLock {
  release(): void;
}

export interface StoreLockDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

interface Owner {
  readonly pid: number;
  /** Empty when unknown; so is the namespace. */
  readonly start: string;
  readonly namespace: string;
}

/** Stores that this very process has open: their pid proves nothing. */
const heldHere = new WeakMap<FileSystem, Set<string>>();

/** Takes the store or throws `Locked`, naming path and process. `processId` 0: memory only. */
export function lockStore(
  fileSystem: FileSystem,
  directory: string,
  processId: number,
  deps: StoreLockDeps,
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
  refuseSkylark(fileSystem, path, directory, processId, deps);
  const text = ownerText(fileSystem, processId);
  if (!tryWriteNew(fileSystem, path, text)) throw inUse(fileSystem, path, directory);
  writeText(fileSystem, `${directory}/${LOCK_NAME}`, 'lock');
  held.add(directory);
  const beats = processId > 0 ? keepFresh(fileSystem, path, text, deps) : null;
  return {
    release() {
      if (!held.delete(directory)) return;
      beats?.cancel();
      fileSystem.remove(path);
    },
  };
}

/** Shows those who do not see our process that it lives; tries again after a failure. */
function keepFresh(
  fileSystem: FileSystem,
  path: string,
  text: string,
  { scheduler, logger }: StoreLockDeps,
): Timer {
  let isFailing = false;
  const timer = scheduler.every(BEAT_MS, () => {
    try {
      if (readText(fileSystem, path) !== text) {
        logger.error({ path }, 'The lock of the store is not ours any more: do two write to it?');
        timer.cancel();
        return;
      }
      writeText(fileSystem, path, text, 'rw');
      isFailing = false;
    } catch (error) {
      if (!isFailing) logger.error({ path, error }, 'The lock of the store cannot be kept fresh');
      isFailing = true;
    }
  });
  return timer;
}

function refuseSkylark(
  fileSystem: FileSystem,
  path: string,
  directory: string,
  processId: number,
  { clock, logger }: StoreLockDeps,
): void {
  const text = readText(fileSystem, path);
  if (text === '') {
    // Made and not yet written: its maker died there, or looks again and finds it gone.
    if (fileSystem.exists(path)) moveAside(fileSystem, path, directory, processId, text);
    return;
  }
  const owner = parseOwner(text);
  const namespace = pidNamespace(fileSystem);
  if (owner.namespace !== '' && owner.namespace !== namespace) {
    const silentMs = clock.nowMs() - (fileSystem.stat(path)?.modifiedMs ?? 0);
    if (silentMs < SILENT_MS) throw inUseElsewhere(path, directory, silentMs);
  } else if (owner.pid !== processId && isAlive(fileSystem, owner)) {
    throw inUse(fileSystem, path, directory);
  }
  logger.info({ path, pid: owner.pid }, 'Taking over the lock of a process that is gone');
  moveAside(fileSystem, path, directory, processId, text);
}

function isAlive(fileSystem: FileSystem, { pid, start }: Owner): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  const current = startTime(fileSystem, pid);
  // A pid is used again some day; the start time tells the two apart.
  return current !== '' && (start === '' || current === start);
}

function parseOwner(text: string): Owner {
  const [pid = '', start = '', namespace = ''] = text.trim().split(' ');
  return { pid: Number(pid), start, namespace };
}

function ownerText(fileSystem: FileSystem, pid: number): string {
  const namespace = pidNamespace(fileSystem);
  const last = namespace === '' ? '' : ` ${namespace}`;
  return `${pid} ${startTime(fileSystem, pid)}${last}\n`;
}

/** Empty where there is no such thing. */
function pidNamespace(fileSystem: FileSystem): string {
  const inode = fileSystem.stat(PID_NAMESPACE)?.inode ?? 0;
  return inode === 0 ? '' : String(inode);
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

function inUseElsewhere(path: string, directory: string, silentMs: number): MqError {
  const ago = `${Math.max(0, Math.round(silentMs / 1000))} s ago`;
  const cure = `if it was killed, start again ${SILENT_MS / 1000} s after that`;
  const message = `The store ${directory} is in use by a process of another container, which`;
  return new MqError(MqErrorCode.Locked, `${message} showed itself ${ago} (${path}); ${cure}`);
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
  mode: 'create' | 'create-new' | 'rw' = 'create',
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
