/** Sets of small numbers as Java writes them: bit i of byte i/8, lowest bit first, in base64. */
import { MqError, MqErrorCode } from '@skylarkmq/base';

/** Bits that are taken from a peer at most. */
export const BIT_SET_BITS_MAX = 65_536;

const BITS = 8;
const BYTES_MAX = BIT_SET_BITS_MAX / BITS;
/** Four characters for three bytes. */
const TEXT_LENGTH_MAX = Math.ceil(BYTES_MAX / 3) * 4;

/** Trailing zero bytes are left out, as by Java. RocketMQ: BatchAck (BitSet#toByteArray) */
export function encodeBitSet(bits: readonly number[]): string {
  let last = -1;
  for (const bit of bits) last = Math.max(last, bit);
  if (last >= BIT_SET_BITS_MAX) {
    const reason = `bit ${last} is beyond the ${BIT_SET_BITS_MAX} bits of a set`;
    throw new MqError(MqErrorCode.InvalidArgument, reason);
  }
  const bytes = Buffer.alloc(Math.floor(last / BITS) + 1);
  for (const bit of bits) {
    const index = Math.floor(bit / BITS);
    bytes[index] = (bytes[index] ?? 0) | (1 << (bit % BITS));
  }
  return bytes.toString('base64');
}

/** The bits, ascending. CORRUPT when there are too many. */
export function decodeBitSet(text: string): number[] {
  if (text.length > TEXT_LENGTH_MAX) {
    const reason = `a set of ${text.length} characters is longer than ${TEXT_LENGTH_MAX}`;
    throw new MqError(MqErrorCode.Corrupt, reason);
  }
  const bits: number[] = [];
  Buffer.from(text, 'base64').forEach((byte, index) => {
    for (let bit = 0; bit < BITS; bit++) if (byte & (1 << bit)) bits.push(index * BITS + bit);
  });
  return bits;
}
