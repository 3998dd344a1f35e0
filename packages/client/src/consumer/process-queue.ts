/**
 * What a consumer holds of one assigned queue: messages that were pulled and are not settled yet,
 * in queue order. It knows which offset may be committed: everything before the oldest unsettled
 * message. It knows nothing of the network, of timers, or of who consumes.
 */
import type { MessageQueue, StoredMessage } from '@skylarkmq/message';

/** Settled entries are cut off the front in steps of at least this many. */
const COMPACT_ENTRIES_MIN = 512;

/** The life of a cached message. */
export const CachedState = {
  /** Pulled, waits for a consumer. */
  Waiting: 0,
  /** Handed to a consumer, which has not answered yet. */
  Delivered: 1,
  /** Done: acknowledged, sent back, or given up. */
  Settled: 2,
} as const;
export type CachedState = (typeof CachedState)[keyof typeof CachedState];

/** One pulled message with its state in this consumer. */
export interface CachedMessage {
  readonly message: StoredMessage;
  readonly processQueue: ProcessQueue;
  readonly bytes: number;
  state: CachedState;
  /** Wall clock of the last delivery, milliseconds; 0 before the first. */
  deliveredAtMs: number;
  /** Redeliveries so far: the broker's count plus those that this consumer did itself. */
  reconsumeTimes: number;
}

/** The cache of one queue; see the head of this file. */
export class ProcessQueue {
  readonly queue: MessageQueue;
  /** The queue is no longer ours: nothing is delivered and no offset is committed any more. */
  dropped = false;
  /** Messages that are not settled. */
  count = 0;
  /** Their stored size in bytes. */
  bytes = 0;
  /** Messages at consumers right now. */
  deliveredCount = 0;
  /** Wall clock of the last answered pull and of the last delivery, milliseconds. */
  lastPullAtMs = 0;
  lastDeliveryAtMs = 0;

  #entries: CachedMessage[] = [];
  /** Index of the oldest entry that is not settled. */
  #head = 0;
  /** Index of the first entry that was never delivered. */
  #fresh = 0;
  /** Entries to deliver again before any fresh one. */
  #again: CachedMessage[] = [];
  #maxOffset = -1;
  #whenRoom: (() => void) | undefined;

  constructor(queue: MessageQueue) {
    this.queue = queue;
  }

  /** Takes in pulled messages, in ascending queue offset. */
  put(messages: readonly StoredMessage[]): void {
    for (const message of messages) {
      this.#entries.push({
        message,
        processQueue: this,
        bytes: message.storeSize,
        state: CachedState.Waiting,
        deliveredAtMs: 0,
        reconsumeTimes: message.reconsumeTimes,
      });
      this.count++;
      this.bytes += message.storeSize;
      if (message.queueOffset > this.#maxOffset) this.#maxOffset = message.queueOffset;
    }
  }

  /** Whether {@link take} would return something. */
  get hasWaiting(): boolean {
    return this.#again.length > 0 || this.#fresh < this.#entries.length;
  }

  /** Hands out the next message, in queue order; undefined if none waits. */
  take(nowMs: number): CachedMessage | undefined {
    const entry = this.#again.shift() ?? this.#entries[this.#fresh++];
    if (entry === undefined) {
      this.#fresh = this.#entries.length;
      return undefined;
    }
    entry.state = CachedState.Delivered;
    entry.deliveredAtMs = nowMs;
    this.lastDeliveryAtMs = nowMs;
    this.deliveredCount++;
    return entry;
  }

  /** Puts a delivered message back to be delivered again by this consumer. */
  giveBack(entry: CachedMessage, reconsumeTimes: number = entry.reconsumeTimes): void {
    if (entry.state !== CachedState.Delivered) return;
    entry.state = CachedState.Waiting;
    entry.reconsumeTimes = reconsumeTimes;
    this.deliveredCount--;
    const after = this.#again.findIndex(
      (other) => other.message.queueOffset > entry.message.queueOffset,
    );
    if (after < 0) this.#again.push(entry);
    else this.#again.splice(after, 0, entry);
  }

  /** Marks a message done; false if it was done before. */
  settle(entry: CachedMessage): boolean {
    if (entry.state === CachedState.Settled) return false;
    if (entry.state === CachedState.Delivered) this.deliveredCount--;
    // Whoever had it before it was given back did it after all.
    else if (this.#again.length > 0) this.#again = this.#again.filter((other) => other !== entry);
    entry.state = CachedState.Settled;
    this.count--;
    this.bytes -= entry.bytes;
    this.#advance();
    this.#whenRoom?.();
    return true;
  }

  /** The offset up to which (exclusively) everything is settled; -1 before the first message. */
  // RocketMQ: ProcessQueue#removeMessage
  get committableOffset(): number {
    const oldest = this.#entries[this.#head];
    return oldest === undefined ? this.#nextOffset() : oldest.message.queueOffset;
  }

  /** Highest minus lowest cached offset: how far one slow message holds the commit back. */
  get span(): number {
    const oldest = this.#entries[this.#head];
    return oldest === undefined ? 0 : this.#maxOffset - oldest.message.queueOffset;
  }

  /** Oldest message that is not settled, undefined when empty. */
  get oldest(): CachedMessage | undefined {
    return this.#entries[this.#head];
  }

  /** The first entries from the oldest unsettled on, `max` at most. */
  oldestEntries(max: number): readonly CachedMessage[] {
    return this.#entries.slice(this.#head, this.#head + max);
  }

  /** All that are not settled, oldest first. */
  unsettled(): readonly CachedMessage[] {
    const open = this.#entries.slice(this.#head);
    return open.filter((entry) => entry.state !== CachedState.Settled);
  }

  /** Highest offset ever put, -1 before the first message. */
  get maxOffset(): number {
    return this.#maxOffset;
  }

  /** Calls back, at every settlement, whoever waits for room in the cache; undefined ends it. */
  onRoom(listener: (() => void) | undefined): void {
    this.#whenRoom = listener;
  }

  /** Forgets everything: for a seek, or when the queue went to somebody else. */
  clear(): void {
    for (const entry of this.#entries) entry.state = CachedState.Settled;
    this.#entries = [];
    this.#again = [];
    this.#head = 0;
    this.#fresh = 0;
    this.#maxOffset = -1;
    this.count = 0;
    this.bytes = 0;
    this.deliveredCount = 0;
    this.#whenRoom?.();
  }

  #nextOffset(): number {
    return this.#maxOffset < 0 ? -1 : this.#maxOffset + 1;
  }

  #advance(): void {
    const entries = this.#entries;
    while (this.#head < entries.length && entries[this.#head]?.state === CachedState.Settled) {
      this.#head++;
    }
    if (this.#fresh < this.#head) this.#fresh = this.#head;
    if (this.#head === entries.length) {
      entries.length = 0;
      this.#head = 0;
      this.#fresh = 0;
    } else if (this.#head >= COMPACT_ENTRIES_MIN && this.#head * 2 >= entries.length) {
      this.#entries = entries.slice(this.#head);
      this.#fresh -= this.#head;
      this.#head = 0;
    }
  }
}
