/** The timeline of an order as it arrives: in order of its numbers, nothing twice, nothing lost. */
import type { OrderState, Sequenced, TimelineEvent } from '../api/types.ts';

export interface Timeline {
  readonly events: readonly Sequenced[];
  /** Everything up to this number is here. Where a connection resumes. */
  readonly lastSeq: number;
}

export const EMPTY_TIMELINE: Timeline = { events: [], lastSeq: 0 };

/**
 * Adds what arrived, in whichever order it came. What is there already is dropped: by its number,
 * and by the event's id, for one that was announced twice.
 */
export function addEvents(timeline: Timeline, arrived: readonly Sequenced[]): Timeline {
  const seqs = new Set(timeline.events.map(({ seq }) => seq));
  const ids = new Set(timeline.events.map(({ event }) => event.eventId));
  const fresh = arrived.filter(({ seq, event }) => {
    if (seqs.has(seq) || ids.has(event.eventId)) return false;
    seqs.add(seq);
    ids.add(event.eventId);
    return true;
  });
  const lastSeq = Math.max(timeline.lastSeq, ...arrived.map(({ seq }) => seq));
  if (fresh.length === 0 && lastSeq === timeline.lastSeq) return timeline;
  const events = [...timeline.events, ...fresh].sort((a, b) => a.seq - b.seq);
  return { events, lastSeq };
}

const STATE_AFTER: Readonly<Record<string, OrderState>> = {
  created: 'created',
  'pre-ordered': 'pre-ordered',
  'step-started': 'confirming',
  confirmed: 'awaiting-payment',
  'confirmation-failed': 'cancelling',
  'rollback-started': 'cancelling',
  cancelled: 'cancelled',
  paid: 'paid',
  shipped: 'shipped',
  'refund-started': 'refunding',
  refunded: 'refunded',
};

/**
 * Rank of a state along an order's life: an event that comes late never takes the page back.
 */
const RANK: Readonly<Record<OrderState, number>> = {
  created: 0,
  'pre-ordered': 1,
  confirming: 2,
  'awaiting-payment': 3,
  paid: 4,
  shipped: 5,
  cancelling: 6,
  refunding: 6,
  cancelled: 7,
  refunded: 7,
};

/** The state that the page shows: the server's answer, moved on by what has arrived since. */
export function stateAfter(known: OrderState, events: readonly Sequenced[]): OrderState {
  let state = known;
  for (const { event } of events) {
    const next = STATE_AFTER[event.type];
    if (next !== undefined && RANK[next] > RANK[state]) state = next;
  }
  return state;
}

/** How an event is drawn. */
export type EventTone = 'plain' | 'good' | 'warn' | 'bad';

export function toneOf({ type }: TimelineEvent): EventTone {
  if (type === 'step-failed' || type === 'confirmation-failed' || type === 'dead-letter')
    return 'bad';
  if (type === 'retry' || type.startsWith('roll') || type.startsWith('refund')) return 'warn';
  if (type === 'cancelled') return 'warn';
  if (
    ['step-done', 'confirmed', 'paid', 'shipped', 'points-granted', 'coupon-settled'].includes(type)
  ) {
    return 'good';
  }
  return 'plain';
}
