/** One POP, while messages are gathered for it. */
import type { GetResult } from '@skylarkmq/store';
import type { PopMessageOffsets, PopOrderCount, PopStartOffset } from '@skylarkmq/wire';
import type { MessageFilter } from '../filter/message-filter.ts';

export interface PopRequest {
  readonly group: string;
  readonly topic: string;
  /** -1: any queue. */
  readonly queueId: number;
  readonly maxCount: number;
  readonly invisibleTime: number;
  readonly initMode: number;
  readonly isOrder: boolean;
  readonly attemptId: string;
  readonly filter: MessageFilter | null;
}

/** What a POP found. */
export class Popped {
  readonly popTime: number;
  readonly reviveQueueId: number;
  /** Whole records, in the order of `messageOffsets`; good until `release`. */
  readonly records: Buffer[] = [];
  readonly startOffsets: PopStartOffset[] = [];
  readonly messageOffsets: PopMessageOffsets[] = [];
  readonly orderCounts: PopOrderCount[] = [];
  /** What is still being written down; messages may be handed out when all of it is. */
  readonly pending: Promise<unknown>[] = [];
  count = 0;
  bytes = 0;
  /** Messages that are left. */
  rest = 0;
  /** Whether nothing was looked at because all messages of an ordered queue are out. */
  isBlocked = false;
  #held: GetResult[] = [];

  constructor(popTime: number, reviveQueueId: number) {
    this.popTime = popTime;
    this.reviveQueueId = reviveQueueId;
  }

  /** Keeps the memory that `records` point into until `release`. */
  hold(found: GetResult): void {
    this.#held.push(found);
  }

  /** Takes over what another one found, with its memory. */
  addRecords(other: Popped): void {
    this.records.push(...other.records);
    this.#held.push(...other.#held);
    other.#held = [];
  }

  /** Gives the memory of the records back. Whoever gets a `Popped` calls it, once. */
  release(): void {
    for (const found of this.#held) found.release();
    this.#held = [];
  }
}
