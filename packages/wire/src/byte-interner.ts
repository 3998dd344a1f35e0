/** Turns byte ranges that repeat (topics, groups) into strings, without a new one each time. */

const SLOTS_MIN = 2048;
/** As many as for tens of thousands of topics. */
const SLOTS_MAX = 32768;
/** Longer names are rare: they are decoded each time. */
const LENGTH_MAX = 255;

/**
 * A direct-mapped cache: a collision replaces the older entry. It grows, up to a limit, as long as
 * there are many collisions.
 */
export class ByteInterner {
  #keys: (Buffer | undefined)[] = new Array<Buffer | undefined>(SLOTS_MIN).fill(undefined);
  #texts: string[] = new Array<string>(SLOTS_MIN).fill('');
  #collisions = 0;

  /** The string that `buffer[start, end)` spells in UTF-8. */
  text(buffer: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return '';
    if (length > LENGTH_MAX) return buffer.toString('utf8', start, end);
    let hash = length;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (buffer[at] ?? 0)) | 0;
    const slot = (hash ^ (hash >>> 11)) & (this.#keys.length - 1);
    const key = this.#keys[slot];
    if (key !== undefined && sameBytes(key, buffer, start, length)) return this.#texts[slot] ?? '';
    const text = buffer.toString('utf8', start, end);
    if (key !== undefined && this.#grows()) return text;
    this.#keys[slot] = Buffer.from(buffer.subarray(start, end));
    this.#texts[slot] = text;
    return text;
  }

  /** Counts a collision; after as many as there are slots it begins anew with twice as many. */
  #grows(): boolean {
    const slots = this.#keys.length;
    this.#collisions += 1;
    if (slots >= SLOTS_MAX || this.#collisions < slots) return false;
    this.#collisions = 0;
    this.#keys = new Array<Buffer | undefined>(slots * 2).fill(undefined);
    this.#texts = new Array<string>(slots * 2).fill('');
    return true;
  }
}

function sameBytes(key: Buffer, buffer: Buffer, start: number, length: number): boolean {
  if (key.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (key[index] !== buffer[start + index]) return false;
  }
  return true;
}
