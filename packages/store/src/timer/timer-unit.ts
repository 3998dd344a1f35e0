/**
 * One entry of the timer log: which record is due, and when. Layout in docs/formats/timer.md. The
 * entries of one second form a chain, newest first, through `previous`.
 */

export const TIMER_UNIT_BYTES = 52;
export const NO_POSITION = -1;
/** Bits of the magic. RocketMQ: TimerMessageStore */
export const TimerMagic = { Default: 1, Roll: 2, Delete: 4 } as const;
/** The bits that a magic may have. */
const MAGIC_MASK = 7;
const MS_PER_SECOND = 1000;
/** In Apache's reserved field, which it does not read. */
const RETIRED = 1;
/** A delay is stored in 31 bits. */
const DELAY_MS_MAX = 2 ** 31 - 1;

export interface TimerUnit {
  /** Where the entry lies; not part of its bytes. */
  position: number;
  /** The entry before it of the same second; -1 for none. */
  previous: number;
  magic: number;
  /** When the entry was written. */
  writeMs: number;
  /** Value of TIMER_OUT_MS, or when the message is to be stored once more (`Roll`). */
  outMs: number;
  physicalOffset: number;
  recordBytes: number;
  topicHash: number;
  /** Done with, and moved out of its second's chain: see `retire` of the log. */
  isRetired: boolean;
}

export function encodeTimerUnit(unit: TimerUnit, target: Buffer, at: number): void {
  target.writeInt32BE(TIMER_UNIT_BYTES, at);
  writeInt64(target, at + 4, unit.previous);
  target.writeInt32BE(unit.magic, at + 12);
  // An entry that comes too late for its time has no delay below zero.
  const writeMs = Math.min(unit.writeMs, unit.outMs);
  writeInt64(target, at + 16, Math.max(writeMs, unit.outMs - DELAY_MS_MAX));
  target.writeInt32BE(Math.min(unit.outMs - writeMs, DELAY_MS_MAX), at + 24);
  writeInt64(target, at + 28, unit.physicalOffset);
  target.writeInt32BE(unit.recordBytes, at + 36);
  target.writeInt32BE(unit.topicHash, at + 40);
  writeInt64(target, at + 44, unit.isRetired ? RETIRED : 0);
}

/** Undefined when the bytes are no entry that could lie at `position`. */
export function decodeTimerUnit(
  source: Buffer,
  at: number,
  position: number,
): TimerUnit | undefined {
  if (at + TIMER_UNIT_BYTES > source.length) return undefined;
  const magic = source.readInt32BE(at + 12);
  const previous = readInt64(source, at + 4);
  const unit = {
    position,
    previous,
    magic,
    writeMs: readInt64(source, at + 16),
    outMs: readInt64(source, at + 16) + source.readInt32BE(at + 24),
    physicalOffset: readInt64(source, at + 28),
    recordBytes: source.readInt32BE(at + 36),
    topicHash: source.readInt32BE(at + 40),
    isRetired: readInt64(source, at + 44) === RETIRED,
  };
  const isUnit =
    source.readInt32BE(at) === TIMER_UNIT_BYTES &&
    (magic & TimerMagic.Default) !== 0 &&
    (magic & ~MAGIC_MASK) === 0 &&
    previous >= NO_POSITION &&
    previous < position &&
    unit.writeMs > 0 &&
    unit.physicalOffset >= 0 &&
    unit.recordBytes > 0;
  return isUnit ? unit : undefined;
}

/**
 * TIMER_OUT_MS of a message that is due at `dueMs`: one millisecond before. Apache's slot of this
 * value is the one that Apache itself would take, and a multiple of a second, which only Apache
 * writes, still tells that the time was cut to seconds. The same again for a value read back.
 */
export function timerOutMs(dueMs: number): number {
  const outMs = dueMs - 1;
  return outMs % MS_PER_SECOND === 0 ? dueMs : outMs;
}

/** When what has this TIMER_OUT_MS is due: to the millisecond, or at the end of Apache's second. */
export function timerDueMs(outMs: number): number {
  return outMs % MS_PER_SECOND === 0 ? outMs + MS_PER_SECOND : outMs + 1;
}

/** The second whose chain an entry belongs to. */
export function timerSecond(outMs: number): number {
  return Math.floor(outMs / MS_PER_SECOND);
}

export function readInt64(source: Buffer, at: number): number {
  return source.readInt32BE(at) * 2 ** 32 + source.readUInt32BE(at + 4);
}

export function writeInt64(target: Buffer, at: number, value: number): void {
  target.writeInt32BE(Math.floor(value / 2 ** 32), at);
  target.writeUInt32BE(value % 2 ** 32 < 0 ? (value % 2 ** 32) + 2 ** 32 : value % 2 ** 32, at + 4);
}
