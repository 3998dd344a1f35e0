/** Valid bytes, damaged: what finds more in a decoder than random bytes do. */
import fc from 'fast-check';

/** Numbers that lengths and counts go wrong with. */
const EXTREMES = [0, -1, 1, 0x7f, 0x80, 0xff, 0x7fff, -0x8000, 0xffff, 0x7fffffff, -0x80000000];
/** Copies of a part are at most so long, so that texts do not grow without end. */
const COPY_BYTES_MAX = 64;

interface Mutation {
  readonly kind: 'flip' | 'set' | 'cut' | 'remove' | 'repeat' | 'insert' | 'number';
  /** Where, as a part of the length. */
  readonly at: number;
  readonly length: number;
  readonly value: number;
  readonly bytes: Uint8Array;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'cut', 'remove', 'repeat', 'insert', 'number'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: COPY_BYTES_MAX }),
  value: fc.oneof(fc.constantFrom(...EXTREMES), fc.integer()),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
});

/** Some of `valid`, with up to `mutationsMax` changes; now and then none. */
export function mutatedBytes(valid: fc.Arbitrary<Buffer>, mutationsMax = 4): fc.Arbitrary<Buffer> {
  const mutations = fc.array(mutation, { maxLength: mutationsMax });
  return fc.tuple(valid, mutations).map(([bytes, all]) => all.reduce(mutate, Buffer.from(bytes)));
}

function mutate(bytes: Buffer, { kind, at, length, value, bytes: inserted }: Mutation): Buffer {
  const start = Math.min(bytes.length, Math.floor(at * (bytes.length + 1)));
  const end = Math.min(bytes.length, start + length);
  switch (kind) {
    case 'cut':
      return bytes.subarray(0, start);
    case 'remove':
      return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
    case 'repeat':
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(start)]);
    case 'number':
      if (start + 4 <= bytes.length) bytes.writeInt32BE(value | 0, start);
      return bytes;
    case 'set':
      bytes.fill(value & 0xff, start, end);
      return bytes;
    case 'flip':
      if (start < bytes.length) bytes[start] = (bytes[start] ?? 0) ^ (1 << (value & 7));
      return bytes;
  }
}
