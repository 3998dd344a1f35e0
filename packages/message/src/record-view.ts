/**
 * Reads records without making objects: one reusable cursor. Layout in
 * docs/formats/commit-log.md.
 */
import { crc32, crc32Combine } from '@skylarkmq/base';
import { HOST_V4_BYTES, HOST_V6_BYTES } from './host.ts';
import {
  hasPropertyCrc,
  MAGIC_BLANK,
  MAGIC_V1,
  MAGIC_V2,
  maskCrc,
  PROPERTY_CRC_BYTES,
  RecordPosition,
  readPropertyCrc,
  recordLength,
} from './record.ts';
import { SystemFlag } from './system-flag.ts';

/** What stands at a position: a record, too few bytes for one, a file's filler, or neither. */
export const RecordKind = {
  Record: 'record',
  Incomplete: 'incomplete',
  Blank: 'blank',
  Corrupt: 'corrupt',
} as const;

export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

const SIZE_AND_MAGIC_BYTES = 8;
const FIXED_BEFORE_BODY = 88;
/** The digits of the property CRC and the separator behind them. */
const CRC_DIGITS_BYTES = 11;
/** Bodies up to here are hashed once more with the whole record. */
const HASHED_TWICE_BYTES_MAX = 512;

/** A cursor over records; its fields describe the record that `at` was last called for. */
export class RecordView {
  buffer: Buffer = Buffer.alloc(0);
  /** Where the record begins in the buffer. */
  start = 0;
  /** Bytes of the record; of the filler for `Blank`; wanted so far for `Incomplete`. */
  totalSize = 0;
  magic = 0;
  bodyCrc = 0;
  queueId = 0;
  flag = 0;
  queueOffset = 0;
  physicalOffset = 0;
  sysFlag = 0;
  bornTimestamp = 0;
  bornHostStart = 0;
  storeTimestamp = 0;
  storeHostStart = 0;
  reconsumeTimes = 0;
  preparedTransactionOffset = 0;
  bodyStart = 0;
  bodyEnd = 0;
  topicStart = 0;
  topicEnd = 0;
  propertiesStart = 0;
  propertiesEnd = 0;
  /** Why the answer was `Corrupt`. */
  reason = '';

  /** Looks at `buffer[offset, end)`. Checks lengths, not checksums (see `checksumsMatch`). */
  at(buffer: Buffer, offset: number, end: number = buffer.length): RecordKind {
    this.buffer = buffer;
    this.start = offset;
    this.totalSize = SIZE_AND_MAGIC_BYTES;
    if (end - offset < SIZE_AND_MAGIC_BYTES) return RecordKind.Incomplete;
    this.totalSize = buffer.readInt32BE(offset);
    this.magic = buffer.readInt32BE(offset + RecordPosition.Magic);
    if (this.magic === MAGIC_BLANK) return RecordKind.Blank;
    if (this.magic !== MAGIC_V1 && this.magic !== MAGIC_V2) {
      return this.#corrupt(`unknown magic ${this.magic}`);
    }
    const smallest = recordLength(0, 0, 0, this.magic === MAGIC_V2);
    if (this.totalSize < smallest) return this.#corrupt(`record of ${this.totalSize} bytes`);
    if (end - offset < this.totalSize) return RecordKind.Incomplete;
    return this.#fields();
  }

  /**
   * Whether body CRC, and property CRC if there is one, fit the bytes. With `requirePropertyCrc` a
   * record without one does not match (damage may have hit the property's own name).
   */
  checksumsMatch(requirePropertyCrc = false): boolean {
    const { buffer, bodyStart, bodyEnd } = this;
    const body = crc32(buffer, bodyStart, bodyEnd);
    if (bodyEnd > bodyStart && maskCrc(body) !== this.bodyCrc) return false;
    if (!this.hasPropertyCrc()) return !requirePropertyCrc;
    const end = this.propertiesEnd - PROPERTY_CRC_BYTES;
    const whole = this.#checksumTo(end, body);
    return maskCrc(whole) === readPropertyCrc(buffer, this.propertiesEnd - CRC_DIGITS_BYTES);
  }

  /** Of the record from its beginning; `body`: the checksum of its body alone. */
  #checksumTo(end: number, body: number): number {
    const { buffer, start, bodyStart, bodyEnd } = this;
    // To put checksums together costs as much as to hash a short body again.
    if (bodyEnd - bodyStart <= HASHED_TWICE_BYTES_MAX) return crc32(buffer, start, end);
    const head = crc32(buffer, start, bodyStart);
    return crc32(buffer, bodyEnd, end, crc32Combine(head, body, bodyEnd - bodyStart));
  }

  hasPropertyCrc(): boolean {
    return hasPropertyCrc(this.buffer, this.propertiesStart, this.propertiesEnd);
  }

  #fields(): RecordKind {
    const { buffer, start } = this;
    this.bodyCrc = buffer.readInt32BE(start + RecordPosition.BodyCrc);
    this.queueId = buffer.readInt32BE(start + RecordPosition.QueueId);
    this.flag = buffer.readInt32BE(start + RecordPosition.Flag);
    this.queueOffset = readInt64(buffer, start + RecordPosition.QueueOffset);
    this.physicalOffset = readInt64(buffer, start + RecordPosition.PhysicalOffset);
    this.sysFlag = buffer.readInt32BE(start + RecordPosition.SysFlag);
    this.bornTimestamp = readInt64(buffer, start + RecordPosition.BornTimestamp);
    this.bornHostStart = start + RecordPosition.BornHost;
    const bornBytes = hostBytes(this.sysFlag, SystemFlag.BornHostV6);
    const storeBytes = hostBytes(this.sysFlag, SystemFlag.StoreHostV6);
    const hostsMore = bornBytes + storeBytes - 2 * HOST_V4_BYTES;
    if (this.totalSize < FIXED_BEFORE_BODY + hostsMore) return this.#corrupt('hosts do not fit');
    let at = this.bornHostStart + bornBytes;
    this.storeTimestamp = readInt64(buffer, at);
    this.storeHostStart = at + 8;
    at = this.storeHostStart + storeBytes;
    this.reconsumeTimes = buffer.readInt32BE(at);
    this.preparedTransactionOffset = readInt64(buffer, at + 4);
    return this.#variable(at + 12);
  }

  /** Body, topic and properties, whose lengths must add up to the record's. */
  #variable(bodyLengthAt: number): RecordKind {
    const { buffer } = this;
    const end = this.start + this.totalSize;
    const bodyBytes = buffer.readInt32BE(bodyLengthAt);
    this.bodyStart = bodyLengthAt + 4;
    this.bodyEnd = this.bodyStart + bodyBytes;
    const lengthBytes = this.magic === MAGIC_V2 ? 2 : 1;
    if (bodyBytes < 0 || this.bodyEnd + lengthBytes + 2 > end) {
      return this.#corrupt(`body of ${bodyBytes} bytes does not fit`);
    }
    const topicBytes =
      lengthBytes === 2 ? buffer.readInt16BE(this.bodyEnd) : buffer.readInt8(this.bodyEnd);
    this.topicStart = this.bodyEnd + lengthBytes;
    this.topicEnd = this.topicStart + topicBytes;
    if (topicBytes <= 0 || this.topicEnd + 2 > end) {
      return this.#corrupt(`topic of ${topicBytes} bytes does not fit`);
    }
    const propertiesBytes = buffer.readInt16BE(this.topicEnd);
    this.propertiesStart = this.topicEnd + 2;
    this.propertiesEnd = this.propertiesStart + propertiesBytes;
    if (propertiesBytes < 0 || this.propertiesEnd !== end) {
      return this.#corrupt(`properties of ${propertiesBytes} bytes do not end the record`);
    }
    return RecordKind.Record;
  }

  #corrupt(reason: string): RecordKind {
    this.reason = reason;
    return RecordKind.Corrupt;
  }
}

function hostBytes(sysFlag: number, bit: number): number {
  return (sysFlag & bit) === 0 ? HOST_V4_BYTES : HOST_V6_BYTES;
}

function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * 0x1_0000_0000 + buffer.readUInt32BE(at + 4);
}
