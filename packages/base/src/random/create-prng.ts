import type { Prng } from './prng.ts';

/** A repeatable generator (mulberry32): the same seed gives the same numbers. Not for secrets. */
export function createPrng(seed: number): Prng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    below: (exclusiveMax) => Math.floor((next() / 0x1_0000_0000) * exclusiveMax),
    float: () => next() / 0x1_0000_0000,
  };
}
