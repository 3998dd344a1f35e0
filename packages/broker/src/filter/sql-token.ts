/** Cuts an SQL92 expression into words. RocketMQ: SelectorParser.jj, the tokens. */
import { MqError, MqErrorCode } from '@skylarkmq/base';

/** Characters of an expression. Longer ones are refused before they are looked at. */
const EXPRESSION_CHARS_MAX = 4096;
/** Characters of a line that an error shows. */
const SHOWN_CHARS_MAX = 80;

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['NOT', 'AND', 'OR', 'BETWEEN', 'IN', 'TRUE', 'FALSE', 'NULL', 'IS'],
  ...['CONTAINS', 'STARTSWITH', 'ENDSWITH'],
]);
const SYMBOLS: readonly string[] = ['<>', '>=', '<=', '=', '>', '<', '(', ',', ')', '+', '-'];

export interface SqlToken {
  /** A keyword or symbol stands for itself. */
  readonly kind: string;
  /** As written. */
  readonly text: string;
  readonly start: number;
}

/** Kinds of tokens that are neither keyword nor symbol. */
export const SqlKind = {
  Name: 'name',
  Whole: 'whole number',
  Fraction: 'number with a fraction',
  Text: 'text',
  End: 'end',
} as const;

/**
 * The tokens of an expression, cut out as they are asked for: what stands behind the end of the
 * condition may be no token at all. INVALID_ARGUMENT where no token can be.
 */
export class SqlTokens {
  readonly source: string;
  readonly #tokens: SqlToken[] = [];
  #at = 0;

  constructor(source: string) {
    if (source.length > EXPRESSION_CHARS_MAX) {
      const message = `An SQL92 expression has at most ${EXPRESSION_CHARS_MAX} characters`;
      throw new MqError(MqErrorCode.InvalidArgument, `${message}, this one has ${source.length}`);
    }
    this.source = source;
  }

  /** The token number `index`; beyond the last one `End`. */
  at(index: number): SqlToken {
    for (;;) {
      const known = this.#tokens[index];
      if (known !== undefined) return known;
      this.#tokens.push(this.#cut());
    }
  }

  #cut(): SqlToken {
    const { source } = this;
    const start = skipBlank(source, this.#at);
    if (start >= source.length) return { kind: SqlKind.End, text: '', start: source.length };
    const token = tokenAt(source, start);
    this.#at = start + token.text.length;
    return token;
  }
}

/** The error for what is wrong at a place of an expression. */
export function sqlError(source: string, at: number, what: string): MqError {
  const before = source.slice(0, at);
  const line = before.split('\n').length;
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = source.indexOf('\n', at);
  const column = at - lineStart;
  const shownFrom = lineStart + Math.max(0, column - SHOWN_CHARS_MAX / 2);
  const shownEnd = Math.min(lineEnd < 0 ? source.length : lineEnd, shownFrom + SHOWN_CHARS_MAX);
  const shown = source.slice(shownFrom, shownEnd).replaceAll('\t', ' ').replaceAll('\r', ' ');
  const caret = `${' '.repeat(at - shownFrom)}^`;
  const message = `SQL92 expression, line ${line}, column ${column + 1}: ${what}`;
  return new MqError(MqErrorCode.InvalidArgument, `${message}\n  ${shown}\n  ${caret}`);
}

function tokenAt(source: string, at: number): SqlToken {
  const code = source.charCodeAt(at);
  if (isLetter(code)) return word(source, at);
  if (isDigit(code) || (code === 46 && isDigit(source.charCodeAt(at + 1)))) {
    return number(source, at);
  }
  if (code === 39) return text(source, at);
  for (const symbol of SYMBOLS) {
    if (source.startsWith(symbol, at)) return { kind: symbol, text: symbol, start: at };
  }
  const found = JSON.stringify(String.fromCodePoint(source.codePointAt(at) ?? 0));
  const hint = code === 34 ? `; texts stand in single quotes: 'text'` : '';
  throw sqlError(source, at, `${found} means nothing here${hint}`);
}

function word(source: string, at: number): SqlToken {
  let end = at + 1;
  while (isLetter(source.charCodeAt(end)) || isDigit(source.charCodeAt(end))) end += 1;
  const written = source.slice(at, end);
  const upper = written.toUpperCase();
  return { kind: KEYWORDS.has(upper) ? upper : SqlKind.Name, text: written, start: at };
}

/** The longest of: 0 | 12 | 12L | 1. | 1.5 | .5 | 1E5, all with an exponent after a fraction. */
function number(source: string, at: number): SqlToken {
  const digitsEnd = skipDigits(source, at);
  let fractionEnd = digitsEnd;
  if (source.charCodeAt(digitsEnd) === 46) {
    fractionEnd = skipExponent(source, skipDigits(source, digitsEnd + 1));
  } else fractionEnd = skipExponent(source, digitsEnd);
  if (fractionEnd > digitsEnd) {
    return { kind: SqlKind.Fraction, text: source.slice(at, fractionEnd), start: at };
  }
  // 007 is three numbers.
  let end = source.charCodeAt(at) === 48 ? at + 1 : digitsEnd;
  if (source.charCodeAt(at) !== 48 && (source.charCodeAt(end) | 32) === 108) end += 1;
  return { kind: SqlKind.Whole, text: source.slice(at, end), start: at };
}

function text(source: string, at: number): SqlToken {
  for (let end = at + 1; ; end += 2) {
    end = source.indexOf("'", end);
    if (end < 0) throw sqlError(source, at, `the text that begins here has no ' at its end`);
    if (source.charCodeAt(end + 1) !== 39) {
      return { kind: SqlKind.Text, text: source.slice(at, end + 1), start: at };
    }
  }
}

/** Behind blanks and comments. */
function skipBlank(source: string, from: number): number {
  for (let at = from; ; ) {
    const code = source.charCodeAt(at);
    if (code === 32 || code === 9 || code === 10 || code === 12 || code === 13) at += 1;
    else if (source.startsWith('--', at)) {
      const end = lineEnd(source, at + 2);
      // RocketMQ: a LINE_COMMENT has an end of line; without one these are two signs.
      if (end < 0) return at;
      at = end;
    } else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2);
      if (end < 0) throw sqlError(source, at, 'the comment that begins here has no */ at its end');
      at = end + 2;
    } else return at;
  }
}

/** The end of the line; -1 when the expression ends before. */
function lineEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    if (code === 10 || code === 13) return at;
  }
  return -1;
}

/** Behind `E5`, `e-10`; `at` when there is none. */
function skipExponent(source: string, at: number): number {
  if ((source.charCodeAt(at) | 32) !== 101) return at;
  const sign = source.charCodeAt(at + 1);
  const first = sign === 43 || sign === 45 ? at + 2 : at + 1;
  const end = skipDigits(source, first);
  return end === first ? at : end;
}

function skipDigits(source: string, from: number): number {
  let at = from;
  while (isDigit(source.charCodeAt(at))) at += 1;
  return at;
}

function isLetter(code: number): boolean {
  const letter = code | 32;
  return (letter >= 97 && letter <= 122) || code === 95 || code === 36;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
