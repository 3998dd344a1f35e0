/** The port to randomness: a seed makes every random choice repeatable. */
export interface Prng {
  /** An integer from 0 to `exclusiveMax` - 1. */
  below(exclusiveMax: number): number;
  /** A float from 0 (inclusive) to 1 (exclusive). */
  float(): number;
}
