/**
 * What a claim of a key led to: `claimed`: the caller handles the message; `done`: it was handled
 * before; `busy`: somebody else is handling it right now.
 */
export type Claim = 'claimed' | 'done' | 'busy';

/**
 * Remembers which messages were handled. A key is free, claimed (by a token, until its lease ends),
 * or done (until it is forgotten). Every call must be atomic.
 */
export interface IdempotencyStore {
  /**
   * Claims a free key, or one whose lease is over, for `leaseMs`. The holder may claim again with
   * its own token: that renews the lease.
   */
  claim(key: string, token: string, leaseMs: number): Promise<Claim>;
  /**
   * Marks a key done for `keepMs`. False if the token does not hold the key any more: the lease
   * was over and somebody else claimed it.
   */
  complete(key: string, token: string, keepMs: number): Promise<boolean>;
  /** Frees a key that the token holds, so that the next delivery may claim it at once. */
  release(key: string, token: string): Promise<void>;
}
