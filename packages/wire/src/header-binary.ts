/**
 * Binary ("ROCKETMQ") headers: code 2, language 1, version 2, opaque 4, flag 4, remark length 4,
 * remark, extension length 4, then name length 2, name, value length 4, value, repeated.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { Command, Outgoing } from './command.ts';
import { OUR_LANGUAGE } from './language-code.ts';
import { OUR_VERSION } from './mq-version.ts';

/** Bytes of a header without remark and extension fields. */
const FIXED_BYTES = 21;
/** Of an extension field: the lengths of its name and value. */
const FIELD_BYTES = 6;
/** Names of more UTF-16 units might not fit their 16-bit length. */
const NAME_LENGTH_MAX = 10_000;
/** UTF-8 bytes of one UTF-16 unit, at most. */
const UNIT_BYTES_MAX = 3;
const SHORT = 32;

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

/**
 * How many bytes the header of a command has at most. INVALID_ARGUMENT for codes that do not fit 16
 * bits and names that are too long.
 */
export function binaryHeaderBytesMax(outgoing: Outgoing): number {
  if (outgoing.code > 0x7fff || outgoing.code < -0x8000) {
    throw invalid(`Code ${outgoing.code} does not fit a binary header, use JSON`);
  }
  let units = outgoing.remark?.length ?? 0;
  let fields = 0;
  for (const [name, value] of outgoing.ext ?? []) {
    if (name.length > NAME_LENGTH_MAX) throw invalid(`A name has ${name.length} characters`);
    units += name.length + value.length;
    fields++;
  }
  return FIXED_BYTES + fields * FIELD_BYTES + units * UNIT_BYTES_MAX;
}

/** Writes a header with this opaque and flag; returns how many bytes it has. */
export function writeBinaryHeader(
  target: Buffer,
  start: number,
  outgoing: Outgoing,
  opaque: number,
  flag: number,
): number {
  target.writeInt16BE(outgoing.code, start);
  target[start + 2] = outgoing.language ?? OUR_LANGUAGE;
  target.writeInt16BE(outgoing.version ?? OUR_VERSION, start + 3);
  target.writeInt32BE(opaque, start + 5);
  target.writeInt32BE(flag, start + 9);
  const remarkAt = start + 17;
  const extAt = remarkAt + putText(target, remarkAt, outgoing.remark ?? '') + 4;
  target.writeInt32BE(extAt - 4 - remarkAt, start + 13);
  let at = extAt;
  for (const [name, value] of outgoing.ext ?? []) {
    const nameBytes = putText(target, at + 2, name);
    target.writeInt16BE(nameBytes, at);
    at += 2 + nameBytes;
    const valueBytes = putText(target, at + 4, value);
    target.writeInt32BE(valueBytes, at);
    at += 4 + valueBytes;
  }
  target.writeInt32BE(at - extAt, extAt - 4);
  return at - start;
}

/** Short texts are nearly always ASCII: copying them here is cheaper than a call. */
function putText(target: Buffer, start: number, text: string): number {
  if (text.length > SHORT) return target.write(text, start, 'utf8');
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return target.write(text, start, 'utf8');
    target[start + index] = unit;
  }
  return text.length;
}

function invalid(reason: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, reason);
}

function corrupt(reason: string): MqError {
  return new MqError(MqErrorCode.Corrupt, `Bad binary header: ${reason}`);
}
