/** The calls of the control room. */
import { request } from './http.ts';

export const PAYMENT_MODES = [
  'ok',
  'fail',
  'slow',
  'late',
  'duplicate',
  'bad-signature',
  'wrong-amount',
  'disorder',
] as const;

/** All that goes wrong on purpose. A later server may have more switches. */
export type Switches = Readonly<Record<string, boolean | string>>;

/** One second of the mall's life. */
interface MetricsPoint {
  readonly atMs: number;
  readonly created: number;
  readonly confirmed: number;
  readonly paid: number;
  readonly cancelled: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface Metrics {
  readonly points: readonly MetricsPoint[];
  readonly totals: Readonly<Record<string, number>>;
  /** Messages that wait, by consumer group. */
  readonly lag?: readonly { readonly group: string; readonly lag: number }[];
  readonly conflicts?: number | null;
}

export interface Invariant {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly values?: Readonly<Record<string, number | string>>;
}

export interface Load {
  readonly ratePerSecond: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly lastError: string | null;
}

export interface DeadLetter {
  readonly id: string;
  readonly group: string;
  readonly topic: string;
  readonly orderId?: string | null;
  readonly reason?: string | null;
  readonly attempts: number;
  readonly atMs: number;
  readonly state?: string;
}

export interface FlashSale {
  readonly state: string;
  readonly productId?: string | null;
  readonly buyers: number;
  readonly pieces: number;
  readonly ordered?: number;
  readonly sold: number;
  readonly refused: number;
  readonly conflicts?: number | null;
  readonly startedMs?: number | null;
  readonly endedMs?: number | null;
  readonly error?: string | null;
}

const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  request<T>('GET', `/api/control/${path}`, signal === undefined ? {} : { signal });

export const control = {
  switches: (signal?: AbortSignal): Promise<Switches> => get('switches', signal),
  putSwitches: (change: Switches): Promise<Switches> =>
    request('PUT', '/api/control/switches', { body: change }),
  restartBroker: (): Promise<unknown> =>
    request('POST', '/api/control/broker/restart', { body: {} }),
  load: (signal?: AbortSignal): Promise<Load> => get('load', signal),
  putLoad: (ratePerSecond: number): Promise<Load> =>
    request('PUT', '/api/control/load', { body: { ratePerSecond } }),
  metrics: (signal?: AbortSignal): Promise<Metrics> => get('metrics', signal),
  invariants: (signal?: AbortSignal): Promise<{ invariants: readonly Invariant[] }> =>
    get('invariants', signal),
  deadLetters: (signal?: AbortSignal): Promise<{ deadLetters: readonly DeadLetter[] }> =>
    get('dead-letters', signal),
  resend: (id: string): Promise<unknown> =>
    request('POST', `/api/control/dead-letters/${encodeURIComponent(id)}/resend`, { body: {} }),
  flashSale: (signal?: AbortSignal): Promise<FlashSale> => get('flash-sale', signal),
  startFlashSale: (buyers: number, pieces: number): Promise<FlashSale> =>
    request('POST', '/api/control/flash-sale/start', { body: { buyers, pieces } }),
};
