/** Extension fields and strings of JSON headers. */
import { type JsonValue, jsonObject, MqError, MqErrorCode, parseFastjson } from '@skylarkmq/base';
import { COMMA, QUOTE } from './json-scan.ts';

/** Fields beyond this are refused: no client sends more than some twenty. */
const EXT_FIELDS_MAX = 256;

/** Decodes the extension fields whose text, without the braces, is `buffer[start, end)`. */
export function decodeJsonExt(buffer: Buffer, start: number, end: number): Map<string, string> {
  const text = buffer.toString('utf8', start, end);
  return scanFields(text) ?? textFields(jsonObject(parseFastjson(`{${text}}`), 'extFields'));
}

/** The compact form without escapes that official writers emit; undefined for any other. */
function scanFields(text: string): Map<string, string> | undefined {
  if (text.includes('\\')) return undefined;
  const fields = new Map<string, string>();
  for (let at = 0; fields.size < EXT_FIELDS_MAX; ) {
    if (text.charCodeAt(at) !== QUOTE) return undefined;
    const nameEnd = text.indexOf('"', at + 1);
    if (nameEnd < 0 || !text.startsWith('":"', nameEnd)) return undefined;
    const valueEnd = text.indexOf('"', nameEnd + 3);
    if (valueEnd < 0) return undefined;
    fields.set(text.slice(at + 1, nameEnd), text.slice(nameEnd + 3, valueEnd));
    at = valueEnd + 2;
    if (at > text.length) return fields;
    if (text.charCodeAt(at - 1) !== COMMA) return undefined;
  }
  return undefined;
}

/** The text between the quotes of a JSON string. */
export function decodeJsonText(buffer: Buffer, start: number, end: number): string {
  const text = buffer.toString('utf8', start, end);
  if (!text.includes('\\')) return text;
  const value = parseFastjson(`"${text}"`);
  if (typeof value !== 'string') throw corrupt('a string is malformed');
  return value;
}

/** Values are strings by the protocol; numbers and booleans are taken as their text. */
export function textFields(object: ReadonlyMap<string, JsonValue>): Map<string, string> {
  if (object.size > EXT_FIELDS_MAX) throw corrupt(`${object.size} extension fields`);
  const fields = new Map<string, string>();
  for (const [name, value] of object) {
    if (value === null) continue;
    if (typeof value === 'object') throw corrupt(`extension field ${name} is not a string`);
    fields.set(name, String(value));
  }
  return fields;
}

function corrupt(reason: string): MqError {
  return new MqError(MqErrorCode.Corrupt, `Bad JSON header: ${reason}`);
}
