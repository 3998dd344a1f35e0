import type { Clock } from '@skylarkmq/base';
import { realClock } from '@skylarkmq/base';
import { integerOption } from '../options/check-option.ts';
import type { Claim, IdempotencyStore } from './idempotency-store.ts';

/** Options of {@link memoryIdempotencyStore}. */
export interface MemoryIdempotencyOptions {
  /** Keys remembered at most; the oldest are forgotten first. Default 100,000. */
  readonly keysMax?: number;
  readonly clock?: Clock;
}

const KEYS_DEFAULT = 100_000;
const KEYS_MAX = 10_000_000;

interface Entry {
  /** Undefined: done. */
  readonly token: string | undefined;
  /** Monotonic time at which the lease ends or the key is forgotten. */
  readonly untilMs: number;
}

/**
 * Remembers keys in this process: enough where one process handles a group's messages and a
 * restart may repeat some; otherwise use a store that all members share.
 */
export function memoryIdempotencyStore(options: MemoryIdempotencyOptions = {}): IdempotencyStore {
  const clock = options.clock ?? realClock;
  const limits = { fallback: KEYS_DEFAULT, min: 1, max: KEYS_MAX };
  return new MemoryStore(clock, integerOption('keysMax', options.keysMax, limits));
}

class MemoryStore implements IdempotencyStore {
  readonly #clock: Clock;
  readonly #keysMax: number;
  /** In the order of the last change. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, keysMax: number) {
    this.#clock = clock;
    this.#keysMax = keysMax;
  }

  claim(key: string, token: string, leaseMs: number): Promise<Claim> {
    const nowMs = this.#clock.monotonicMs();
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.untilMs > nowMs && entry.token !== token) {
      return Promise.resolve(entry.token === undefined ? 'done' : 'busy');
    }
    this.#put(key, { token, untilMs: nowMs + leaseMs });
    return Promise.resolve('claimed');
  }

  complete(key: string, token: string, keepMs: number): Promise<boolean> {
    if (this.#entries.get(key)?.token !== token) return Promise.resolve(false);
    this.#put(key, { token: undefined, untilMs: this.#clock.monotonicMs() + keepMs });
    return Promise.resolve(true);
  }

  release(key: string, token: string): Promise<void> {
    if (this.#entries.get(key)?.token === token) this.#entries.delete(key);
    return Promise.resolve();
  }

  #put(key: string, entry: Entry): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#keysMax) {
      const oldest = this.#entries.keys().next();
      if (oldest.done !== true) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, entry);
  }
}
