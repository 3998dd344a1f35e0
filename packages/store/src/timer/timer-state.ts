/**
 * How far the timers are: `config/timercheck` as Apache reads and writes it, and beside it our own
 * `timercheck.skylark` with more, in two slots of which one is always whole. Ours counts as long as
 * `timercheck` holds what we wrote; after Apache ran, Apache's does.
 */
import { crc32, type FileHandle, type FileSystem } from '@skylarkmq/base';
import { readInt64, writeInt64 } from './timer-unit.ts';

/** RocketMQ: TimerCheckpoint is one page of memory. */
const APACHE_BYTES = 4096;
const APACHE_FIELDS = 7;
const APACHE_USED = APACHE_FIELDS * 8;
const SLOT_BYTES = 512;
/** "SKYT" */
const MAGIC = 0x534b5954;
const MS_PER_SECOND = 1000;

export interface TimerState {
  /** The wheel on disk holds all messages of the timer queue before this offset ... */
  readonly queueOffset: number;
  /** ... in entries before this position of the timer log. */
  readonly logEnd: number;
  /** Of the messages before this offset ... */
  readonly doneQueueOffset: number;
  /** ... all that are due up to this time are delivered. */
  readonly doneMs: number;
  readonly changes: number;
  /** An entry could not be read: all must be built again. */
  readonly isDamaged: boolean;
}

export const NO_TIMER_STATE: TimerState = {
  queueOffset: 0,
  logEnd: 0,
  doneQueueOffset: 0,
  doneMs: 0,
  changes: 0,
  isDamaged: false,
};

export interface LoadedTimerState {
  readonly state: TimerState;
  /** None: there was nothing. Apache: its broker wrote last. */
  readonly writer: 'none' | 'ours' | 'apache';
}

export class TimerStateFile {
  readonly #ours: FileHandle;
  readonly #apaches: FileHandle;
  #sequence = 0;

  /** Makes the files when there are none. */
  constructor(fileSystem: FileSystem, directory: string) {
    fileSystem.makeDirectory(directory);
    this.#apaches = fileSystem.open(`${directory}/timercheck`, 'create');
    if (this.#apaches.size() < APACHE_BYTES) this.#apaches.truncate(APACHE_BYTES);
    this.#ours = fileSystem.open(`${directory}/timercheck.skylark`, 'create');
    if (this.#ours.size() < 2 * SLOT_BYTES) this.#ours.truncate(2 * SLOT_BYTES);
    fileSystem.syncDirectory(directory);
  }

  load(): LoadedTimerState {
    const theirs = Buffer.alloc(APACHE_BYTES);
    this.#apaches.readSync(theirs, 0, APACHE_BYTES, 0);
    const slots = [this.#slot(0), this.#slot(1)]
      .filter((slot) => slot !== undefined)
      .sort((a, b) => b.sequence - a.sequence);
    const [newest, older] = slots;
    this.#sequence = newest?.sequence ?? 0;
    if (newest !== undefined && isMixOf(theirs, newest.state, older?.state)) {
      return { state: newest.state, writer: 'ours' };
    }
    if (theirs.every((byte) => byte === 0)) return { state: NO_TIMER_STATE, writer: 'none' };
    return { state: decodeApache(theirs), writer: 'apache' };
  }

  /** Durable when it resolves: first ours, then Apache's, which therefore is never ahead. */
  async save(state: TimerState): Promise<void> {
    this.#sequence += 1;
    const bytes = encodeSlot(state, this.#sequence);
    await this.#ours.write(bytes, 0, SLOT_BYTES, (this.#sequence % 2) * SLOT_BYTES);
    await this.#ours.syncData();
    const theirs = encodeTimerCheck(state);
    await this.#apaches.write(theirs, 0, APACHE_USED, 0);
    await this.#apaches.syncData();
  }

  close(): void {
    this.#ours.close();
    this.#apaches.close();
  }

  #slot(index: number): { readonly state: TimerState; readonly sequence: number } | undefined {
    const bytes = Buffer.alloc(SLOT_BYTES);
    const count = this.#ours.readSync(bytes, 0, SLOT_BYTES, index * SLOT_BYTES);
    if (count < SLOT_BYTES || bytes.readUInt32BE(0) !== MAGIC) return undefined;
    if (bytes.readUInt32BE(4) !== crc32(bytes, 8, SLOT_BYTES)) return undefined;
    const state = {
      queueOffset: readInt64(bytes, 16),
      logEnd: readInt64(bytes, 24),
      doneQueueOffset: readInt64(bytes, 32),
      doneMs: readInt64(bytes, 40),
      changes: readInt64(bytes, 48),
      isDamaged: bytes[56] === 1,
    };
    return { sequence: readInt64(bytes, 8), state };
  }
}

function encodeSlot(state: TimerState, sequence: number): Buffer {
  const bytes = Buffer.alloc(SLOT_BYTES);
  bytes.writeUInt32BE(MAGIC, 0);
  writeInt64(bytes, 8, sequence);
  writeInt64(bytes, 16, state.queueOffset);
  writeInt64(bytes, 24, state.logEnd);
  writeInt64(bytes, 32, state.doneQueueOffset);
  writeInt64(bytes, 40, state.doneMs);
  writeInt64(bytes, 48, state.changes);
  bytes[56] = state.isDamaged ? 1 : 0;
  bytes.writeUInt32BE(crc32(bytes, 8, SLOT_BYTES), 4);
  return bytes;
}

/** The used part of `timercheck`; also the answer to GET_TIMER_CHECK_POINT. */
export function encodeTimerCheck(state: TimerState): Buffer {
  const bytes = Buffer.alloc(APACHE_USED);
  // The first second of which not everything is delivered.
  writeInt64(bytes, 0, Math.floor((state.doneMs + 1) / MS_PER_SECOND) * MS_PER_SECOND);
  writeInt64(bytes, 8, state.logEnd);
  writeInt64(bytes, 16, state.queueOffset);
  // Apache goes on behind its last entry, but never behind this: entries that the log got since the
  // last whole save must not be made twice. RocketMQ: TimerMessageStore#recover
  writeInt64(bytes, 24, Math.max(state.queueOffset, state.doneQueueOffset));
  writeInt64(bytes, 40, state.doneMs);
  writeInt64(bytes, 48, state.changes);
  return bytes;
}

function decodeApache(bytes: Buffer): TimerState {
  const queueOffset = Math.min(readInt64(bytes, 16), readInt64(bytes, 24));
  return {
    queueOffset,
    logEnd: readInt64(bytes, 8),
    doneQueueOffset: queueOffset,
    doneMs: Math.max(0, readInt64(bytes, 0) - 1),
    changes: readInt64(bytes, 48),
    isDamaged: false,
  };
}

/** Whether the bytes are what we wrote, now or before; or a write that was torn in between. */
function isMixOf(theirs: Buffer, newest: TimerState, older: TimerState | undefined): boolean {
  const now = encodeTimerCheck(newest);
  const before = older === undefined ? Buffer.alloc(APACHE_USED) : encodeTimerCheck(older);
  for (let at = 0; at < APACHE_USED; at += 1) {
    if (theirs[at] !== now[at] && theirs[at] !== before[at]) return false;
  }
  return true;
}
