/**
 * Decides from a ledger whether a message system kept its promises. One pass over the events, and
 * one over what was acknowledged: linear in time.
 */
import type { LedgerEvent } from './ledger-event.ts';

/** What was found. All lists must be empty; the numbers say what the test was worth. */
export interface LedgerReport {
  /** Acknowledged, and not found by the final reader at the acknowledged place. */
  readonly lost: readonly string[];
  /** Received or found, and never attempted, or certainly refused. */
  readonly phantom: readonly string[];
  /** Found with another body than the one that was sent. */
  readonly corrupt: readonly string[];
  /** One queue offset held two different messages. */
  readonly diverged: readonly string[];
  /** Received by a consumer, and not found by the final reader at that place. */
  readonly ghost: readonly string[];
  /** Sent after another one was acknowledged, and stored before it in the same queue. */
  readonly reordered: readonly string[];
  readonly attempts: number;
  readonly acks: number;
  readonly receipts: number;
  /** Messages in the final log. */
  readonly stored: number;
  /** Messages that are in the final log more than once; allowed, but counted. */
  readonly duplicatesStored: number;
  /** Receipts beyond the first by the same consumer; allowed, but counted. */
  readonly duplicatesReceived: number;
}

/** How to judge. */
export interface LedgerRules {
  /** Hash of the body that was sent with this id; undefined: not checked. */
  readonly expectedHash?: (id: string) => string;
}

/** Judges the events. Losses and ghosts need the final reader's events. */
export function checkLedger(events: Iterable<LedgerEvent>, rules: LedgerRules = {}): LedgerReport {
  const checker = new Checker(rules);
  for (const event of events) checker.take(event);
  return checker.finish();
}

/** The violations as text, one a line; empty when there are none. */
export function violationsOf(report: LedgerReport): string {
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['LOST', report.lost],
    ['PHANTOM', report.phantom],
    ['CORRUPT', report.corrupt],
    ['DIVERGED', report.diverged],
    ['GHOST', report.ghost],
    ['REORDERED', report.reordered],
  ];
  return lists.flatMap(([name, found]) => found.map((one) => `${name} ${one}\n`)).join('');
}

type Ack = Extract<LedgerEvent, { kind: 'ack' }>;
type Seen = Extract<LedgerEvent, { kind: 'receipt' | 'final' }>;

class Checker {
  readonly #rules: LedgerRules;
  readonly #attempted = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #acks: Ack[] = [];
  readonly #ackedIds = new Set<string>();
  readonly #receipts: Seen[] = [];
  readonly #received = new Set<string>();
  /** What is at a place ("queue@offset"), as first seen. */
  readonly #at = new Map<string, string>();
  readonly #final = new Map<string, string>();
  readonly #finalIds = new Set<string>();
  /** Per message: what its producer had acknowledged in all queues when the send began. */
  readonly #floors = new Map<string, ReadonlyMap<string, number>>();
  /** Per producer: the largest acknowledged offset in each queue. */
  readonly #queuesOf = new Map<string, ReadonlyMap<string, number>>();
  readonly #phantom: string[] = [];
  readonly #corrupt: string[] = [];
  readonly #diverged = new Set<string>();
  readonly #reordered: string[] = [];
  #attempts = 0;
  #duplicatesStored = 0;
  #duplicatesReceived = 0;

  constructor(rules: LedgerRules) {
    this.#rules = rules;
  }

  take(event: LedgerEvent): void {
    if (event.kind === 'attempt') this.#attempt(event.id, event.producer);
    else if (event.kind === 'refused') this.#refused.add(event.id);
    else if (event.kind === 'ack') this.#ack(event);
    else this.#seen(event);
  }

  finish(): LedgerReport {
    const isMissing = ({ id, queue, offset }: Ack | Seen): boolean => {
      return this.#final.get(placeOf(queue, offset)) !== id;
    };
    return {
      lost: this.#acks.filter(isMissing).map(describe),
      phantom: this.#phantom,
      corrupt: this.#corrupt,
      diverged: [...this.#diverged],
      ghost: this.#receipts.filter(isMissing).map(describe),
      reordered: this.#reordered,
      attempts: this.#attempts,
      acks: this.#acks.length,
      receipts: this.#receipts.length,
      stored: this.#final.size,
      duplicatesStored: this.#duplicatesStored,
      duplicatesReceived: this.#duplicatesReceived,
    };
  }

  #attempt(id: string, producer: string): void {
    this.#attempts++;
    // A retry keeps the first floor: the first attempt may have been the one that was stored.
    if (this.#attempted.has(id)) return;
    this.#attempted.add(id);
    const floor = this.#queuesOf.get(producer);
    if (floor !== undefined) this.#floors.set(id, floor);
  }

  #ack(event: Ack): void {
    this.#acks.push(event);
    this.#ackedIds.add(event.id);
    const floor = this.#floors.get(event.id)?.get(event.queue) ?? -1;
    if (event.offset <= floor) this.#reordered.push(`${describe(event)}, not above ${floor}`);
    this.#note(event.queue, event.offset, event.id);
    const before = this.#queuesOf.get(event.producer)?.get(event.queue) ?? -1;
    if (event.offset <= before) return;
    // A new map each time: attempts keep the one of their moment. A producer has few queues.
    const queues = new Map(this.#queuesOf.get(event.producer) ?? []);
    this.#queuesOf.set(event.producer, queues.set(event.queue, event.offset));
  }

  #seen(event: Seen): void {
    const { id, queue, offset } = event;
    const refusedOnly = this.#refused.has(id) && !this.#ackedIds.has(id);
    if (!this.#attempted.has(id) || refusedOnly) this.#phantom.push(describe(event));
    else if ((this.#rules.expectedHash?.(id) ?? event.bodyHash) !== event.bodyHash) {
      this.#corrupt.push(describe(event));
    }
    this.#note(queue, offset, id);
    if (event.kind === 'final') {
      this.#final.set(placeOf(queue, offset), id);
      if (this.#finalIds.has(id)) this.#duplicatesStored++;
      this.#finalIds.add(id);
      return;
    }
    this.#receipts.push(event);
    const receipt = `${event.consumer} ${id}`;
    if (this.#received.has(receipt)) this.#duplicatesReceived++;
    this.#received.add(receipt);
  }

  #note(queue: string, offset: number, id: string): void {
    const place = placeOf(queue, offset);
    const before = this.#at.get(place);
    if (before === undefined) this.#at.set(place, id);
    else if (before !== id) this.#diverged.add(`${place} held ${before} and ${id}`);
  }
}

function placeOf(queue: string, offset: number): string {
  return `${queue}@${offset}`;
}

function describe(event: Ack | Seen): string {
  return `${event.id} at ${placeOf(event.queue, event.offset)}`;
}
