/** Extension fields of binary headers: name length 2, name, value length 4, value, repeated. */
import { ByteReader, MqError, MqErrorCode } from '@skylarkmq/base';

const EXT_FIELDS_MAX = 256;

/** Decodes the extension fields; empty names and values count as absent, as in Java. */
export function decodeBinaryExt(buffer: Buffer, start: number, end: number): Map<string, string> {
  const fields = new Map<string, string>();
  const reader = new ByteReader(buffer, start, end);
  while (reader.remaining > 0) {
    const name = reader.utf8(reader.i16());
    const value = reader.utf8(reader.i32());
    if (name !== '' && value !== '') fields.set(name, value);
    if (fields.size > EXT_FIELDS_MAX) {
      throw new MqError(MqErrorCode.Corrupt, `More than ${EXT_FIELDS_MAX} extension fields`);
    }
  }
  return fields;
}
