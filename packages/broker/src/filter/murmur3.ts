/** MurmurHash3 for 64-bit machines, 128 bits, seed 0, as Guava's `Hashing.murmur3_128()`. */

const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;
const BLOCK_BYTES = 16;

/** The first 64 bits of the hash, as a signed number. */
export function murmur64(bytes: Buffer): bigint {
  let h1 = 0n;
  let h2 = 0n;
  const blocks = Math.floor(bytes.length / BLOCK_BYTES) * BLOCK_BYTES;
  for (let at = 0; at < blocks; at += BLOCK_BYTES) {
    h1 = wrap(rotate(h1 ^ mix1(bytes.readBigUInt64LE(at)), 27n) + h2);
    h1 = wrap(h1 * 5n + 0x52dce729n);
    h2 = wrap(rotate(h2 ^ mix2(bytes.readBigUInt64LE(at + 8)), 31n) + h1);
    h2 = wrap(h2 * 5n + 0x38495ab5n);
  }
  const rest = Buffer.alloc(BLOCK_BYTES);
  bytes.copy(rest, 0, blocks);
  h1 ^= mix1(rest.readBigUInt64LE(0));
  h2 ^= mix2(rest.readBigUInt64LE(8));
  const length = BigInt(bytes.length);
  h1 ^= length;
  h2 ^= length;
  h1 = wrap(h1 + h2);
  h2 = wrap(h2 + h1);
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  return BigInt.asIntN(64, h1 + h2);
}

function mix1(block: bigint): bigint {
  return wrap(rotate(wrap(block * C1), 31n) * C2);
}

function mix2(block: bigint): bigint {
  return wrap(rotate(wrap(block * C2), 33n) * C1);
}

function avalanche(value: bigint): bigint {
  let hash = value;
  hash ^= hash >> 33n;
  hash = wrap(hash * 0xff51afd7ed558ccdn);
  hash ^= hash >> 33n;
  hash = wrap(hash * 0xc4ceb9fe1a85ec53n);
  return hash ^ (hash >> 33n);
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap((value << bits) | (value >> (64n - bits)));
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
