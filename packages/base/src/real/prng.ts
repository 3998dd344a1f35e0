import { randomInt } from 'node:crypto';
import { createPrng } from '../random/create-prng.ts';
import type { Prng } from '../random/prng.ts';

/** A seed from the system's entropy, 32 bits. Tests print it. */
export function randomSeed(): number {
  return randomInt(0x1_0000_0000);
}

/** A generator with a random seed. */
export function realPrng(): Prng {
  return createPrng(randomSeed());
}
