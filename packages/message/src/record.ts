/**
 * The stored record: in the CommitLog, and byte for byte in the answer to a pull. Layout in
 * docs/formats/commit-log.md. Here are the constants, the encoder (the only one) and sizes;
 * `record-view.ts` reads.
 */
import { assert, crc32, crc32Combine } from '@skylarkmq/base';
import { HOST_V4_BYTES, HOST_V6_BYTES } from './host.ts';
import { NAME_END, PropertyName, VALUE_END } from './property.ts';

export const MAGIC_V1: number = 0xdaa320a7 | 0;
/** Like V1, with a 2-byte topic length. */
export const MAGIC_V2: number = 0xdaa320ab | 0;
/** Fills the rest of a log file. */
export const MAGIC_BLANK: number = 0xcbd43194 | 0;

/** Fixed positions in a record. */
export const RecordPosition = {
  TotalSize: 0,
  Magic: 4,
  BodyCrc: 8,
  QueueId: 12,
  Flag: 16,
  QueueOffset: 20,
  PhysicalOffset: 28,
  SysFlag: 36,
  BornTimestamp: 40,
  BornHost: 48,
} as const;

/** Bytes of a V1 record besides hosts, body, topic and properties. */
const FIXED_BYTES = 75;
/** Topics longer than this (in characters) need the V2 form. */
export const TOPIC_V1_LENGTH_MAX = 127;
/** Bytes of the `__CRC32#` property at the end of the properties. */
export const PROPERTY_CRC_BYTES = 20;
/** Up to here a loop copies more quickly than `Buffer.copy`. */
const SHORT_COPY_MAX = 128;
const CRC_DIGITS = 10;
const CRC_MASK = 0x7fffffff;
const CRC_NAME: Buffer = Buffer.from(PropertyName.Crc32, 'latin1');
const NOTHING: Buffer = Buffer.alloc(0);

/** Bytes of a record. `propertiesBytes` includes the property CRC if there is one. */
export function recordLength(
  bodyBytes: number,
  topicBytes: number,
  propertiesBytes: number,
  v2: boolean,
  bornHostBytes: number = HOST_V4_BYTES,
  storeHostBytes: number = HOST_V4_BYTES,
): number {
  const hosts = bornHostBytes + storeHostBytes;
  return FIXED_BYTES + hosts + (v2 ? 1 : 0) + bodyBytes + topicBytes + propertiesBytes;
}

/** What a record is made of. Reusable; the encoder keeps nothing of it. */
export class RecordFields {
  queueId = 0;
  flag = 0;
  queueOffset = 0;
  physicalOffset = 0;
  /** The v6 bits are the caller's. */
  sysFlag = 0;
  bornTimestamp = 0;
  /** 8 or 20 bytes. */
  bornHost: Buffer = NOTHING;
  storeTimestamp = 0;
  /** 8 or 20 bytes. */
  storeHost: Buffer = NOTHING;
  reconsumeTimes = 0;
  preparedTransactionOffset = 0;
  body: Buffer = NOTHING;
  bodyStart = 0;
  bodyEnd = 0;
  /** UTF-8 bytes of the topic. */
  topic: Buffer = NOTHING;
  v2 = false;
  properties: Buffer = NOTHING;
  propertiesStart = 0;
  propertiesEnd = 0;
  /** Append the `__CRC32#` property; the properties must be empty or end with 0x02. */
  propertyCrc = false;
}

let viewed: Buffer = NOTHING;
let view: DataView = new DataView(NOTHING.buffer, NOTHING.byteOffset, 0);

function viewOf(buffer: Buffer): DataView {
  if (viewed !== buffer) {
    viewed = buffer;
    view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
  return view;
}

function setInt64(target: DataView, at: number, value: number): void {
  target.setInt32(at, Math.floor(value / 0x1_0000_0000));
  target.setUint32(at + 4, value >>> 0);
}

/** Writes the record into `target` at `position` and returns its length in bytes. */
export function encodeRecord(target: Buffer, position: number, fields: RecordFields): number {
  const bodyBytes = fields.bodyEnd - fields.bodyStart;
  const out = viewOf(target);
  const bodyAt = writeHead(out, target, position, fields, bodyBytes);
  // One view for both uses: making one costs a tenth of a microsecond.
  const isWhole = bodyBytes === fields.body.length;
  const body = isWhole ? fields.body : fields.body.subarray(fields.bodyStart, fields.bodyEnd);
  target.set(body, bodyAt);
  const bodyCrc = crc32(body, 0, bodyBytes);
  out.setInt32(position + RecordPosition.BodyCrc, bodyCrc & CRC_MASK);
  const end = writeTail(out, target, bodyAt + bodyBytes, fields);
  const total = end - position;
  out.setInt32(position, total);
  if (fields.propertyCrc) {
    const crcAt = end - PROPERTY_CRC_BYTES;
    const head = crc32(target, position, bodyAt);
    const withBody = crc32Combine(head, bodyCrc, bodyBytes);
    writePropertyCrc(target, crcAt, crc32(target, bodyAt + bodyBytes, crcAt, withBody));
  }
  return total;
}

/** Everything up to the body, whose position is returned. Size and CRC are filled in later. */
function writeHead(
  out: DataView,
  target: Buffer,
  position: number,
  fields: RecordFields,
  bodyBytes: number,
): number {
  out.setInt32(position + RecordPosition.Magic, fields.v2 ? MAGIC_V2 : MAGIC_V1);
  out.setInt32(position + RecordPosition.QueueId, fields.queueId);
  out.setInt32(position + RecordPosition.Flag, fields.flag);
  setInt64(out, position + RecordPosition.QueueOffset, fields.queueOffset);
  setInt64(out, position + RecordPosition.PhysicalOffset, fields.physicalOffset);
  out.setInt32(position + RecordPosition.SysFlag, fields.sysFlag);
  setInt64(out, position + RecordPosition.BornTimestamp, fields.bornTimestamp);
  let at = copyHost(target, position + RecordPosition.BornHost, fields.bornHost);
  setInt64(out, at, fields.storeTimestamp);
  at = copyHost(target, at + 8, fields.storeHost);
  out.setInt32(at, fields.reconsumeTimes);
  setInt64(out, at + 4, fields.preparedTransactionOffset);
  out.setInt32(at + 12, bodyBytes);
  return at + 16;
}

function copyHost(target: Buffer, at: number, host: Buffer): number {
  assert(host.length === HOST_V4_BYTES || host.length === HOST_V6_BYTES, 'a host is 8 or 20 bytes');
  for (let index = 0; index < host.length; index++) target[at + index] = host[index] ?? 0;
  return at + host.length;
}

/** Topic and properties; returns the end of the record. */
function writeTail(out: DataView, target: Buffer, start: number, fields: RecordFields): number {
  const topic = fields.topic;
  let at = start;
  if (fields.v2) {
    out.setInt16(at, topic.length);
    at += 2;
  } else {
    target[at++] = topic.length;
  }
  for (let index = 0; index < topic.length; index++) target[at++] = topic[index] ?? 0;
  const bytes = fields.propertiesEnd - fields.propertiesStart;
  out.setInt16(at, bytes + (fields.propertyCrc ? PROPERTY_CRC_BYTES : 0));
  copyBytes(fields.properties, fields.propertiesStart, target, at + 2, bytes);
  return at + 2 + bytes + (fields.propertyCrc ? PROPERTY_CRC_BYTES : 0);
}

/** `Buffer.copy` makes a view for what is only a part; a short part is copied sooner here. */
function copyBytes(source: Buffer, from: number, target: Buffer, at: number, bytes: number): void {
  if (bytes > SHORT_COPY_MAX) source.copy(target, at, from, from + bytes);
  else for (let index = 0; index < bytes; index++) target[at + index] = source[from + index] ?? 0;
}

// RocketMQ: MessageDecoder / UtilAll#appendCrc32: ten digits, least significant first.
function writePropertyCrc(target: Buffer, start: number, crc: number): void {
  let at = start;
  for (let index = 0; index < CRC_NAME.length; index++) target[at++] = CRC_NAME[index] ?? 0;
  target[at++] = NAME_END;
  let rest = crc & CRC_MASK;
  for (let digit = 0; digit < CRC_DIGITS; digit++) {
    const tenth = (rest / 10) | 0;
    target[at++] = 0x30 + rest - tenth * 10;
    rest = tenth;
  }
  target[at] = VALUE_END;
}

/** The value of a `__CRC32#` property whose digits begin at `start`; -1 if they are no digits. */
export function readPropertyCrc(buffer: Buffer, start: number): number {
  let value = 0;
  for (let digit = CRC_DIGITS - 1; digit >= 0; digit--) {
    const unit = (buffer[start + digit] ?? 0) - 0x30;
    if (unit < 0 || unit > 9) return -1;
    value = value * 10 + unit;
  }
  return value;
}

/** Whether the properties that end at `propertiesEnd` carry the property CRC. */
export function hasPropertyCrc(
  buffer: Buffer,
  propertiesStart: number,
  propertiesEnd: number,
): boolean {
  const start = propertiesEnd - PROPERTY_CRC_BYTES;
  if (start < propertiesStart || buffer[propertiesEnd - 1] !== VALUE_END) return false;
  if (buffer[start + CRC_NAME.length] !== NAME_END) return false;
  for (let index = 0; index < CRC_NAME.length; index++) {
    if (buffer[start + index] !== CRC_NAME[index]) return false;
  }
  return true;
}

/** Masks a CRC as records keep it: 31 bits. */
export function maskCrc(crc: number): number {
  return crc & CRC_MASK;
}
