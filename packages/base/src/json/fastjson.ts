/**
 * JSON in the dialect that Java brokers speak (fastjson): besides standard JSON, map keys may be
 * integers without quotes, or whole unquoted objects (maps keyed by a MessageQueue). Integers
 * beyond 2^53 become bigint. The writer can emit the same dialect. Strict otherwise.
 */
import { MqError, MqErrorCode } from '../error.ts';
import type { JsonObject, JsonValue } from './json-value.ts';

export type { JsonValue } from './json-value.ts';
export {
  type JsonInput,
  type JsonInputKey,
  type JsonInputObject,
  type StringifyOptions,
  stringifyJson,
} from './stringify.ts';

/** Bounds for untrusted text. */
export interface JsonLimits {
  /** Nesting of objects and arrays. Default 64. */
  readonly depthMax?: number;
}

const DEPTH_MAX = 64;
/** Integers of more digits would take long to convert; a 64-bit one has 19. */
const INTEGER_DIGITS_MAX = 100;

/**
 * Parses one JSON text. The key of an object-keyed map is that object's source text. Throws
 * CORRUPT with the position when the text is not of the dialect.
 */
export function parseFastjson(text: string, limits: JsonLimits = {}): JsonValue {
  const parser = new Parser(text, limits.depthMax ?? DEPTH_MAX);
  return parser.document();
}

const SPACE = new Set([' ', '\t', '\n', '\r']);
const ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ["'", "'"],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

class Parser {
  readonly #text: string;
  readonly #depthMax: number;
  #at = 0;
  #depth = 0;

  constructor(text: string, depthMax: number) {
    this.#text = text;
    this.#depthMax = depthMax;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#fail('Text after the end of the value');
    return value;
  }

  #value(): JsonValue {
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#array();
    if (first === '"' || first === "'") return this.#string();
    if (first === '-' || isDigit(first)) return this.#number();
    return this.#word();
  }

  #object(): JsonObject {
    this.#enter();
    const result = new Map<string, JsonValue>();
    this.#at++;
    this.#space();
    while (this.#text[this.#at] !== '}') {
      const key = this.#key();
      this.#expect(':');
      result.set(key, this.#value());
      this.#space();
      if (this.#text[this.#at] === ',') {
        this.#at++;
        this.#space();
        if (this.#text[this.#at] === '}') this.#fail('Want a key after the comma');
      } else if (this.#text[this.#at] !== '}') this.#fail('Want , or } in an object');
    }
    this.#at++;
    this.#depth--;
    return result;
  }

  #key(): string {
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") return this.#string();
    const start = this.#at;
    if (first === '{') this.#object();
    else if (first === '-' || isDigit(first)) this.#integer();
    else this.#fail('Want a key');
    return this.#text.slice(start, this.#at);
  }

  #array(): JsonValue[] {
    this.#enter();
    const result: JsonValue[] = [];
    this.#at++;
    this.#space();
    while (this.#text[this.#at] !== ']') {
      result.push(this.#value());
      this.#space();
      if (this.#text[this.#at] === ',') {
        this.#at++;
        this.#space();
        if (this.#text[this.#at] === ']') this.#fail('Want a value after the comma');
      } else if (this.#text[this.#at] !== ']') this.#fail('Want , or ] in an array');
    }
    this.#at++;
    this.#depth--;
    return result;
  }

  #string(): string {
    const quote = this.#text[this.#at];
    let start = ++this.#at;
    let result = '';
    for (;;) {
      const unit = this.#text[this.#at];
      if (unit === undefined) this.#fail('String without an end');
      if (unit === quote) break;
      if (unit === '\\') {
        result += this.#text.slice(start, this.#at) + this.#escape();
        start = this.#at;
      } else this.#at++;
    }
    result += this.#text.slice(start, this.#at);
    this.#at++;
    return result;
  }

  #escape(): string {
    const kind = this.#text[this.#at + 1];
    if (kind === 'u') {
      const digits = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!isHex4(digits)) this.#fail('Want four hexadecimal digits after \\u');
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const meaning = kind === undefined ? undefined : ESCAPES.get(kind);
    if (meaning === undefined) this.#fail('Unknown escape');
    this.#at += 2;
    return meaning;
  }

  #number(): number | bigint {
    const start = this.#at;
    this.#integer();
    let integer = true;
    if (this.#text[this.#at] === '.') {
      integer = false;
      this.#at++;
      this.#digits();
    }
    const exponent = this.#text[this.#at];
    if (exponent === 'e' || exponent === 'E') {
      integer = false;
      this.#at++;
      const sign = this.#text[this.#at];
      if (sign === '+' || sign === '-') this.#at++;
      this.#digits();
    }
    const source = this.#text.slice(start, this.#at);
    const value = Number(source);
    if (!Number.isFinite(value)) this.#fail('A number is out of range');
    if (!integer || Number.isSafeInteger(value)) return value;
    if (source.length > INTEGER_DIGITS_MAX) this.#fail('An integer has too many digits');
    return BigInt(source);
  }

  #integer(): void {
    if (this.#text[this.#at] === '-') this.#at++;
    const start = this.#at;
    this.#digits();
    if (this.#text[start] === '0' && this.#at > start + 1) this.#fail('A number begins with 0');
  }

  #digits(): void {
    const start = this.#at;
    while (isDigit(this.#text[this.#at])) this.#at++;
    if (this.#at === start) this.#fail('Want a digit');
  }

  #word(): JsonValue {
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#fail('Want a value');
  }

  #space(): void {
    while (SPACE.has(this.#text[this.#at] ?? '')) this.#at++;
  }

  #expect(unit: string): void {
    this.#space();
    if (this.#text[this.#at] !== unit) this.#fail(`Want ${unit}`);
    this.#at++;
  }

  #enter(): void {
    if (++this.#depth > this.#depthMax) this.#fail(`Nested deeper than ${this.#depthMax}`);
  }

  #fail(reason: string): never {
    throw new MqError(MqErrorCode.Corrupt, `Bad JSON at position ${this.#at}: ${reason}`);
  }
}

const WORDS: readonly (readonly [string, JsonValue])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

function isDigit(unit: string | undefined): boolean {
  return unit !== undefined && unit >= '0' && unit <= '9';
}

function isHex4(text: string): boolean {
  if (text.length !== 4) return false;
  for (const unit of text.toLowerCase()) {
    if (!isDigit(unit) && !(unit >= 'a' && unit <= 'f')) return false;
  }
  return true;
}
