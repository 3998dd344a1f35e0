/**
 * Java's String.hashCode: h = 31 * h + unit over the UTF-16 units, int32. Tags codes, index hashes
 * and queue selection by key depend on it.
 */

/** Hash of a string, int32. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return hash;
}

/**
 * Hash of UTF-8 bytes as of the string that they spell, continued from `seed`. Malformed UTF-8 is
 * hashed as Node decodes it (U+FFFD).
 */
export function javaHashCodeUtf8(buffer: Uint8Array, start: number, end: number, seed = 0): number {
  let hash = seed;
  for (let index = start; index < end; index++) {
    const byte = buffer[index] ?? 0;
    if (byte >= 0x80) return hashDecoded(buffer, index, end, hash);
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return hash;
}

function hashDecoded(buffer: Uint8Array, start: number, end: number, seed: number): number {
  const text = Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start).toString('utf8');
  let hash = seed;
  for (let index = 0; index < text.length; index++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return hash;
}
