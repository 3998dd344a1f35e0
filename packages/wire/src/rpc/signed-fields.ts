/**
 * The extension fields of a request as access control needs them: single values by name, and all
 * values in the order of their names, which is what clients sign. Read straight from the bytes; a
 * header of an unusual form is decoded in full.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { ByteInterner } from '../byte-interner.ts';
import type { Command } from '../command.ts';
import { unescapeJson } from '../json-scan.ts';
import { ExtCursor } from './ext-cursor.ts';

/** More fields than any client sends; beyond it the header is decoded in full. */
const FIELDS_MAX = 64;
const POSITIONS = 4;
const NON_ASCII = 0x80;
const SCRATCH_BYTES = 4 * 1024;
/** A longer buffer than this is not kept. */
const SCRATCH_BYTES_MAX = 256 * 1024;

export class SignedFields {
  readonly #cursor = new ExtCursor();
  readonly #names = new ByteInterner();
  /** Per field: start and end of the name, start and end of the value. */
  readonly #positions = new Int32Array(FIELDS_MAX * POSITIONS);
  readonly #order = new Uint8Array(FIELDS_MAX);
  #buffer: Buffer = Buffer.alloc(0);
  #json = false;
  #count = 0;
  #decoded: ReadonlyMap<string, string> | undefined;
  #scratch: Buffer = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

  /**
   * Reads a command; what was read before is forgotten. CORRUPT when the fields are malformed,
   * INVALID_ARGUMENT when a name is there twice: who looks at which of them cannot be known.
   */
  read(command: Command): void {
    this.#decoded = undefined;
    if (!this.#scan(command)) this.#decoded = command.ext;
  }

  get isEmpty(): boolean {
    return this.#decoded === undefined ? this.#count === 0 : this.#decoded.size === 0;
  }

  /** The value of a field; undefined when it is not there. */
  text(name: string): string | undefined {
    if (this.#decoded !== undefined) return this.#decoded.get(name);
    for (let index = 0; index < this.#count; index++) {
      if (this.#isNamed(index, name)) return this.#value(index);
    }
    return undefined;
  }

  /**
   * All values, in the order of their names, without those of `left out`. The buffer is valid until
   * the next call.
   */
  // RocketMQ: AclUtils#combineRequestContent
  signedValues(leftOut: readonly string[]): Buffer {
    if (this.#decoded !== undefined) return sortedValues(this.#decoded, leftOut);
    const positions = this.#positions;
    let bytes = 0;
    for (let index = 0; index < this.#count; index++) {
      const at = index * POSITIONS;
      bytes += (positions[at + 3] ?? 0) - (positions[at + 2] ?? 0);
    }
    const target = this.#room(bytes);
    let end = 0;
    for (let place = 0; place < this.#count; place++) {
      const index = this.#order[place] ?? 0;
      if (leftOut.some((name) => this.#isNamed(index, name))) continue;
      end += this.#copyValue(index, target.subarray(end));
    }
    return target.subarray(0, end);
  }

  #scan(command: Command): boolean {
    const cursor = this.#cursor;
    const positions = this.#positions;
    cursor.start(command);
    let count = 0;
    while (cursor.next()) {
      if (count === FIELDS_MAX) return false;
      const at = count * POSITIONS;
      positions[at] = cursor.keyStart;
      positions[at + 1] = cursor.keyEnd;
      positions[at + 2] = cursor.valueStart;
      positions[at + 3] = cursor.valueEnd;
      if (!isPlainName(cursor.buffer, cursor.keyStart, cursor.keyEnd)) return false;
      count++;
    }
    if (cursor.failed) return false;
    this.#buffer = cursor.buffer;
    this.#json = cursor.json;
    this.#count = count;
    this.#sort();
    return true;
  }

  /** Insertion sort: a dozen fields, which clients send in the same order each time. */
  #sort(): void {
    const order = this.#order;
    for (let index = 0; index < this.#count; index++) {
      let place = index;
      for (; place > 0; place--) {
        const before = order[place - 1] ?? 0;
        const compared = this.#compare(before, index);
        if (compared === 0) throw this.#twice(index);
        if (compared < 0) break;
        order[place] = before;
      }
      order[place] = index;
    }
  }

  #compare(left: number, right: number): number {
    const positions = this.#positions;
    const buffer = this.#buffer;
    const leftStart = positions[left * POSITIONS] ?? 0;
    const leftEnd = positions[left * POSITIONS + 1] ?? 0;
    const rightStart = positions[right * POSITIONS] ?? 0;
    const rightEnd = positions[right * POSITIONS + 1] ?? 0;
    const length = Math.min(leftEnd - leftStart, rightEnd - rightStart);
    for (let at = 0; at < length; at++) {
      const difference = (buffer[leftStart + at] ?? 0) - (buffer[rightStart + at] ?? 0);
      if (difference !== 0) return difference;
    }
    return leftEnd - leftStart - (rightEnd - rightStart);
  }

  #isNamed(index: number, name: string): boolean {
    const start = this.#positions[index * POSITIONS] ?? 0;
    const end = this.#positions[index * POSITIONS + 1] ?? 0;
    if (end - start !== name.length) return false;
    for (let at = 0; at < name.length; at++) {
      if (this.#buffer[start + at] !== name.charCodeAt(at)) return false;
    }
    return true;
  }

  /** As decoders see it: an empty value of a binary header is none. */
  #value(index: number): string | undefined {
    const start = this.#positions[index * POSITIONS + 2] ?? 0;
    const end = this.#positions[index * POSITIONS + 3] ?? 0;
    if (start === end) return this.#json ? '' : undefined;
    if (!this.#json) return this.#names.text(this.#buffer, start, end);
    const target = this.#room(end - start);
    const bytes = unescapeJson(this.#buffer, start, end, target);
    if (bytes < 0) throw malformed();
    return this.#names.text(target, 0, bytes);
  }

  #copyValue(index: number, target: Buffer): number {
    const start = this.#positions[index * POSITIONS + 2] ?? 0;
    const end = this.#positions[index * POSITIONS + 3] ?? 0;
    if (!this.#json) return this.#buffer.copy(target, 0, start, end);
    const bytes = unescapeJson(this.#buffer, start, end, target);
    if (bytes < 0) throw malformed();
    return bytes;
  }

  #room(bytes: number): Buffer {
    if (bytes <= this.#scratch.length) return this.#scratch;
    if (bytes > SCRATCH_BYTES_MAX) return Buffer.allocUnsafe(bytes);
    this.#scratch = Buffer.allocUnsafeSlow(Math.min(SCRATCH_BYTES_MAX, bytes * 2));
    return this.#scratch;
  }

  #twice(index: number): MqError {
    const start = this.#positions[index * POSITIONS] ?? 0;
    const end = this.#positions[index * POSITIONS + 1] ?? 0;
    const name = this.#buffer.toString('latin1', start, Math.min(end, start + 40));
    return new MqError(MqErrorCode.InvalidArgument, `The field ${name} is there twice`);
  }
}

/** Names whose order as bytes is their order as text, and which have no escapes. */
function isPlainName(buffer: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = buffer[at] ?? 0;
    if (byte >= NON_ASCII || byte === 0x5c) return false;
  }
  return end > start;
}

function sortedValues(fields: ReadonlyMap<string, string>, leftOut: readonly string[]): Buffer {
  const names = [...fields.keys()].filter((name) => !leftOut.includes(name)).sort();
  return Buffer.from(names.map((name) => fields.get(name) ?? '').join(''), 'utf8');
}

function malformed(): MqError {
  return new MqError(MqErrorCode.Corrupt, 'Bad JSON header: an escape is malformed');
}
