/**
 * How the mall is doing, from the events of its orders: how many a second, and how long from the
 * click to the confirmed order. A fixed number of seconds is kept, in fixed memory.
 */

/** The events that are counted, by the name of their series. */
const SERIES = {
  created: 'created',
  confirmed: 'confirmed',
  paid: 'paid',
  shipped: 'shipped',
  cancelled: 'cancelled',
  refunded: 'refunded',
} as const;

/** Names of the series. */
export type SeriesName = keyof typeof SERIES;

/** One second. */
export interface MetricsPoint extends Readonly<Record<SeriesName, number>> {
  readonly atMs: number;
  /** Click to confirmed of the orders that were confirmed in this second; null without any. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Since the start. */
export type MetricsTotals = Readonly<Record<SeriesName, number>>;

interface Second {
  readonly atS: number;
  readonly counts: Record<SeriesName, number>;
  readonly latenciesMs: number[];
}

const SECOND_MS = 1_000;
const SECONDS_KEPT = 300;
/** Of one second; more are counted and not measured. */
const LATENCIES_MAX = 2_000;
/** Orders whose confirmation is awaited; the oldest is forgotten first. */
const CLICKS_MAX = 20_000;

/** What is counted of an event. */
export interface CountedEvent {
  readonly type: string;
  readonly orderId: string;
  readonly atMs: number;
}

/** See the head of this file. */
export class OrderMetrics {
  readonly #seconds: Second[] = [];
  readonly #clicksMs = new Map<string, number>();
  readonly #totals: Record<SeriesName, number> = emptyCounts();

  /** Counts an event of an order's timeline; those of no series are ignored. */
  record({ type, orderId, atMs }: CountedEvent): void {
    if (!isSeries(type)) return;
    this.#totals[type]++;
    const second = this.#second(Math.floor(atMs / SECOND_MS));
    if (second !== undefined) second.counts[type]++;
    if (type === 'created') this.#click(orderId, atMs);
    const clickMs = this.#clicksMs.get(orderId);
    if (type === 'created' || clickMs === undefined) return;
    this.#clicksMs.delete(orderId);
    if (type !== 'confirmed' || second === undefined) return;
    if (second.latenciesMs.length < LATENCIES_MAX) second.latenciesMs.push(atMs - clickMs);
  }

  /** Counts since the start. */
  get totals(): MetricsTotals {
    return { ...this.#totals };
  }

  /** The last so many seconds up to a time, one point each. */
  points(nowMs: number, seconds: number): MetricsPoint[] {
    const nowS = Math.floor(nowMs / SECOND_MS);
    const known = new Map(this.#seconds.map((second) => [second.atS, second]));
    const length = Math.min(seconds, SECONDS_KEPT);
    return Array.from({ length }, (_, index) => {
      const atS = nowS - length + 1 + index;
      const second = known.get(atS);
      const sorted = [...(second?.latenciesMs ?? [])].sort((left, right) => left - right);
      return {
        atMs: atS * SECOND_MS,
        ...(second?.counts ?? emptyCounts()),
        p50Ms: quantile(sorted, 0.5),
        p99Ms: quantile(sorted, 0.99),
      };
    });
  }

  #click(orderId: string, atMs: number): void {
    this.#clicksMs.set(orderId, atMs);
    if (this.#clicksMs.size <= CLICKS_MAX) return;
    const [oldest] = this.#clicksMs.keys();
    if (oldest !== undefined) this.#clicksMs.delete(oldest);
  }

  /**
   * The second of a time; undefined when it is no longer kept. Events come a little in disorder.
   */
  #second(atS: number): Second | undefined {
    const seconds = this.#seconds;
    const oldest = seconds[0];
    if (oldest !== undefined && atS < oldest.atS && seconds.length >= SECONDS_KEPT) {
      return undefined;
    }
    let index = seconds.length;
    while (index > 0 && (seconds[index - 1]?.atS ?? 0) > atS) index--;
    const before = seconds[index - 1];
    if (before?.atS === atS) return before;
    const added = { atS, counts: emptyCounts(), latenciesMs: [] };
    seconds.splice(index, 0, added);
    if (seconds.length > SECONDS_KEPT) seconds.shift();
    return added;
  }
}

/** The value below which a share of the sorted ones lies; null of none. */
export function quantile(sorted: readonly number[], share: number): number | null {
  const index = Math.min(Math.floor(sorted.length * share), sorted.length - 1);
  return sorted[index] ?? null;
}

function emptyCounts(): Record<SeriesName, number> {
  return { created: 0, confirmed: 0, paid: 0, shipped: 0, cancelled: 0, refunded: 0 };
}

function isSeries(type: string): type is SeriesName {
  return Object.hasOwn(SERIES, type);
}
