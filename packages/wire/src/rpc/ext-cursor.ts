/**
 * Walks over the extension fields of a command without decoding them, in either serialisation: the
 * base of the hot-path scanners. A header that is not of the common form answers false at once, and
 * the caller decodes it in full.
 */
import type { Command } from '../command.ts';
import { extMarks } from '../ext-marks.ts';
import { COLON, COMMA, endOfString, QUOTE, skipSpace } from '../json-scan.ts';
import { Serialization } from '../serialization.ts';

export class ExtCursor {
  buffer: Buffer = Buffer.alloc(0);
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  /** Whether the value is a JSON string that may have escapes. */
  json = false;
  /** Whether the walk ended before its time: malformed or unusual. */
  failed = false;
  #at = 0;
  #end = 0;
  /** Marks that are left; -1 when there are none and the bytes are walked over. */
  #marked = -1;

  /** Begins with the first field. */
  start(command: Command): void {
    this.buffer = command.frame;
    this.#at = command.extStart;
    this.#end = command.extEnd;
    this.json = command.serialization === Serialization.Json;
    this.failed = command.isExtDecoded;
    this.#marked = extMarks.countOf(command);
    if (this.#marked >= 0) this.#at = 0;
  }

  /** Goes to the next field; false at the end, or when `failed`. */
  next(): boolean {
    if (this.failed) return false;
    if (this.#marked >= 0) return this.#nextMarked();
    return this.json ? this.#nextJson() : this.#nextBinary();
  }

  #nextMarked(): boolean {
    if (this.#marked === 0) return false;
    this.#marked--;
    const { positions } = extMarks;
    const at = this.#at;
    this.keyStart = positions[at] ?? 0;
    this.keyEnd = positions[at + 1] ?? 0;
    this.valueStart = positions[at + 2] ?? 0;
    this.valueEnd = positions[at + 3] ?? 0;
    this.#at = at + 4;
    return true;
  }

  #nextJson(): boolean {
    const { buffer } = this;
    const end = this.#end;
    let at = this.#at;
    if (buffer[at] !== QUOTE) {
      at = skipSpace(buffer, at);
      if (buffer[at] === COMMA) at = skipSpace(buffer, at + 1);
      if (at >= end) return false;
      if (buffer[at] !== QUOTE) return this.#fail();
    }
    const keyEnd = endOfString(buffer, at + 1, end);
    if (keyEnd < 0) return this.#fail();
    this.keyStart = at + 1;
    this.keyEnd = keyEnd;
    at = keyEnd + 1;
    if (buffer[at] !== COLON) at = skipSpace(buffer, at);
    if (buffer[at] !== COLON) return this.#fail();
    at++;
    if (buffer[at] !== QUOTE) at = skipSpace(buffer, at);
    if (buffer[at] !== QUOTE) return this.#fail();
    const valueEnd = endOfString(buffer, at + 1, end);
    if (valueEnd < 0) return this.#fail();
    this.valueStart = at + 1;
    this.valueEnd = valueEnd;
    this.#at = buffer[valueEnd + 1] === COMMA ? valueEnd + 2 : valueEnd + 1;
    return true;
  }

  #nextBinary(): boolean {
    const { buffer } = this;
    const at = this.#at;
    if (at === this.#end) return false;
    if (this.#end - at < 6) return this.#fail();
    const keyBytes = ((buffer[at] ?? 0) << 8) | (buffer[at + 1] ?? 0);
    this.keyStart = at + 2;
    this.keyEnd = this.keyStart + keyBytes;
    if (this.keyEnd + 4 > this.#end) return this.#fail();
    const lengthAt = this.keyEnd;
    const valueBytes =
      ((buffer[lengthAt] ?? 0) << 24) |
      ((buffer[lengthAt + 1] ?? 0) << 16) |
      ((buffer[lengthAt + 2] ?? 0) << 8) |
      (buffer[lengthAt + 3] ?? 0);
    this.valueStart = lengthAt + 4;
    this.valueEnd = this.valueStart + valueBytes;
    if (valueBytes < 0 || this.valueEnd > this.#end) return this.#fail();
    this.#at = this.valueEnd;
    return true;
  }

  #fail(): boolean {
    this.failed = true;
    return false;
  }
}
