/**
 * Java's .properties text: `key=value`, `key: value` or `key value` lines, `#` and `!` comments,
 * a backslash at the end of a line continues it, `\t \n \r \f \uXXXX` are escapes. Java reads the
 * bytes of a file as ISO-8859-1: decode them as 'latin1'.
 */
import { MqError, MqErrorCode } from '../error.ts';

/** Bounds of one text: bytes of it, and pairs in it. */
const TEXT_LENGTH_MAX = 4 * 1024 * 1024;
const PAIRS_MAX = 100_000;

/** One pair with the place of its lines in the text. */
interface Entry {
  readonly key: string;
  readonly value: string;
  readonly start: number;
  /** Behind the line's end. */
  readonly end: number;
}

/**
 * The pairs in their order; of a key that comes twice the last value counts. INVALID_ARGUMENT with
 * the line for a malformed escape, or when the text is too large.
 */
export function parseJavaProperties(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const { key, value } of entriesOf(text)) pairs.set(key, value);
  return pairs;
}

/** `key=value` lines with the escapes that `parseJavaProperties` undoes. */
export function formatJavaProperties(pairs: Iterable<readonly [string, string]>): string {
  let text = '';
  for (const [key, value] of pairs)
    text += `${encodeEscapes(key, true)}=${encodeEscapes(value, false)}\n`;
  return text;
}

/** The text with some values changed or added; comments and all other lines stay as they are. */
export function updateJavaProperties(text: string, changes: ReadonlyMap<string, string>): string {
  const missing = new Map(changes);
  let updated = '';
  let copied = 0;
  for (const { key, start, end } of entriesOf(text)) {
    const value = changes.get(key);
    if (value === undefined) continue;
    updated += text.slice(copied, start) + formatJavaProperties([[key, value]]);
    copied = end;
    missing.delete(key);
  }
  updated += text.slice(copied);
  if (missing.size > 0 && updated !== '' && !updated.endsWith('\n')) updated += '\n';
  return updated + formatJavaProperties(missing);
}

function entriesOf(text: string): Entry[] {
  if (text.length > TEXT_LENGTH_MAX) {
    throw invalid(`Properties of ${text.length} characters are over ${TEXT_LENGTH_MAX}`);
  }
  const entries: Entry[] = [];
  for (let at = 0; at < text.length; ) {
    const start = at;
    at = skipBlanks(text, at);
    const isComment = text[at] === '#' || text[at] === '!';
    if (isComment || at === text.length || isLineEnd(text[at])) {
      at = nextLine(text, lineEnd(text, at));
      continue;
    }
    const line = logicalLine(text, at);
    at = line.end;
    if (entries.length === PAIRS_MAX) throw invalid(`Properties are more than ${PAIRS_MAX}`);
    entries.push({ ...splitPair(line.content, () => lineNumber(text, start)), start, end: at });
  }
  return entries;
}

/** Joins a line with those that continue it. Escapes are still in the content. */
function logicalLine(text: string, from: number): { content: string; end: number } {
  let content = '';
  for (let at = from; ; ) {
    const end = lineEnd(text, at);
    const part = text.slice(at, end);
    const next = nextLine(text, end);
    if (!isContinued(part)) return { content: content + part, end: next };
    content += part.slice(0, -1);
    if (next === text.length) return { content, end: next };
    at = skipBlanks(text, next);
  }
}

function isContinued(line: string): boolean {
  let backslashes = 0;
  while (line[line.length - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

function splitPair(content: string, line: () => number): { key: string; value: string } {
  let keyEnd = 0;
  while (keyEnd < content.length) {
    const letter = content[keyEnd];
    if (letter === '=' || letter === ':' || isBlank(letter)) break;
    keyEnd += letter === '\\' ? 2 : 1;
  }
  let valueStart = skipBlanks(content, keyEnd);
  if (content[valueStart] === '=' || content[valueStart] === ':') {
    valueStart = skipBlanks(content, valueStart + 1);
  }
  return {
    key: decodeEscapes(content.slice(0, keyEnd), line),
    value: decodeEscapes(content.slice(valueStart), line),
  };
}

const LETTER_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
]);

function decodeEscapes(text: string, line: () => number): string {
  let plain = '';
  for (let at = 0; at < text.length; ) {
    const backslash = text.indexOf('\\', at);
    if (backslash < 0) return plain + text.slice(at);
    plain += text.slice(at, backslash);
    const letter = text[backslash + 1] ?? '';
    at = backslash + 2;
    if (letter === 'u') {
      plain += String.fromCharCode(hexUnit(text.slice(at, at + 4), line));
      at += 4;
    } else {
      plain += LETTER_ESCAPES.get(letter) ?? letter;
    }
  }
  return plain;
}

function hexUnit(digits: string, line: () => number): number {
  if (/^[0-9a-fA-F]{4}$/.test(digits)) return Number.parseInt(digits, 16);
  throw invalid(`Line ${line()} has a malformed escape: \\u${digits}`);
}

function encodeEscapes(text: string, isKey: boolean): string {
  let escaped = '';
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    const unit = text.charCodeAt(at);
    if (letter === '\\') escaped += '\\\\';
    else if (letter === ' ') escaped += isKey || at === 0 ? '\\ ' : ' ';
    else if (isKey && '=:#!'.includes(letter)) escaped += `\\${letter}`;
    else if (letter === '\t') escaped += '\\t';
    else if (letter === '\n') escaped += '\\n';
    else if (letter === '\r') escaped += '\\r';
    else if (letter === '\f') escaped += '\\f';
    else if (unit < 32 || unit > 126) escaped += `\\u${unit.toString(16).padStart(4, '0')}`;
    else escaped += letter;
  }
  return escaped;
}

function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isLineEnd(text[at])) at++;
  return at;
}

/** Behind the line's end that `end` points to. */
function nextLine(text: string, end: number): number {
  if (end >= text.length) return text.length;
  return text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text[at])) at++;
  return at;
}

function isBlank(letter: string | undefined): boolean {
  return letter === ' ' || letter === '\t' || letter === '\f';
}

function isLineEnd(letter: string | undefined): boolean {
  return letter === '\n' || letter === '\r';
}

function lineNumber(text: string, position: number): number {
  return text.slice(0, position).split(/\r\n|\r|\n/).length;
}

function invalid(message: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, message);
}
