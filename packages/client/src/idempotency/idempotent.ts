/**
 * Handlers that run once per message although messages may come twice: delivery is at least once,
 * and a sender that tries again may store a message twice with one id.
 */
import {
  type Logger,
  MqError,
  type Prng,
  realPrng,
  realScheduler,
  type Scheduler,
  silentLogger,
} from '@skylarkmq/base';
import { integerOption } from '../options/check-option.ts';
import type { ConsumerMessage } from '../push/consumer-message.ts';
import type { MessageHandler } from '../push/push-consumer.ts';
import type { IdempotencyStore } from './idempotency-store.ts';
import { type KeyOptions, keyOf } from './message-key.ts';

/** Options of {@link idempotent}. */
export interface IdempotentOptions extends KeyOptions {
  readonly store: IdempotencyStore;
  /**
   * How long a claim holds when its holder is gone, 1 s to 1 h. Default 60,000 ms. It is renewed
   * while the handler runs.
   */
  readonly leaseMs?: number;
  /** How long a key is remembered. Default 7 days; longer than messages are kept. */
  readonly keepMs?: number;
  /** Told of every message that was handled before and is acknowledged unseen. */
  readonly onDuplicate?: (message: ConsumerMessage) => void;
  /** Told of leases that were lost or not renewed. Default: silent. */
  readonly logger?: Logger;
  /** Time and chance, for tests. */
  readonly ports?: { readonly scheduler?: Scheduler; readonly prng?: Prng };
}

const LEASE_DEFAULT_MS = 60_000;
const LEASE_MIN_MS = 1_000;
const LEASE_MAX_MS = 3_600_000;
const DAY_MS = 86_400_000;
const KEEP_DEFAULT_MS: number = 7 * DAY_MS;
const KEEP_MAX_MS: number = 365 * DAY_MS;
/** A lease is renewed when this part of it is over. */
const RENEWAL_PART = 3;

/**
 * Wraps a handler: a message whose key is done is acknowledged without it; one that somebody else
 * is handling comes again when that lease must be over. The key is done when the handler returns;
 * a handler that throws, retries or rejects frees it.
 *
 * When the process dies between the handler's work and the note that it is done, the handler runs
 * again: only {@link idempotentInTransaction} has exactly one effect then.
 */
export function idempotent(options: IdempotentOptions, handler: MessageHandler): MessageHandler {
  const { store } = options;
  const leases = new Leases(options);
  const limits = { fallback: KEEP_DEFAULT_MS, min: 1, max: KEEP_MAX_MS };
  const keepMs = integerOption('keepMs', options.keepMs, limits);
  return async (message, signal) => {
    const key = keyOf(options, message);
    const token = leases.newToken();
    const claim = await store.claim(key, token, leases.leaseMs);
    if (claim === 'done') {
      options.onDuplicate?.(message);
      return;
    }
    if (claim === 'busy') {
      await message.retry({ delayMs: leases.leaseMs });
      return;
    }
    const end = leases.keepRenewed(key, token);
    try {
      await handler(message, signal);
    } catch (thrown) {
      end();
      await leases.release(key, token);
      throw thrown;
    }
    end();
    if (message.outcome === 'retried' || message.outcome === 'rejected') {
      await leases.release(key, token);
    } else if (!(await store.complete(key, token, keepMs))) {
      leases.lost(key);
    }
  };
}

/** The leases of one handler. */
class Leases {
  readonly leaseMs: number;
  readonly #store: IdempotencyStore;
  readonly #logger: Logger;
  readonly #scheduler: Scheduler;
  readonly #prng: Prng;

  constructor({ store, leaseMs, logger, ports }: IdempotentOptions) {
    const limits = { fallback: LEASE_DEFAULT_MS, min: LEASE_MIN_MS, max: LEASE_MAX_MS };
    this.leaseMs = integerOption('leaseMs', leaseMs, limits);
    this.#store = store;
    this.#logger = logger ?? silentLogger;
    this.#scheduler = ports?.scheduler ?? realScheduler;
    this.#prng = ports?.prng ?? realPrng();
  }

  newToken(): string {
    const parts = Array.from({ length: 4 }, () => this.#prng.below(0x1_0000_0000));
    return parts.map((part) => part.toString(16).padStart(8, '0')).join('');
  }

  /** Renews a lease until the returned function is called. */
  keepRenewed(key: string, token: string): () => void {
    const periodMs = Math.floor(this.leaseMs / RENEWAL_PART);
    const timer = this.#scheduler.every(periodMs, () => void this.#renew(key, token));
    return () => timer.cancel();
  }

  /** Frees a key; when that fails, the lease ends by itself. */
  async release(key: string, token: string): Promise<void> {
    try {
      await this.#store.release(key, token);
    } catch (thrown) {
      this.#logger.warn({ error: MqError.from(thrown), key }, 'A key was not released');
    }
  }

  lost(key: string): void {
    const text = 'A lease was over before its handler ended: the message may be handled twice';
    this.#logger.warn({ key, leaseMs: this.leaseMs }, text);
  }

  async #renew(key: string, token: string): Promise<void> {
    try {
      const claim = await this.#store.claim(key, token, this.leaseMs);
      if (claim !== 'claimed') this.lost(key);
    } catch (thrown) {
      this.#logger.warn({ error: MqError.from(thrown), key }, 'A lease was not renewed');
    }
  }
}
