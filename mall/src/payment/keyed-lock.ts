/**
 * Lets work on the same thing happen one after the other inside this process. Not for correctness,
 * which the database sees to, but so that a hundred copies of a callback cost little.
 */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Does the work when what came before it on this key has ended, well or not. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const result = before === undefined ? work() : before.then(work, work);
    const tail: Promise<unknown> = result
      .catch((error: unknown) => error)
      .finally(() => {
        if (this.#tails.get(key) === tail) this.#tails.delete(key);
      });
    this.#tails.set(key, tail);
    return result;
  }

  /** Keys with work under way. */
  get size(): number {
    return this.#tails.size;
  }
}
