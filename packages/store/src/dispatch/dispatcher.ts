/**
 * Makes a message that is safe in the log visible: its unit in the consume queue, its keys in the
 * index, the wake-up of whoever waits. In the order of the log, from memory.
 */
import { type Logger, MqError } from '@skylarkmq/base';
import { ENTRY_MULTI, ENTRY_UNQUEUED, type PendingRing } from '../commit-log/pending-ring.ts';
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import type { IndexService } from '../index/index-service.ts';
import type { ArrivalListener } from '../message-store.ts';

/** Keeps more of a message than the queue's unit has room for; where, or -1 for nowhere. */
export type Extend = (
  queue: ConsumeQueue,
  tagsCode: number,
  storeTimestamp: number,
  physicalOffset: number,
  size: number,
) => number;

export class Dispatcher {
  readonly #ring: PendingRing;
  readonly #index: IndexService | null;
  readonly #logger: Logger;
  #listeners: readonly ArrivalListener[] = [];
  /** Asked about every message before its unit is written; null: units have tags codes. */
  extend: Extend | null = null;
  /** End of the last record that was dispatched. */
  dispatchedOffset = 0;
  /** Its store time. */
  lastStoreTimestamp = 0;

  constructor(ring: PendingRing, index: IndexService | null, logger: Logger) {
    this.#ring = ring;
    this.#index = index;
    this.#logger = logger;
  }

  onArrival(listener: ArrivalListener): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  /** Dispatches the entry at a ring slot. */
  dispatch(slot: number): void {
    const ring = this.#ring;
    const queue = ring.queues[slot];
    if (!queue) return;
    const physicalOffset = ring.physicalOffsets[slot] ?? 0;
    const size = ring.sizes[slot] ?? 0;
    const tagsCode = ring.tagsCodes[slot] ?? 0;
    const storeTimestamp = ring.storeTimestamps[slot] ?? 0;
    this.dispatchedOffset = physicalOffset + size;
    this.lastStoreTimestamp = storeTimestamp;
    const flags = ring.flags[slot] ?? 0;
    const unqueued = (flags & ENTRY_UNQUEUED) !== 0;
    if (!unqueued) {
      const address = this.extend?.(queue, tagsCode, storeTimestamp, physicalOffset, size) ?? -1;
      if (address < 0) queue.append(physicalOffset, size, tagsCode);
      else queue.appendExtended(physicalOffset, size, address);
    }
    const light = (flags & ENTRY_MULTI) === 0 ? null : ring.lightQueues[slot];
    if (light) for (const one of light) one.append(physicalOffset, size, tagsCode);
    const keys = ring.keyCounts[slot] ?? 0;
    if (keys > 0 && this.#index !== null) {
      this.#index.beginRecord(physicalOffset, storeTimestamp);
      for (let i = 0; i < keys; i += 1) {
        this.#index.put(ring.hashes[ring.hashSlot(ring.hashHead + i)] ?? 0);
      }
    }
    if (unqueued || this.#listeners.length === 0) return;
    this.#announce(queue, tagsCode, storeTimestamp, physicalOffset, size);
    // RocketMQ: DefaultMessageStore#notifyMessageArrive4MultiQueue
    if (!light) return;
    for (const one of light) this.#announce(one, tagsCode, storeTimestamp, physicalOffset, size);
  }

  #announce(
    queue: ConsumeQueue,
    tagsCode: number,
    storeTimestamp: number,
    physicalOffset: number,
    size: number,
  ): void {
    for (const listener of this.#listeners) {
      try {
        listener(queue, queue.maxOffset, tagsCode, storeTimestamp, physicalOffset, size);
      } catch (error) {
        this.#logger.error({ reason: MqError.from(error).message }, 'An arrival listener failed');
      }
    }
  }
}
