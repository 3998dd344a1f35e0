/**
 * Makes SQL92 expressions, right ones, nearly right ones and nonsense, with properties of messages
 * that come near to what they ask for. The same seed makes the same cases.
 */
import type { Prng } from '@skylarkmq/base';

export interface SqlCase {
  readonly expression: string;
  readonly properties: ReadonlyMap<string, string>;
}

const NAMES = [
  'a',
  'b',
  'price',
  'A',
  '_x$1',
  'e1',
  'TAGS',
  'not_there',
  'long_name_of_a_property',
];
const WHOLES = [
  ...['0', '1', '5', '-5', '10', '42', '2147483647', '-2147483648', '2147483648', '+7'],
  ...['9007199254740993', '9223372036854775807', '-9223372036854775808', '9223372036854775808'],
];
const FRACTIONS = ['1.5', '.5', '5.', '1E3', '5.0', '-0.0', '1e-320', '2147483648.5', '4.9E-324'];
const TEXTS = [
  '',
  'abc',
  'ab',
  'c',
  'true',
  'TRUE',
  'false',
  "it's",
  'x y',
  '%',
  'ä',
  '中文',
  'Abc',
];
const ODD_VALUES = [
  ...['NaN', 'Infinity', '-Infinity', '+Infinity', '0x1p3', '0x.8p-2', '0X1.8P+1d', ' 5 ', '5 '],
  ...['5d', '5F', '5L', '1e', '--5', '+', '-', '', '٣', '１２', '007', '-0', '0', '1_000', 'null'],
  ...['1e400', '0x1p-1074', '0x1p1024', '0x', '0x1', '1.', '.', '1.5.2', 'nan', '5\t', 'e5'],
];
const LITERALS_ODD = ['0.0', '1E400', '007', '0L', '5L', '5l', '1.5E', '99999999999999999999', "'"];
const KEYWORDS = [
  ...['AND', 'OR', 'NOT', 'IS', 'NULL', 'TRUE', 'FALSE', 'IN', 'BETWEEN', 'CONTAINS'],
  ...['STARTSWITH', 'ENDSWITH', '=', '<>', '>', '>=', '<', '<=', '(', ')', ',', '+', '-'],
];
const NONSENSE = [
  '"a"',
  'a b',
  '#',
  '==',
  '!=',
  '/* c',
  '*/',
  '--',
  ';',
  'LIKE',
  '\u0000',
  'ä',
  '.',
];
const BLANKS = [' ', '  ', '\t', '\n', ' /* c */ ', ' -- c\n', '\r\n', '\f', ' /***/ '];
/** Below what both parsers take. */
const DEPTH_MAX = 5;

export class SqlCases {
  readonly #prng: Prng;

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  next(): SqlCase {
    const words = this.#chance(0.03) ? this.#nonsense() : this.#condition(0);
    if (this.#chance(0.2)) this.#spoil(words);
    return { expression: this.#join(words), properties: this.#properties() };
  }

  #condition(depth: number): string[] {
    const choice = depth >= DEPTH_MAX ? 3 : this.#below(10);
    switch (choice) {
      case 0:
      case 1:
        return [...this.#condition(depth + 1), 'AND', ...this.#condition(depth + 1)];
      case 2:
        return [...this.#condition(depth + 1), 'OR', ...this.#condition(depth + 1)];
      case 4:
        return ['NOT', ...this.#atom(depth)];
      case 5:
        return this.#atom(depth);
      default:
        return this.#comparison(depth);
    }
  }

  #atom(depth: number): string[] {
    if (depth < DEPTH_MAX && this.#chance(0.5)) return ['(', ...this.#condition(depth + 1), ')'];
    return [this.#one([...NAMES, 'TRUE', 'FALSE', 'NULL'])];
  }

  #comparison(depth: number): string[] {
    const left = this.#chance(0.8) ? [this.#one(NAMES)] : this.#value(depth);
    switch (this.#below(9)) {
      case 0:
        return [...left, 'IS', ...this.#maybeNot(), 'NULL'];
      case 1:
        return [...left, ...this.#maybeNot(), 'IN', '(', ...this.#texts(), ')'];
      case 2: {
        const low = this.#number();
        const high = this.#number();
        return [...left, ...this.#maybeNot(), 'BETWEEN', ...low, 'AND', ...high];
      }
      case 3: {
        const word = this.#one(['CONTAINS', 'STARTSWITH', 'ENDSWITH']);
        return [...left, ...this.#maybeNot(), word, quoted(this.#one(TEXTS))];
      }
      case 4:
      case 5:
        return [...left, this.#one(['=', '<>']), ...this.#value(depth)];
      default: {
        const right = this.#chance(0.9) ? this.#number() : this.#value(depth);
        return [...left, this.#one(['>', '>=', '<', '<=', '=', '<>']), ...right];
      }
    }
  }

  #value(depth: number): string[] {
    switch (this.#below(8)) {
      case 0:
        return [this.#one(NAMES)];
      case 1:
        return [this.#one(['TRUE', 'FALSE', 'NULL'])];
      case 2:
        return depth < DEPTH_MAX ? ['(', ...this.#condition(depth + 1), ')'] : ['TRUE'];
      case 3:
        return ['-', ...this.#atom(depth)];
      case 4:
        return [this.#one(LITERALS_ODD)];
      case 5:
        return this.#number();
      default:
        return [quoted(this.#one(TEXTS))];
    }
  }

  #number(): string[] {
    const text = this.#one(this.#chance(0.7) ? WHOLES : FRACTIONS);
    const sign = text.startsWith('-') || text.startsWith('+') ? text.slice(0, 1) : '';
    return sign === '' ? [text] : [sign, text.slice(1)];
  }

  #texts(): string[] {
    const words = [quoted(this.#one(TEXTS))];
    while (this.#chance(0.5)) words.push(',', quoted(this.#one(TEXTS)));
    return words;
  }

  #maybeNot(): string[] {
    return this.#chance(0.4) ? ['NOT'] : [];
  }

  #nonsense(): string[] {
    const all = [...KEYWORDS, ...NONSENSE, ...NAMES, ...WHOLES];
    return Array.from({ length: this.#below(6) }, () => this.#one(all));
  }

  /** One word more, less, or another one. */
  #spoil(words: string[]): void {
    const at = this.#below(words.length + 1);
    const word = this.#one(this.#chance(0.8) ? KEYWORDS : [...NONSENSE, ...LITERALS_ODD]);
    const removed = this.#below(2);
    if (this.#chance(0.4)) words.splice(at, 1);
    else words.splice(at, removed, word);
  }

  #join(words: readonly string[]): string {
    let text = '';
    for (const word of words) {
      const isSymbol = !/[a-z0-9_$']/i.test(word);
      const blank = this.#chance(0.9) ? ' ' : this.#one(BLANKS);
      const written = this.#chance(0.1) && KEYWORDS.includes(word) ? word.toLowerCase() : word;
      text += `${isSymbol && this.#chance(0.4) ? '' : blank}${written}`;
    }
    return text;
  }

  #properties(): Map<string, string> {
    const properties = new Map<string, string>();
    for (const name of NAMES) {
      if (name === 'not_there' || this.#chance(0.25)) continue;
      const pool = this.#one([WHOLES, WHOLES, FRACTIONS, TEXTS, ODD_VALUES]);
      const value = this.#one(pool);
      // Messages cannot have empty values: the encoded form drops them.
      if (value !== '') properties.set(name, value);
    }
    return properties;
  }

  #chance(share: number): boolean {
    return this.#prng.float() < share;
  }

  #below(limit: number): number {
    return this.#prng.below(limit);
  }

  #one<T>(list: readonly T[]): T {
    const found = list[this.#below(list.length)];
    if (found === undefined) throw new Error('An empty list');
    return found;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
