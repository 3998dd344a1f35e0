/**
 * Reads and writes the part of YAML that ACL files use: maps, lists and texts, in block form or in
 * brackets. Anchors, tags, block texts and several documents are refused, with the line.
 */
import { type YamlLine, yamlError, yamlLines } from './yaml-lines.ts';

/** Numbers and booleans stay texts: who reads them knows what they must be. */
export type YamlValue = string | null | YamlList | YamlMap;
type YamlList = readonly YamlValue[];
export type YamlMap = ReadonlyMap<string, YamlValue>;

const LINES_MAX = 100_000;
const DEPTH_MAX = 16;

/** INVALID_ARGUMENT, with the line, for what is not understood. */
export function parseYaml(text: string): YamlValue {
  const reader = new BlockReader(yamlLines(text));
  return reader.document();
}

class BlockReader {
  readonly #lines: YamlLine[];
  #at = 0;

  constructor(lines: readonly YamlLine[]) {
    if (lines.length > LINES_MAX) throw yamlError(LINES_MAX, 'the file has too many lines');
    this.#lines = [...lines];
  }

  document(): YamlValue {
    const first = this.#lines[0];
    if (first === undefined) return null;
    const value = this.#block(first.indent, 0);
    const rest = this.#lines[this.#at];
    if (rest !== undefined) throw yamlError(rest.number, 'this indentation belongs to nothing');
    return value;
  }

  #block(indent: number, depth: number): YamlValue {
    const line = this.#lines[this.#at];
    if (line === undefined) return null;
    if (depth > DEPTH_MAX) throw yamlError(line.number, `deeper than ${DEPTH_MAX}`);
    if (isItem(line.text)) return this.#list(indent, depth);
    if (keyOf(line) !== undefined) return this.#map(indent, depth);
    this.#at++;
    return scalar(line.text, line.number);
  }

  #list(indent: number, depth: number): YamlList {
    const list: YamlValue[] = [];
    for (;;) {
      const line = this.#lines[this.#at];
      if (line === undefined || line.indent !== indent || !isItem(line.text)) break;
      const rest = line.text.slice(1).trimStart();
      if (rest === '') {
        this.#at++;
        list.push(this.#nested(indent, depth));
        continue;
      }
      // What follows the dash is a block of its own, indented as far as it stands.
      const inner = indent + (line.text.length - rest.length);
      this.#lines[this.#at] = { number: line.number, indent: inner, text: rest };
      list.push(this.#block(inner, depth + 1));
    }
    this.#checkEnd(indent);
    return list;
  }

  #map(indent: number, depth: number): YamlMap {
    const map = new Map<string, YamlValue>();
    for (;;) {
      const line = this.#lines[this.#at];
      if (line === undefined || line.indent !== indent || isItem(line.text)) break;
      const key = keyOf(line);
      if (key === undefined) throw yamlError(line.number, 'there is no "key: value" here');
      if (map.has(key.name)) throw yamlError(line.number, `${key.name} is there twice`);
      this.#at++;
      const value =
        key.rest === '' ? this.#nested(indent, depth, true) : scalar(key.rest, line.number);
      map.set(key.name, value);
    }
    this.#checkEnd(indent);
    return map;
  }

  /** A block that is deeper; a list may stand as deep as the key that it belongs to. */
  #nested(indent: number, depth: number, isValue = false): YamlValue {
    const next = this.#lines[this.#at];
    if (next === undefined) return null;
    if (next.indent > indent) return this.#block(next.indent, depth + 1);
    const isList = isValue && next.indent === indent && isItem(next.text);
    return isList ? this.#list(indent, depth + 1) : null;
  }

  #checkEnd(indent: number): void {
    const next = this.#lines[this.#at];
    if (next === undefined || next.indent <= indent) return;
    throw yamlError(next.number, `${next.indent} spaces of indentation where ${indent} fit`);
  }
}

function isItem(text: string): boolean {
  return text === '-' || text.startsWith('- ');
}

function keyOf({ text, number }: YamlLine): { name: string; rest: string } | undefined {
  if (/^[[{]/.test(text)) return undefined;
  const match = /^("(?:[^"\\]|\\.)*"|'[^']*'|[^\s:"'][^:]*):(\s+(.*))?$/.exec(text);
  if (match === null) return undefined;
  const name = scalar((match[1] ?? '').trim(), number);
  if (typeof name !== 'string') throw yamlError(number, 'a key must be a text');
  return { name, rest: (match[3] ?? '').trim() };
}

function scalar(text: string, line: number): YamlValue {
  const reader = new FlowReader(text, line);
  const isFlow = text.startsWith('[') || text.startsWith('{');
  if (isFlow || text.startsWith('"') || text.startsWith("'")) return reader.whole();
  if (/^[&*!|>%@`]/.test(text)) {
    throw yamlError(line, `${JSON.stringify(text.slice(0, 20))} is not understood: quote it`);
  }
  return plain(text);
}

function plain(text: string): string | null {
  return text === '' || text === '~' || text === 'null' ? null : text;
}

/** Values in brackets and quotes, within one (joined) line. */
class FlowReader {
  readonly #text: string;
  readonly #line: number;
  #at = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  whole(): YamlValue {
    const value = this.#value(0, '');
    this.#space();
    if (this.#at < this.#text.length) throw this.#error('there is more behind the value');
    return value;
  }

  #value(depth: number, ends: string): YamlValue {
    if (depth > DEPTH_MAX) throw this.#error(`deeper than ${DEPTH_MAX}`);
    this.#space();
    const char = this.#text[this.#at];
    if (char === '[') return this.#list(depth);
    if (char === '{') return this.#map(depth);
    if (char === '"' || char === "'") return this.#quoted(char);
    const start = this.#at;
    while (this.#at < this.#text.length && !ends.includes(this.#text[this.#at] ?? '')) this.#at++;
    return plain(this.#text.slice(start, this.#at).trim());
  }

  #list(depth: number): YamlList {
    const list: YamlValue[] = [];
    this.#at++;
    for (this.#space(); this.#text[this.#at] !== ']'; this.#space()) {
      list.push(this.#value(depth + 1, ',]'));
      this.#comma(']');
    }
    this.#at++;
    return list;
  }

  #map(depth: number): YamlMap {
    const map = new Map<string, YamlValue>();
    this.#at++;
    for (this.#space(); this.#text[this.#at] !== '}'; this.#space()) {
      const key = this.#value(depth + 1, ':,}');
      if (typeof key !== 'string' || this.#text[this.#at] !== ':') throw this.#error('no key');
      if (map.has(key)) throw this.#error(`${key} is there twice`);
      this.#at++;
      map.set(key, this.#value(depth + 1, ',}'));
      this.#comma('}');
    }
    this.#at++;
    return map;
  }

  #comma(close: string): void {
    this.#space();
    const char = this.#text[this.#at];
    if (char === ',') this.#at++;
    else if (char !== close) throw this.#error(`"," or "${close}" is missing`);
  }

  #quoted(quote: string): string {
    let value = '';
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] ?? '';
      const next = this.#text[this.#at + 1] ?? '';
      if (char === quote && quote === "'" && next === "'") this.#at++;
      else if (char === quote) {
        this.#at++;
        return value;
      }
      if (char === '\\' && quote === '"') {
        value += this.#escape(next);
        this.#at++;
      } else value += char;
    }
    throw this.#error(`the quote ${quote} is never closed`);
  }

  #escape(char: string): string {
    const escaped = ESCAPES.get(char);
    if (escaped === undefined) throw this.#error(`the escape \\${char} is not understood`);
    return escaped;
  }

  #space(): void {
    while (this.#text[this.#at] === ' ') this.#at++;
  }

  #error(reason: string): Error {
    return yamlError(this.#line, reason);
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['0', '\0'],
]);
