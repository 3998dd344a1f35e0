/**
 * The queues that a consumer holds right now, each with its cache and its pull loop: taking
 * one (lock, start offset), giving one up (offset, lock), and stopping them all. Which queues
 * these are is the rebalancer's decision, what happens to messages the delivery line's.
 */
import { type Logger, MqError, type Scheduler } from '@skylarkmq/base';
import { type MessageQueue, messageQueueKey } from '@skylarkmq/message';
import type { OffsetStore } from './offset-store.ts';
import { ProcessQueue } from './process-queue.ts';
import { PullLoop, type PullLoopDeps } from './pull-loop.ts';

/** Locks that must be won before a queue is taken. */
interface QueueLocks {
  acquire(queue: MessageQueue): Promise<boolean>;
  release(queue: MessageQueue): Promise<void>;
}

/** What the table needs from its consumer. */
export interface AssignedQueuesDeps {
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly offsets: OffsetStore;
  readonly pullLoop: PullLoopDeps;
  /** Present for ordered consumers in a cluster. */
  readonly locks: QueueLocks | undefined;
  /** Where to begin; throws when that cannot be found out now. */
  startOffset(queue: MessageQueue): Promise<number>;
}

/** How long an ordered queue waits for its last message before it is given up anyway. */
// RocketMQ: RebalancePushImpl#unlockDelay (UNLOCK_DELAY_TIME_MILLS)
const LEAVE_MS_MAX = 20_000;

interface Assigned {
  readonly processQueue: ProcessQueue;
  readonly loop: PullLoop;
}

/** See the head of this file. */
export class AssignedQueues {
  readonly #deps: AssignedQueuesDeps;
  readonly #assigned = new Map<string, Assigned>();
  /** Ordered queues that deliver nothing more and wait for the message that is out. */
  readonly #leaving = new Map<string, Assigned>();
  /** Callbacks of those who wait until nothing is out any more. */
  #idleWaiters: (() => void)[] = [];
  #stopped = false;

  constructor(deps: AssignedQueuesDeps) {
    this.#deps = deps;
  }

  /** The queues of a topic that are held. */
  held(topic: string): readonly MessageQueue[] {
    return this.processQueues()
      .map((processQueue) => processQueue.queue)
      .filter((queue) => queue.topic === topic);
  }

  processQueues(): readonly ProcessQueue[] {
    return [...this.#assigned.values()].map((assigned) => assigned.processQueue);
  }

  find(queue: MessageQueue): ProcessQueue | undefined {
    return this.#assigned.get(messageQueueKey(queue))?.processQueue;
  }

  /** Whether the queue only waits for its last message. */
  isLeaving(processQueue: ProcessQueue): boolean {
    return this.#leaving.get(messageQueueKey(processQueue.queue))?.processQueue === processQueue;
  }

  /** Takes a queue and starts pulling; false if it is locked by another or has no start offset. */
  async take(queue: MessageQueue): Promise<boolean> {
    const key = messageQueueKey(queue);
    const { locks, logger } = this.#deps;
    if (this.#leaving.has(key) || this.#assigned.has(key)) return this.#assigned.has(key);
    if (locks !== undefined && !(await locks.acquire(queue))) return false;
    try {
      this.#deps.offsets.remove(queue);
      this.takeAt(queue, await this.#deps.startOffset(queue));
      return true;
    } catch (thrown) {
      logger.warn({ error: MqError.from(thrown), queue }, 'Start offset is not known');
      await locks?.release(queue);
      return false;
    }
  }

  /** Starts pulling a queue at an offset; it must not be held. */
  takeAt(queue: MessageQueue, offset: number): void {
    if (this.#stopped) return;
    const processQueue = new ProcessQueue(queue);
    const loop = new PullLoop(processQueue, offset, this.#deps.pullLoop);
    this.#assigned.set(messageQueueKey(queue), { processQueue, loop });
    loop.start();
  }

  /** Gives a queue up: no more pulls and deliveries, the offset is persisted. */
  async giveUp(queue: MessageQueue): Promise<boolean> {
    const key = messageQueueKey(queue);
    const assigned = this.#assigned.get(key);
    if (assigned === undefined) return true;
    this.#assigned.delete(key);
    if (this.#deps.locks !== undefined && assigned.processQueue.deliveredCount > 0) {
      this.#leaving.set(key, assigned);
      this.#deps.scheduler.after(LEAVE_MS_MAX, () => this.#leaveNow(key, assigned));
      await assigned.loop.stop();
      return true;
    }
    await assigned.loop.stop();
    await this.#finish(assigned.processQueue);
    return true;
  }

  /** Forgets a queue whose offset was set from outside: nothing of it may be persisted. */
  async discard(queue: MessageQueue): Promise<void> {
    const assigned = this.#assigned.get(messageQueueKey(queue));
    if (assigned === undefined) return;
    this.#assigned.delete(messageQueueKey(queue));
    assigned.processQueue.dropped = true;
    await assigned.loop.stop();
    assigned.processQueue.clear();
    this.#checkIdle();
  }

  /** To be called after every settlement: a queue may be ready to leave, all may be idle. */
  settled(processQueue: ProcessQueue): void {
    const key = messageQueueKey(processQueue.queue);
    const leaving = this.#leaving.get(key);
    if (leaving !== undefined && processQueue.deliveredCount === 0) this.#leaveNow(key, leaving);
    this.#checkIdle();
  }

  /** Ends the pauses of all loops: the consumer resumed. */
  wakeAll(): void {
    for (const { loop } of this.#assigned.values()) loop.wake();
  }

  wake(queue: MessageQueue): void {
    this.#assigned.get(messageQueueKey(queue))?.loop.wake();
  }

  /** Ends all loops for good. */
  async stopPulling(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#assigned.values()].map(({ loop }) => loop.stop()));
  }

  /** Resolves when no message is at a consumer any more. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#checkIdle();
    });
  }

  /** Drops everything; messages that are still out will come again, here or elsewhere. */
  dropAll(): void {
    for (const { processQueue } of [...this.#assigned.values(), ...this.#leaving.values()]) {
      processQueue.dropped = true;
    }
    this.#assigned.clear();
    this.#leaving.clear();
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.#idleWaiters.length === 0) return;
    const all = [...this.#assigned.values(), ...this.#leaving.values()];
    if (all.some(({ processQueue }) => processQueue.deliveredCount > 0)) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  #leaveNow(key: string, assigned: Assigned): void {
    if (this.#leaving.get(key) !== assigned) return;
    this.#leaving.delete(key);
    // Errors are logged inside; the lock ends by itself if it could not be given back.
    void this.#finish(assigned.processQueue);
  }

  async #finish(processQueue: ProcessQueue): Promise<void> {
    const { queue } = processQueue;
    processQueue.dropped = true;
    try {
      await this.#deps.offsets.persist([queue], false);
    } catch (thrown) {
      this.#deps.logger.warn({ error: MqError.from(thrown), queue }, 'Offset was not persisted');
    }
    this.#deps.offsets.remove(queue);
    await this.#deps.locks?.release(queue);
    processQueue.clear();
    this.#checkIdle();
  }
}
