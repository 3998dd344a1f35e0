/**
 * The bits that stand for a consumer group's expression in the extensions of queues: RocketMQ's,
 * so that a queue that Apache's broker wrote says the same here. RocketMQ: BloomFilter
 */
import { murmur64 } from './murmur3.ts';

/** Bits of a map, and how many the map has. */
export interface BloomFilterData {
  readonly bitNum: number;
  readonly bitPos: readonly number[];
}

/** Which bits of how many stand for a text. */
export class BloomFilter {
  /** Bits of a map: whole bytes. */
  readonly bits: number;
  readonly #hashes: number;

  /** `errorPercent` of the answers may be wrongly yes when `count` texts are in a map. */
  constructor(errorPercent: number, count: number) {
    const error = errorPercent / 100;
    this.#hashes = Math.ceil(Math.log(error) / Math.log(0.5));
    const bits = Math.ceil((count * Math.log(1 / error) * Math.log(Math.E)) / Math.log(2) ** 2);
    this.bits = Math.ceil(bits / 8) * 8;
  }

  // RocketMQ: BloomFilter#calcBitPositions
  positions(text: string): BloomFilterData {
    const hash = murmur64(Buffer.from(text, 'utf8'));
    const low = Number(BigInt.asIntN(32, hash));
    const high = Number(BigInt.asIntN(32, hash >> 32n));
    const bitPos: number[] = [];
    for (let index = 1; index <= this.#hashes; index += 1) {
      const combined = (low + Math.imul(index, high)) | 0;
      bitPos.push((combined < 0 ? ~combined : combined) % this.bits);
    }
    return { bitNum: this.bits, bitPos };
  }
}

/** Whether all of these bits are set in a map. */
export function mayBeSet(map: Uint8Array, bitPos: readonly number[]): boolean {
  for (const bit of bitPos) if (((map[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
  return true;
}

export function setBits(map: Uint8Array, bitPos: readonly number[]): void {
  for (const bit of bitPos) map[bit >> 3] = (map[bit >> 3] ?? 0) | (1 << (bit & 7));
}
