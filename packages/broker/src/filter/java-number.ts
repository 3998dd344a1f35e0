/** Texts as numbers, by the rules of Java's `Integer`, `Long` and `Double`. */

const INT_MAX = 0x7fffffff;
const LONG_DIGITS_MAX = 19;
const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;
const SAFE_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: SAFE_DIGITS + 1 }, (_, power) => 10 ** power);
const ZERO = 48;
const NINE = 57;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const LOWER_CASE = 32;

/** Zeros of the digits beyond ASCII that Java's whole numbers take. Character#digit */
const ZEROS: readonly number[] = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
  0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
  0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];

/** A whole number of 32 bits; NaN when the text is none. */
export function parseJavaInt(text: string): number {
  const { length } = text;
  const first = text.charCodeAt(0);
  const signed = first === MINUS || first === PLUS;
  let at = signed ? 1 : 0;
  if (at >= length) return Number.NaN;
  const limit = first === MINUS ? INT_MAX + 1 : INT_MAX;
  let value = 0;
  for (; at < length; at += 1) {
    const digit = digitOf(text.charCodeAt(at));
    if (digit < 0) return Number.NaN;
    value = value * 10 + digit;
    if (value > limit) return Number.NaN;
  }
  return first === MINUS ? 0 - value : value;
}

/** A whole number of 64 bits, a bigint when a number does not hold it; NaN when it is none. */
export function parseJavaLong(text: string): number | bigint {
  const { length } = text;
  const first = text.charCodeAt(0);
  const signed = first === MINUS || first === PLUS;
  let at = signed ? 1 : 0;
  if (at >= length) return Number.NaN;
  let digits = '';
  let value = 0;
  for (; at < length; at += 1) {
    const digit = digitOf(text.charCodeAt(at));
    if (digit < 0) return Number.NaN;
    value = value * 10 + digit;
    if (value > 0) digits += String(digit);
    if (digits.length > LONG_DIGITS_MAX) return Number.NaN;
  }
  if (digits.length <= SAFE_DIGITS) return first === MINUS ? 0 - value : value;
  const exact = first === MINUS ? -BigInt(digits) : BigInt(digits);
  return exact < LONG_MIN || exact > LONG_MAX ? Number.NaN : exact;
}

/** A number with a fraction; undefined when the text is none ("NaN" is one). */
export function parseJavaDouble(text: string): number | undefined {
  const plain = plainDecimal(text);
  return plain === undefined ? anyDouble(text) : plain;
}

/**
 * Texts like 12 and -1.5. Both the digits and the power of ten are exact, so that their quotient is
 * rounded once, as it has to be; undefined for all other texts.
 */
function plainDecimal(text: string): number | undefined {
  const { length } = text;
  const isNegative = text.charCodeAt(0) === MINUS;
  const first = isNegative ? 1 : 0;
  if (length === first || length - first > SAFE_DIGITS) return undefined;
  let value = 0;
  let dot = -1;
  for (let at = first; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) value = value * 10 + code - ZERO;
    else if (code === DOT && dot < 0 && length > first + 1) dot = at;
    else return undefined;
  }
  if (dot >= 0) value /= POWERS_OF_TEN[length - dot - 1] ?? 1;
  return isNegative ? -value : value;
}

function anyDouble(text: string): number | undefined {
  const trimmed = trim(text);
  const first = trimmed.charCodeAt(0);
  const signed = first === MINUS || first === PLUS;
  const body = signed ? trimmed.slice(1) : trimmed;
  const value = unsignedDouble(body);
  return value === undefined || first !== MINUS ? value : -value;
}

/** Before 0, after, or the same, by Java's order: -0.0 is before 0.0, NaN is behind everything. */
export function compareDoubles(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) {
    if (left !== 0) return 0;
    return Number(Object.is(right, -0)) - Number(Object.is(left, -0));
  }
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}

function digitOf(code: number): number {
  if (code <= NINE) return code >= ZERO ? code - ZERO : -1;
  if (code < 0x660) return -1;
  for (const zero of ZEROS) if (code >= zero && code < zero + 10) return code - zero;
  return -1;
}

/** RocketMQ compares what `Double.valueOf` reads, which ignores control characters around it. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 32) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 32) end -= 1;
  return text.slice(start, end);
}

function unsignedDouble(body: string): number | undefined {
  if (body === 'NaN') return Number.NaN;
  if (body === 'Infinity') return Number.POSITIVE_INFINITY;
  if (body.charCodeAt(0) === ZERO && (body.charCodeAt(1) | LOWER_CASE) === 120) {
    return hexDouble(body);
  }
  let at = skipDigits(body, 0);
  let digits = at;
  if (body.charCodeAt(at) === DOT) {
    const end = skipDigits(body, at + 1);
    digits += end - at - 1;
    at = end;
  }
  if (digits === 0) return undefined;
  at = skipExponent(body, at, 101);
  if (at < 0 || !endsAt(body, at)) return undefined;
  return Number(body.slice(0, at));
}

/** `0x1.8p3`: the exponent is required, of 2, and decimal. */
function hexDouble(body: string): number | undefined {
  let at = 2;
  let digits = '';
  let shift = 0;
  let isFraction = false;
  for (; at < body.length; at += 1) {
    const code = body.charCodeAt(at);
    if (code === DOT && !isFraction) isFraction = true;
    else if (isHexDigit(code)) {
      digits += body[at];
      if (isFraction) shift += 4;
    } else break;
  }
  const end = skipExponent(body, at, 112);
  if (digits === '' || end <= at || !endsAt(body, end)) return undefined;
  return scaled(BigInt(`0x${digits}`), Number(body.slice(at + 1, end)) - shift);
}

/** `mantissa * 2^exponent`, rounded once. */
function scaled(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const top = bits + exponent;
  if (top > 1024) return Number.POSITIVE_INFINITY;
  if (top < -1074) return 0;
  // Numbers near zero have fewer bits: what is below their last one only decides the rounding.
  const dropped = Math.max(bits - 53, -1074 - exponent);
  if (dropped <= 0) return timesPowerOfTwo(Number(mantissa), exponent);
  const cut = BigInt(dropped);
  const kept = mantissa >> cut;
  const rest = mantissa - (kept << cut);
  const half = 1n << (cut - 1n);
  const up = rest > half || (rest === half && (kept & 1n) === 1n) ? 1n : 0n;
  return timesPowerOfTwo(Number(kept + up), exponent + dropped);
}

/** In two steps: one power alone may be beyond what a number holds. */
function timesPowerOfTwo(value: number, power: number): number {
  const first = Math.trunc(power / 2);
  return value * 2 ** first * 2 ** (power - first);
}

function skipDigits(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (!(code >= ZERO && code <= NINE)) return at;
    at += 1;
  }
}

/** Behind an exponent that begins with `letter`; `at` when there is none, -1 when it is broken. */
function skipExponent(text: string, at: number, letter: number): number {
  if ((text.charCodeAt(at) | LOWER_CASE) !== letter) return at;
  const sign = text.charCodeAt(at + 1);
  const first = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
  const end = skipDigits(text, first);
  return end === first ? -1 : end;
}

/** Whether nothing follows but the letter that Java writes behind numbers. */
function endsAt(text: string, at: number): boolean {
  if (at === text.length) return true;
  const letter = text.charCodeAt(at) | LOWER_CASE;
  return at === text.length - 1 && (letter === 100 || letter === 102);
}

function isHexDigit(code: number): boolean {
  const letter = code | LOWER_CASE;
  return (code >= ZERO && code <= NINE) || (letter >= 97 && letter <= 102);
}
