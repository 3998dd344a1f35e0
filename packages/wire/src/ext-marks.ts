/**
 * Where the extension fields of the last decoded JSON header are. Finding the end of the header
 * walks over them anyway: whoever reads them next, before another header is decoded, need not walk
 * again. Whoever comes later finds that the marks are not of his command, and walks.
 */
import type { Command } from './command.ts';
import { BACKSLASH, CLOSE, COLON, COMMA, QUOTE } from './json-scan.ts';

/** Fields that are marked; headers with more are read without marks. */
const FIELDS_MAX = 40;
const POSITIONS_PER_FIELD = 4;

class ExtMarks {
  /** Per field: start and end of the name, start and end of the value, all without quotes. */
  readonly positions: Int32Array = new Int32Array(FIELDS_MAX * POSITIONS_PER_FIELD);
  #count = 0;
  #id = 0;

  /**
   * Marks the fields that begin at `start`, behind the opening brace. Returns the position of the
   * closing brace, -1 when they are not of the compact form that official writers emit.
   */
  make(command: Command, start: number, end: number): number {
    const buffer = command.frame;
    const { positions } = this;
    this.#id = (this.#id + 1) & 0x3fffffff;
    let at = start;
    let mark = 0;
    if (buffer[at] === CLOSE) return this.#made(command, start, at, 0);
    for (;;) {
      if (mark === positions.length || buffer[at] !== QUOTE) return -1;
      const keyStart = ++at;
      for (; buffer[at] !== QUOTE; at++) if (at >= end || buffer[at] === BACKSLASH) return -1;
      if (buffer[at + 1] !== COLON || buffer[at + 2] !== QUOTE) return -1;
      positions[mark] = keyStart;
      positions[mark + 1] = at;
      at += 3;
      positions[mark + 2] = at;
      for (let byte = buffer[at]; byte !== QUOTE; byte = buffer[++at]) {
        if (byte === BACKSLASH) at++;
        if (at >= end) return -1;
      }
      positions[mark + 3] = at++;
      mark += POSITIONS_PER_FIELD;
      if (buffer[at] === CLOSE) return this.#made(command, start, at, mark);
      if (buffer[at] !== COMMA || at >= end) return -1;
      at++;
    }
  }

  /** How many fields are marked; -1 when the marks are of another command. */
  countOf(command: Command): number {
    return command.extMarks !== 0 && command.extMarks === this.#id ? this.#count : -1;
  }

  #made(command: Command, start: number, close: number, mark: number): number {
    if (this.#id === 0) this.#id = 1;
    this.#count = mark / POSITIONS_PER_FIELD;
    command.extMarks = this.#id;
    command.extStart = start;
    command.extEnd = close;
    return close;
  }
}

export const extMarks: ExtMarks = new ExtMarks();
