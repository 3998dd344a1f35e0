/** JSON headers: a fast scan for what official writers emit, a full parse for everything else. */
import {
  type JsonValue,
  jsonNumberOr,
  jsonObject,
  MqError,
  MqErrorCode,
  parseFastjson,
} from '@skylarkmq/base';
import type { Command, Outgoing } from './command.ts';
import { decodeJsonText, textFields } from './ext-json.ts';
import { extMarks } from './ext-marks.ts';
import {
  BACKSLASH,
  CLOSE,
  COLON,
  COMMA,
  endOfScalar,
  endOfString,
  OPEN,
  parseInteger,
  QUOTE,
  skipSpace,
} from './json-scan.ts';
import { languageCode, languageName, OUR_LANGUAGE } from './language-code.ts';
import { OUR_VERSION } from './mq-version.ts';

/**
 * Fills `command` from the header bytes `[start, end)` of its frame. CORRUPT when they are no JSON
 * header.
 */
export function decodeJsonHeader(command: Command, start: number, end: number): void {
  if (!scanHeader(command, start, end)) parseHeader(command, start, end);
}

/** True when the header was of the common form and is now in `command`. */
function scanHeader(command: Command, start: number, end: number): boolean {
  const buffer = command.frame;
  let at = skipSpace(buffer, start);
  if (buffer[at] !== OPEN) return false;
  at = skipSpace(buffer, at + 1);
  if (buffer[at] === CLOSE) return at === end - 1;
  for (;;) {
    if (buffer[at] !== QUOTE) return false;
    const keyStart = at + 1;
    const keyEnd = endOfString(buffer, keyStart, end);
    if (keyEnd < 0) return false;
    at = skipSpace(buffer, keyEnd + 1);
    if (buffer[at] !== COLON) return false;
    at = scanValue(command, keyStart, keyEnd, skipSpace(buffer, at + 1), end);
    if (at < 0) return false;
    at = skipSpace(buffer, at);
    if (buffer[at] === CLOSE) return at === end - 1;
    if (buffer[at] !== COMMA) return false;
    at = skipSpace(buffer, at + 1);
  }
}

/** Takes one top-level value; returns the position behind it, -1 to give up. */
function scanValue(
  command: Command,
  keyStart: number,
  keyEnd: number,
  at: number,
  end: number,
): number {
  const buffer = command.frame;
  const first = buffer[at];
  if (first === OPEN) {
    if (keyEnd - keyStart !== 9 || buffer[keyStart] !== 0x65) return -1;
    return scanExt(command, at, end);
  }
  if (first === QUOTE) {
    const close = endOfString(buffer, at + 1, end);
    if (close < 0) return -1;
    return setText(command, keyStart, keyEnd, at + 1, close) ? close + 1 : -1;
  }
  const behind = endOfScalar(buffer, at, end);
  const value = parseInteger(buffer, at, behind);
  return setNumber(command, keyStart, keyEnd, value, first) ? behind : -1;
}

function setNumber(
  command: Command,
  keyStart: number,
  keyEnd: number,
  value: number,
  first: number | undefined,
): boolean {
  const buffer = command.frame;
  const length = keyEnd - keyStart;
  const key = buffer[keyStart];
  // A null value (first byte n) leaves the default, as in Java.
  if (Number.isNaN(value)) return first === 0x6e && (length === 6 || length === 9);
  if (length === 4 && key === 0x63) command.code = value | 0;
  else if (length === 4 && key === 0x66) command.flag = value | 0;
  else if (length === 6 && key === 0x6f) command.opaque = value | 0;
  else if (length === 7 && key === 0x76) command.version = value | 0;
  return true;
}

function setText(
  command: Command,
  keyStart: number,
  keyEnd: number,
  start: number,
  end: number,
): boolean {
  const buffer = command.frame;
  const length = keyEnd - keyStart;
  const key = buffer[keyStart];
  if (length === 8 && key === 0x6c) {
    command.language = languageOf(buffer, start, end);
    return true;
  }
  if (length === 6 && key === 0x72) {
    command.remark = decodeJsonText(buffer, start, end);
    return true;
  }
  // Numbers in quotes would be accepted by Java too: leave them to the full parse.
  return length > 7;
}

function languageOf(buffer: Buffer, start: number, end: number): number {
  const isJava = end - start === 4 && buffer[start] === 0x4a && buffer[start + 1] === 0x41;
  return isJava ? 0 : languageCode(buffer.toString('latin1', start, end));
}

/** Notes where the extension fields are; returns the position behind them. */
function scanExt(command: Command, open: number, end: number): number {
  const close = extMarks.make(command, open + 1, end);
  return close < 0 ? scanLooseExt(command, open, end) : close + 1;
}

/** The same for fields with white space between them, or too many to mark. */
function scanLooseExt(command: Command, open: number, end: number): number {
  const buffer = command.frame;
  let at = open + 1;
  while (at < end) {
    const byte = buffer[at];
    if (byte === QUOTE) {
      at = endOfString(buffer, at + 1, end) + 1;
      if (at === 0) return -1;
    } else if (byte === CLOSE) {
      command.extStart = open + 1;
      command.extEnd = at;
      return at + 1;
    } else if (byte === COMMA || byte === COLON || byte === 0x20) at++;
    else return -1;
  }
  return -1;
}

/** Everything that the scan does not know: white space, nesting, unknown members, odd escapes. */
function parseHeader(command: Command, start: number, end: number): void {
  const header = jsonObject(parseFastjson(command.frame.toString('utf8', start, end)), 'Header');
  command.code = integer(header.get('code'), 'code', 0);
  command.flag = integer(header.get('flag'), 'flag', 0);
  command.opaque = integer(header.get('opaque'), 'opaque', 0);
  command.version = integer(header.get('version'), 'version', 0);
  const language = header.get('language');
  command.language = typeof language === 'string' ? languageCode(language) : 0;
  const remark = header.get('remark');
  command.remark = typeof remark === 'string' ? remark : null;
  const ext = header.get('extFields');
  if (ext === undefined || ext === null) command.setExt(new Map());
  else command.setExt(textFields(jsonObject(ext, 'extFields')));
}

function integer(value: JsonValue | undefined, name: string, otherwise: number): number {
  const number = typeof value === 'string' ? Number(value) : jsonNumberOr(value, name, otherwise);
  if (!Number.isInteger(number)) throw corrupt(`${name} is not an integer`);
  return number | 0;
}

const SHORT_TEXT_UNITS = 48;

/** The header of a command to send, but with this opaque and flag. */
export function jsonHeaderText(outgoing: Outgoing, opaque: number, flag: number): string {
  let text = `{"code":${outgoing.code}`;
  if (outgoing.ext !== undefined) {
    let separator = ',"extFields":{';
    for (const [name, value] of outgoing.ext) {
      text += `${separator}${quoted(name)}:${quoted(value)}`;
      separator = ',';
    }
    text += outgoing.ext.size > 0 ? '}' : ',"extFields":{}';
  }
  const language = languageName(outgoing.language ?? OUR_LANGUAGE);
  text += `,"flag":${flag},"language":"${language}","opaque":${opaque}`;
  if (outgoing.remark != null) text += `,"remark":${JSON.stringify(outgoing.remark)}`;
  const version = outgoing.version ?? OUR_VERSION;
  return `${text},"serializeTypeCurrentRPC":"JSON","version":${version}}`;
}

/** JSON.stringify costs more than the look at a short text that needs no escapes. */
function quoted(text: string): string {
  const { length } = text;
  if (length > SHORT_TEXT_UNITS) return JSON.stringify(text);
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at);
    const plain = unit >= 0x20 && unit < 0x7f && unit !== QUOTE && unit !== BACKSLASH;
    if (!plain) return JSON.stringify(text);
  }
  return `"${text}"`;
}

function corrupt(reason: string): MqError {
  return new MqError(MqErrorCode.Corrupt, `Bad JSON header: ${reason}`);
}
