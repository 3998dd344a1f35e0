/**
 * Walking over the bytes of a JSON header without decoding it. Only what official writers emit is
 * understood here; for anything odd the callers fall back to a full JSON parse.
 */

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COLON = 0x3a;
export const COMMA = 0x2c;
export const OPEN = 0x7b;
export const CLOSE = 0x7d;
const MINUS = 0x2d;

/** The first position at or after `at` that is no white space. */
export function skipSpace(buffer: Buffer, at: number): number {
  let position = at;
  for (;;) {
    const byte = buffer[position];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return position;
    position++;
  }
}

/** From behind an opening quote to the closing one; -1 when there is none before `end`. */
export function endOfString(buffer: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = buffer[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  return -1;
}

/** Behind the number or literal that begins at `start`. */
export function endOfScalar(buffer: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = buffer[at];
    if (byte === COMMA || byte === CLOSE || byte === 0x20 || byte === 0x0a) break;
    at++;
  }
  return at;
}

/** A decimal integer of at most 15 digits (exact in a number); NaN for anything else. */
export function parseInteger(buffer: Buffer, start: number, end: number): number {
  const negative = buffer[start] === MINUS;
  const first = negative ? start + 1 : start;
  if (end <= first || end - first > 15) return Number.NaN;
  let value = 0;
  for (let at = first; at < end; at++) {
    const digit = (buffer[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/**
 * Writes the unescaped form of the JSON string between `start` and `end` (without quotes) into
 * `target` as UTF-8; returns how many bytes, or -1 for a bad escape. `target` must have room for
 * `end - start` bytes: unescaping never grows.
 */
export function unescapeJson(buffer: Buffer, start: number, end: number, target: Buffer): number {
  let out = 0;
  for (let at = start; at < end; at++) {
    const byte = buffer[at] ?? 0;
    if (byte !== BACKSLASH) {
      target[out++] = byte;
      continue;
    }
    const kind = buffer[++at];
    // Separators of properties are by far the most frequent.
    const separator = kind === 0x75 && at + 4 < end ? separatorAt(buffer, at + 1) : 0;
    if (separator > 0) {
      target[out++] = separator;
      at += 4;
    } else if (kind === 0x75) {
      const unit = hex4(buffer, at + 1, end);
      if (unit < 0) return -1;
      at += 4;
      if (unit < 0x80) target[out++] = unit;
      else if (unit >= 0xd800 && unit < 0xe000) {
        const point = surrogatePair(buffer, at + 1, end, unit);
        if (point < 0) return -1;
        at += 6;
        out = putCodePoint(target, out, point);
      } else out = putCodePoint(target, out, unit);
    } else {
      const plain = plainEscape(kind);
      if (plain < 0 || at >= end) return -1;
      target[out++] = plain;
    }
  }
  return out;
}

/** 1 or 2 when the four digits are 0001 or 0002, else 0. */
function separatorAt(buffer: Buffer, at: number): number {
  if (buffer[at] !== 0x30 || buffer[at + 1] !== 0x30 || buffer[at + 2] !== 0x30) return 0;
  const last = buffer[at + 3];
  if (last === 0x31) return 1;
  return last === 0x32 ? 2 : 0;
}

function plainEscape(kind: number | undefined): number {
  switch (kind) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
      return kind;
    case 0x6e:
      return 0x0a;
    case 0x74:
      return 0x09;
    case 0x72:
      return 0x0d;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    default:
      return -1;
  }
}

function hex4(buffer: Buffer, start: number, end: number): number {
  if (start + 4 > end) return -1;
  let value = 0;
  for (let at = start; at < start + 4; at++) {
    const digit = hexDigit(buffer[at] ?? 0);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** The code point of a high surrogate and the escape that must follow it; -1 otherwise. */
function surrogatePair(buffer: Buffer, at: number, end: number, high: number): number {
  if (high >= 0xdc00 || buffer[at] !== BACKSLASH || buffer[at + 1] !== 0x75) return -1;
  const low = hex4(buffer, at + 2, end);
  if (low < 0xdc00 || low >= 0xe000) return -1;
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

function putCodePoint(target: Buffer, start: number, point: number): number {
  let out = start;
  if (point < 0x800) target[out++] = 0xc0 | (point >> 6);
  else {
    if (point < 0x10000) target[out++] = 0xe0 | (point >> 12);
    else {
      target[out++] = 0xf0 | (point >> 18);
      target[out++] = 0x80 | ((point >> 12) & 0x3f);
    }
    target[out++] = 0x80 | ((point >> 6) & 0x3f);
  }
  target[out++] = 0x80 | (point & 0x3f);
  return out;
}
