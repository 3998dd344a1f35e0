/**
 * Ordered consumption needs each queue for one member alone: its broker keeps a lock per group and
 * queue, which must be renewed. A lock that was not renewed in time is not trusted any more.
 */
import { type Clock, type Logger, MqError } from '@skylarkmq/base';
import { type MessageQueue, messageQueueKey } from '@skylarkmq/message';

/** The two requests of locking; both name queues of one broker. */
export interface LockRequests {
  /** Locks or renews; returns the queues that are locked now. */
  lock(brokerName: string, queues: readonly MessageQueue[]): Promise<readonly MessageQueue[]>;
  unlock(brokerName: string, queues: readonly MessageQueue[]): Promise<void>;
}

/** How long a lock counts without renewal, milliseconds; the broker keeps it for 60 s. */
// RocketMQ: ProcessQueue#REBALANCE_LOCK_MAX_LIVE_TIME
const LOCK_TRUST_MS = 30_000;
/** How often the locks are renewed, milliseconds. */
// RocketMQ: ProcessQueue#REBALANCE_LOCK_INTERVAL
export const LOCK_RENEWAL_MS = 20_000;

interface Lock {
  readonly queue: MessageQueue;
  /** Monotonic time of the request that won or renewed the lock; -Infinity when lost. */
  renewedAtMs: number;
}

/** The locks of one consumer. */
export class OrderLocks {
  readonly #requests: LockRequests;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #locks = new Map<string, Lock>();

  constructor(requests: LockRequests, clock: Clock, logger: Logger) {
    this.#requests = requests;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Tries to win the lock of a queue. Errors of the network count as not won. */
  async acquire(queue: MessageQueue): Promise<boolean> {
    this.#locks.set(messageQueueKey(queue), { queue, renewedAtMs: Number.NEGATIVE_INFINITY });
    await this.#renew(queue.brokerName, [queue]);
    if (this.isHeld(queue)) return true;
    this.#locks.delete(messageQueueKey(queue));
    return false;
  }

  /** Whether the lock is held and was renewed recently enough to rely on it. */
  isHeld(queue: MessageQueue): boolean {
    const lock = this.#locks.get(messageQueueKey(queue));
    return lock !== undefined && this.#clock.monotonicMs() - lock.renewedAtMs < LOCK_TRUST_MS;
  }

  /** Renews all locks; returns the queues whose lock came back after it was lost. */
  async renewAll(): Promise<readonly MessageQueue[]> {
    const lost = [...this.#locks.values()].filter((lock) => !this.isHeld(lock.queue));
    const byBroker = this.#byBroker();
    await Promise.all([...byBroker].map(([broker, queues]) => this.#renew(broker, queues)));
    return lost.map((lock) => lock.queue).filter((queue) => this.isHeld(queue));
  }

  /** Gives the lock of a queue back. */
  async release(queue: MessageQueue): Promise<void> {
    if (!this.#locks.delete(messageQueueKey(queue))) return;
    await this.#unlock(queue.brokerName, [queue]);
  }

  /** Gives all locks back. */
  async releaseAll(): Promise<void> {
    const byBroker = this.#byBroker();
    this.#locks.clear();
    await Promise.all([...byBroker].map(([broker, queues]) => this.#unlock(broker, queues)));
  }

  async #renew(brokerName: string, queues: readonly MessageQueue[]): Promise<void> {
    const askedAtMs = this.#clock.monotonicMs();
    try {
      const won = new Set((await this.#requests.lock(brokerName, queues)).map(messageQueueKey));
      for (const queue of queues) {
        const lock = this.#locks.get(messageQueueKey(queue));
        if (lock === undefined) continue;
        lock.renewedAtMs = won.has(messageQueueKey(queue)) ? askedAtMs : Number.NEGATIVE_INFINITY;
      }
    } catch (thrown) {
      // The locks stay trusted until their time is over: the broker keeps them for longer.
      this.#logger.warn({ error: MqError.from(thrown), brokerName }, 'Locks were not renewed');
    }
  }

  async #unlock(brokerName: string, queues: readonly MessageQueue[]): Promise<void> {
    try {
      await this.#requests.unlock(brokerName, queues);
    } catch (thrown) {
      // The broker frees them by itself after a minute.
      this.#logger.warn({ error: MqError.from(thrown), brokerName }, 'Locks were not given back');
    }
  }

  #byBroker(): Map<string, MessageQueue[]> {
    const byBroker = new Map<string, MessageQueue[]>();
    for (const { queue } of this.#locks.values()) {
      const queues = byBroker.get(queue.brokerName);
      if (queues === undefined) byBroker.set(queue.brokerName, [queue]);
      else queues.push(queue);
    }
    return byBroker;
  }
}
