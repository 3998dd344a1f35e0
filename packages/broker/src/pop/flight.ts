/** Messages that a consumer has and that nobody else gets until they are due. */
import type { QueueHandle } from '@skylarkmq/store';
import type { CheckPoint } from './check-point.ts';

/** Where the logs ended when a check point was written: what is older does not concern it. */
export interface LogPlace {
  /** In the queue of the timer topic. */
  readonly wheelOffset: number;
  /** In the check point's queue of the revive topic. */
  readonly reviveOffset: number;
}

export class Flight {
  readonly queue: PopQueue;
  readonly startOffset: number;
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly diffs: readonly number[];
  readonly reviveQueueId: number;
  readonly suspend: boolean;
  readonly place: LogPlace;
  /** Receipts that this one replaced, by `replacedKey`: the first and the last. */
  readonly replaces: readonly string[];
  #bits: number;
  #open: number;
  /** Whether its messages are being put back at this moment. */
  isReturning = false;

  constructor(
    queue: PopQueue,
    point: CheckPoint,
    reviveQueueId: number,
    place: LogPlace,
    replaces: readonly string[] = [],
  ) {
    this.queue = queue;
    this.startOffset = point.startOffset;
    this.popTime = point.popTime;
    this.invisibleTime = point.invisibleTime;
    this.diffs = point.diffs;
    this.reviveQueueId = reviveQueueId;
    this.suspend = point.suspend;
    this.place = place;
    this.replaces = replaces;
    this.#bits = point.bitMap;
    this.#open = 0;
    for (let index = 0; index < this.diffs.length; index++) {
      if ((this.#bits & (1 << index)) === 0) this.#open++;
    }
  }

  /** When its messages go back, in ms since the epoch. */
  get dueMs(): number {
    return this.popTime + this.invisibleTime;
  }

  /** Messages that nobody acknowledged. */
  get open(): number {
    return this.#open;
  }

  get isSettled(): boolean {
    return this.#open === 0;
  }

  get key(): string {
    return flightKey(this.startOffset, this.popTime);
  }

  /** Whether the message at an offset of the queue is one of these. */
  has(offset: number): boolean {
    return this.diffs.includes(offset - this.startOffset);
  }

  isOpen(offset: number): boolean {
    const index = this.diffs.indexOf(offset - this.startOffset);
    return index >= 0 && (this.#bits & (1 << index)) === 0;
  }

  /** Offsets of the messages that nobody acknowledged. */
  openOffsets(): number[] {
    return this.diffs
      .filter((_, index) => (this.#bits & (1 << index)) === 0)
      .map((diff) => this.startOffset + diff);
  }

  /** False when it is not one of these, or acknowledged already. */
  acknowledge(offset: number): boolean {
    const index = this.diffs.indexOf(offset - this.startOffset);
    if (index < 0 || (this.#bits & (1 << index)) !== 0) return false;
    this.#bits |= 1 << index;
    this.#open--;
    return true;
  }
}

/** Names a receipt that was replaced by another for the message at `offset`. */
export function replacedKey(startOffset: number, popTime: number, offset: number): string {
  return `${startOffset}@${popTime}@${offset}`;
}

/** Names a flight within its queue. */
export function flightKey(startOffset: number, popTime: number): string {
  return `${startOffset}@${popTime}`;
}

/** How far a group popped a queue, and what of it is in flight. */
export class PopQueue {
  readonly group: string;
  readonly topic: string;
  readonly queueId: number;
  readonly handle: QueueHandle;
  /** Names the queue among all. */
  readonly key: string;
  /** By `flightKey`. */
  readonly flights: Map<string, Flight> = new Map();
  /** Flights by the receipts that they replaced: `replacedKey`. */
  readonly replaced: Map<string, Flight> = new Map();
  /** Next offset to hand out; -1 before the first pop. Ahead of what is committed. */
  offset = -1;
  /** Messages in flight. */
  inFlight = 0;
  /** Who reads the queue at this moment; the next pop waits for it. */
  reading: Promise<void> | undefined;

  constructor(group: string, handle: QueueHandle) {
    this.group = group;
    this.topic = handle.topic;
    this.queueId = handle.queueId;
    this.handle = handle;
    this.key = popQueueKey(group, handle.topic, handle.queueId);
  }
}

/** Neither name can contain the separator. */
export function popQueueKey(group: string, topic: string, queueId: number): string {
  return `${topic}@${group}@${queueId}`;
}
