/** Turns byte ranges that repeat (topics, groups) into strings without making a new one each time. */

const SLOTS = 2048;
/** Longer names are rare: they are decoded each time. */
const LENGTH_MAX = 255;

/** A direct-mapped cache: a collision replaces the older entry, so its size is bounded. */
export class ByteInterner {
  readonly #keys: (Buffer | undefined)[] = new Array<Buffer | undefined>(SLOTS).fill(undefined);
  readonly #texts: string[] = new Array<string>(SLOTS).fill('');

  /** The string that `buffer[start, end)` spells in UTF-8. */
  text(buffer: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return '';
    if (length > LENGTH_MAX) return buffer.toString('utf8', start, end);
    let hash = length;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (buffer[at] ?? 0)) | 0;
    const slot = (hash ^ (hash >>> 11)) & (SLOTS - 1);
    const key = this.#keys[slot];
    if (key !== undefined && sameBytes(key, buffer, start, length)) return this.#texts[slot] ?? '';
    const text = buffer.toString('utf8', start, end);
    this.#keys[slot] = Buffer.from(buffer.subarray(start, end));
    this.#texts[slot] = text;
    return text;
  }
}

function sameBytes(key: Buffer, buffer: Buffer, start: number, length: number): boolean {
  if (key.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (key[index] !== buffer[start + index]) return false;
  }
  return true;
}
