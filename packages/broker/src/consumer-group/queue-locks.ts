/**
 * Which consumer has which queue alone, for consumption in order. Owners are kept in a file of our
 * own: after a restart a queue is not given to another while its owner may still believe in its
 * lock, or two would handle messages of one queue.
 */
import {
  type Clock,
  type JsonFile,
  type JsonInput,
  type JsonValue,
  jsonObjectOr,
  jsonString,
  type Logger,
  MqError,
  MqErrorCode,
  type Scheduler,
} from '@skylarkmq/base';
import { type MessageQueue, messageQueueKey } from '@skylarkmq/message';
import { TableFile } from '../persistence/table-file.ts';

/** A change of owners is on disk after this. */
const SAVE_WITHIN_MS = 1000;
/** A client gives a lock up by itself that was not renewed for so long. */
// RocketMQ: ProcessQueue#REBALANCE_LOCK_MAX_LIVE_TIME
const CLIENT_LOCK_MS = 30_000;
/** Locks beyond this are refused. */
const LOCKS_MAX = 1_000_000;

interface Lock {
  clientId: string;
  /** Monotonic milliseconds of the last renewal. */
  renewedMs: number;
}

export interface QueueLocksDeps {
  /** Null keeps locks in memory only. */
  readonly file: JsonFile | null;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Milliseconds after which a lock that nobody renewed can be taken. */
  // RocketMQ: rocketmq.broker.rebalance.lockMaxLiveTime
  lockMs(): number;
}

export class QueueLocks {
  readonly #clock: Clock;
  readonly #deps: QueueLocksDeps;
  readonly #file: TableFile;
  readonly #groups = new Map<string, Map<string, Lock>>();
  #size = 0;
  #sweptMs: number;

  constructor(deps: QueueLocksDeps) {
    this.#clock = deps.clock;
    this.#deps = deps;
    this.#file = new TableFile({
      ...deps,
      content: () => this.#json(),
      periodMs: () => SAVE_WITHIN_MS,
    });
    this.#sweptMs = deps.clock.monotonicMs();
  }

  /** Reads who had which queue. What cannot be read is as if nobody had any. */
  load(): void {
    const { file, logger } = this.#deps;
    try {
      for (const [group, locks] of jsonObjectOr(file?.load(), 'locks')) this.#read(group, locks);
    } catch (thrown) {
      const error = MqError.from(thrown);
      logger.warn({ error, path: file?.path }, 'Queue locks of before cannot be read');
    }
  }

  /** Writes what changed. */
  close(): void {
    this.#file.close();
  }

  /** Locks or renews; returns the queues that the client has now. BUSY at the limit of locks. */
  // RocketMQ: RebalanceLockManager#tryLockBatch
  lock(group: string, clientId: string, queues: readonly MessageQueue[]): MessageQueue[] {
    this.#sweep();
    return queues.filter((queue) => this.#lockOne(group, clientId, queue));
  }

  /** Gives up those of the queues that the client has. */
  unlock(group: string, clientId: string, queues: readonly MessageQueue[]): void {
    const locks = this.#groups.get(group);
    if (locks === undefined) return;
    for (const queue of queues) {
      const key = messageQueueKey(queue);
      if (locks.get(key)?.clientId !== clientId) continue;
      locks.delete(key);
      this.#size--;
      this.#file.changed();
    }
    if (locks.size === 0) this.#groups.delete(group);
  }

  /** Whether any consumer of the group has a queue alone now. */
  holdsAny(group: string): boolean {
    const now = this.#clock.monotonicMs();
    const lockMs = this.#deps.lockMs();
    for (const lock of this.#groups.get(group)?.values() ?? []) {
      if (now - lock.renewedMs <= lockMs) return true;
    }
    return false;
  }

  /** Forgets all locks of a group. */
  removeGroup(group: string): void {
    this.#size -= this.#groups.get(group)?.size ?? 0;
    if (this.#groups.delete(group)) this.#file.changed();
  }

  #lockOne(group: string, clientId: string, queue: MessageQueue): boolean {
    const now = this.#clock.monotonicMs();
    const locks = this.#groups.get(group) ?? new Map<string, Lock>();
    const key = messageQueueKey(queue);
    const lock = locks.get(key);
    if (lock === undefined) {
      if (this.#size >= LOCKS_MAX) {
        const message = `The broker keeps at most ${LOCKS_MAX} queue locks`;
        throw new MqError(MqErrorCode.Busy, message);
      }
      this.#size++;
      this.#groups.set(group, locks.set(key, { clientId, renewedMs: now }));
      this.#file.changed();
      return true;
    }
    if (lock.clientId !== clientId) {
      if (now - lock.renewedMs <= this.#deps.lockMs()) return false;
      lock.clientId = clientId;
      this.#file.changed();
    }
    lock.renewedMs = now;
    return true;
  }

  /** Forgets expired locks, at most once in the life of a lock. */
  #sweep(): void {
    const now = this.#clock.monotonicMs();
    const lockMs = this.#deps.lockMs();
    if (now - this.#sweptMs < lockMs) return;
    this.#sweptMs = now;
    for (const [group, locks] of this.#groups) {
      for (const [key, lock] of locks) {
        if (now - lock.renewedMs <= lockMs) continue;
        locks.delete(key);
        this.#size--;
        this.#file.changed();
      }
      if (locks.size === 0) this.#groups.delete(group);
    }
  }

  /** Group to queue to client id. */
  #json(): JsonInput {
    const groups = [...this.#groups].map(([group, locks]) => {
      const owners = [...locks].map(([key, { clientId }]) => [key, clientId] as const);
      return [group, new Map(owners)] as const;
    });
    return new Map(groups);
  }

  #read(group: string, value: JsonValue): void {
    const renewedMs = this.#clock.monotonicMs() - this.#deps.lockMs() + CLIENT_LOCK_MS;
    const locks = new Map<string, Lock>();
    for (const [key, owner] of jsonObjectOr(value, group)) {
      if (this.#size >= LOCKS_MAX) return;
      locks.set(String(key), { clientId: jsonString(owner, 'clientId'), renewedMs });
      this.#size++;
    }
    this.#groups.set(group, locks);
  }
}
