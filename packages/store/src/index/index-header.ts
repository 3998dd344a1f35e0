import { int32, int64, writeInt32, writeInt64 } from '../consume-queue/unit.ts';

/** Bytes of the header of an index file. */
export const INDEX_HEADER_BYTES: number = 40;

/** The header of an index file: which part of the log it covers and how full it is. */
export interface IndexHeader {
  beginTimestamp: number;
  endTimestamp: number;
  beginPhysicalOffset: number;
  endPhysicalOffset: number;
  /** Slots that are in use. */
  slotCount: number;
  /** Number of the next entry: 1 in an empty file, entry 0 is never used. */
  indexCount: number;
}

/** The header of a file without entries; begin and end follow from the file before. */
export function emptyHeader(endTimestamp: number, endPhysicalOffset: number): IndexHeader {
  return {
    beginTimestamp: endTimestamp,
    endTimestamp,
    beginPhysicalOffset: endPhysicalOffset,
    endPhysicalOffset,
    slotCount: 0,
    indexCount: 1,
  };
}

/** Reads a header; a file that was never written has an indexCount of 1. */
export function decodeIndexHeader(source: Uint8Array, at = 0): IndexHeader {
  return {
    beginTimestamp: int64(source, at),
    endTimestamp: int64(source, at + 8),
    beginPhysicalOffset: int64(source, at + 16),
    endPhysicalOffset: int64(source, at + 24),
    slotCount: int32(source, at + 32),
    indexCount: Math.max(1, int32(source, at + 36)),
  };
}

/** Writes a header into `target`. */
export function encodeIndexHeader(header: IndexHeader, target: Uint8Array, at = 0): void {
  writeInt64(target, at, header.beginTimestamp);
  writeInt64(target, at + 8, header.endTimestamp);
  writeInt64(target, at + 16, header.beginPhysicalOffset);
  writeInt64(target, at + 24, header.endPhysicalOffset);
  writeInt32(target, at + 32, header.slotCount);
  writeInt32(target, at + 36, header.indexCount);
}
