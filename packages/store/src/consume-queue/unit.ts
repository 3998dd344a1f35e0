/**
 * The 20-byte unit of a consume queue: log position 8, record size 4, tags code 8, big-endian.
 * Written and read byte by byte, which costs less than Buffer's checked methods.
 */

/** Bytes of one unit. */
export const UNIT_BYTES: number = 20;
/** Size field of a unit that stands for nothing: before the first message, or for a lost one. */
export const FILLER_SIZE: number = 0x7fffffff;

const TWO_32 = 4294967296;
/** Tags codes up to here are addresses in the extension files (RocketMQ: ConsumeQueueExt). */
const EXT_HIGH_MAX = -2;

/** Writes a unit; `tagsCode` is an integer of at most 53 bits. */
export function writeUnit(
  target: Uint8Array,
  position: number,
  physicalOffset: number,
  size: number,
  tagsCode: number,
): void {
  writeInt64(target, position, physicalOffset);
  writeInt32(target, position + 8, size);
  writeInt64(target, position + 12, tagsCode);
}

/** The log position of the unit at `position`. */
export function unitPhysicalOffset(source: Uint8Array, position: number): number {
  return int32(source, position) * TWO_32 + (int32(source, position + 4) >>> 0);
}

/** The record size of the unit at `position`: 0 or less means no unit. */
export function unitSize(source: Uint8Array, position: number): number {
  return int32(source, position + 8);
}

/** The tags code of the unit at `position`, exact unless `unitExtAddress` is not -1. */
export function unitTagsCode(source: Uint8Array, position: number): number {
  return int32(source, position + 12) * TWO_32 + (int32(source, position + 16) >>> 0);
}

/** The address in the extension files that the unit holds instead of a tags code, or -1. */
export function unitExtAddress(source: Uint8Array, position: number): number {
  const high = int32(source, position + 12);
  if (high > EXT_HIGH_MAX) return -1;
  const fromMin = high + 0x80000000;
  // A deliver time or a hash is never that small; what is left is Long.MIN_VALUE + address.
  return fromMin < 0x200000 ? fromMin * TWO_32 + (int32(source, position + 16) >>> 0) : -1;
}

/** Puts an address in the extension files in the place of the unit's tags code. */
export function writeExtAddress(target: Uint8Array, position: number, address: number): void {
  const high = Math.floor(address / TWO_32);
  writeInt32(target, position + 12, high - 0x80000000);
  writeInt32(target, position + 16, address - high * TWO_32);
}

/** Reads a big-endian int32. */
export function int32(source: Uint8Array, at: number): number {
  return (
    ((source[at] ?? 0) << 24) |
    ((source[at + 1] ?? 0) << 16) |
    ((source[at + 2] ?? 0) << 8) |
    (source[at + 3] ?? 0)
  );
}

/** Writes a big-endian int32. */
export function writeInt32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

/** Reads a big-endian int64; exact to 53 bits. */
export function int64(source: Uint8Array, at: number): number {
  return int32(source, at) * TWO_32 + (int32(source, at + 4) >>> 0);
}

/** Writes a big-endian int64 from an integer of at most 53 bits. */
export function writeInt64(target: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  writeInt32(target, at, high);
  writeInt32(target, at + 4, value - high * TWO_32);
}
