/**
 * Binary ("ROCKETMQ") headers: code 2, language 1, version 2, opaque 4, flag 4, remark length 4,
 * remark, extension length 4, then name length 2, name, value length 4, value, repeated.
 */
import { ByteWriter, MqError, MqErrorCode } from '@skylarkmq/base';
import type { Command, Outgoing } from './command.ts';
import { OUR_LANGUAGE } from './language-code.ts';
import { OUR_VERSION } from './mq-version.ts';

/** Bytes of a header without remark and extension fields. */
const FIXED_BYTES = 21;

/** Fills `command` from the header bytes `[start, end)` of its frame. CORRUPT otherwise. */
export function decodeBinaryHeader(command: Command, start: number, end: number): void {
  const buffer = command.frame;
  if (end - start < FIXED_BYTES) throw corrupt(`${end - start} bytes, at least ${FIXED_BYTES}`);
  command.code = buffer.readInt16BE(start);
  command.language = buffer[start + 2] ?? 0;
  command.version = buffer.readInt16BE(start + 3);
  command.opaque = buffer.readInt32BE(start + 5);
  command.flag = buffer.readInt32BE(start + 9);
  const remarkBytes = buffer.readInt32BE(start + 13);
  const remarkEnd = start + 17 + remarkBytes;
  if (remarkBytes < 0 || remarkEnd + 4 > end) throw corrupt(`remark of ${remarkBytes} bytes`);
  if (remarkBytes > 0) command.remark = buffer.toString('utf8', start + 17, remarkEnd);
  const extBytes = buffer.readInt32BE(remarkEnd);
  if (extBytes < 0 || remarkEnd + 4 + extBytes > end) {
    throw corrupt(`extension fields of ${extBytes} bytes`);
  }
  command.extStart = remarkEnd + 4;
  command.extEnd = command.extStart + extBytes;
}

/** The header bytes of a command to send. INVALID_ARGUMENT for codes that do not fit 16 bits. */
export function encodeBinaryHeader(outgoing: Outgoing): Buffer {
  if (outgoing.code > 0x7fff || outgoing.code < -0x8000) {
    const message = `Code ${outgoing.code} does not fit a binary header, use JSON`;
    throw new MqError(MqErrorCode.InvalidArgument, message);
  }
  const remark = Buffer.from(outgoing.remark ?? '', 'utf8');
  const ext = encodeExt(outgoing.ext);
  const writer = new ByteWriter(FIXED_BYTES + remark.length + ext.length);
  writer.i16(outgoing.code).u8(outgoing.language ?? OUR_LANGUAGE);
  writer
    .i16(outgoing.version ?? OUR_VERSION)
    .i32(outgoing.opaque ?? 0)
    .i32(outgoing.flag ?? 0);
  writer.i32(remark.length).bytes(remark).i32(ext.length).bytes(ext);
  return writer.toBuffer();
}

function encodeExt(ext: ReadonlyMap<string, string> | undefined): Buffer {
  const writer = new ByteWriter();
  for (const [name, value] of ext ?? []) {
    const nameBytes = Buffer.from(name, 'utf8');
    const valueBytes = Buffer.from(value, 'utf8');
    writer.i16(nameBytes.length).bytes(nameBytes).i32(valueBytes.length).bytes(valueBytes);
  }
  return writer.toBuffer();
}

function corrupt(reason: string): MqError {
  return new MqError(MqErrorCode.Corrupt, `Bad binary header: ${reason}`);
}
