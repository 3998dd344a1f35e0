/** What a queue keeps of a message besides its place: a unit of `consumequeue_ext`. */
import { int64, writeInt64 } from '../consume-queue/unit.ts';

export interface QueueExtension {
  /** The tags code, which the queue's own unit has no room for then. */
  readonly tagsCode: number;
  /** When the message was stored, by the wall clock. */
  readonly storeTimestamp: number;
  /** Which consumers' expressions matched when it was stored; empty when nobody looked. */
  readonly bitMap: Uint8Array;
}

/** Bytes of a unit with an empty bit map. RocketMQ: ConsumeQueueExt.CqExtUnit#MIN_EXT_UNIT_SIZE */
const EXTENSION_BYTES_MIN = 20;
/** The size has 15 bits. RocketMQ: ConsumeQueueExt.CqExtUnit#MAX_EXT_UNIT_SIZE */
export const EXTENSION_BYTES_MAX = 32_767;

const TAGS_CODE_AT = 2;
const STORE_TIME_AT = 10;
const BIT_MAP_SIZE_AT = 18;

/** Bytes that `encodeExtension` writes. */
export function extensionBytes(extension: QueueExtension): number {
  return EXTENSION_BYTES_MIN + extension.bitMap.length;
}

/** Writes a unit at `at`; the bit map must fit the size's 15 bits. */
export function encodeExtension(target: Buffer, at: number, extension: QueueExtension): void {
  const { tagsCode, storeTimestamp, bitMap } = extension;
  target.writeInt16BE(extensionBytes(extension), at);
  writeInt64(target, at + TAGS_CODE_AT, tagsCode);
  writeInt64(target, at + STORE_TIME_AT, storeTimestamp);
  target.writeInt16BE(bitMap.length, at + BIT_MAP_SIZE_AT);
  target.set(bitMap, at + EXTENSION_BYTES_MIN);
}

/** The unit at `at`, its bit map copied; undefined when none stands there whole. */
export function decodeExtension(
  source: Buffer,
  at: number,
  end: number,
): QueueExtension | undefined {
  if (end - at < EXTENSION_BYTES_MIN) return undefined;
  const size = source.readInt16BE(at);
  const bitMapBytes = source.readInt16BE(at + BIT_MAP_SIZE_AT);
  if (size !== EXTENSION_BYTES_MIN + bitMapBytes || bitMapBytes < 0) return undefined;
  if (at + size > end) return undefined;
  const bitMap = new Uint8Array(source.subarray(at + EXTENSION_BYTES_MIN, at + size));
  return {
    tagsCode: int64(source, at + TAGS_CODE_AT),
    storeTimestamp: int64(source, at + STORE_TIME_AT),
    bitMap,
  };
}
