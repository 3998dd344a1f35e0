/** What may be set, with its default. */
export interface Settings {
  /** Anybody may use the control room, and times are short. */
  readonly demo: boolean;
  /** An order that is not paid by then is cancelled. */
  readonly paymentTimeoutMs: number;
  /** How often forgotten orders are looked for. */
  readonly sweepMs: number;
  /** A call between services is given up after this, where nothing else is said. */
  readonly callTimeoutMs: number;
  /** A call to a step is given up after this. */
  readonly stepTimeoutMs: number;
  /** Calls of a step before it counts as failed. */
  readonly stepAttempts: number;
  /** How a payment's outcome is told to all: a transactional message, or rows of an outbox. */
  readonly fanOut: 'transaction' | 'outbox';
  /** How often the provider is asked about payments that are open. */
  readonly reconcileMs: number;
  /** A parcel leaves so long after the payment; until then it can be given back. */
  readonly shipAfterMs: number;
  /** Where visitors reach the shop: the payment page sends them back there. */
  readonly publicUrl: string;
  /** Where visitors reach the bank's payment page; empty: at the provider's own address. */
  readonly bankUrl: string;
  /** The session's cookie only over HTTPS. */
  readonly secureCookies: boolean;
  /** Requests a second for each visitor; Infinity: any number. */
  readonly requestsPerSecond: number;
  /** The built web shop; undefined: only the API. */
  readonly webDirectory?: string;
  /** Password of staff@mall.example. */
  readonly staffPassword: string;
  /** Products, stock and coupons to begin with. */
  readonly seed: boolean;
}

const MINUTE_MS = 60_000;

export const DEFAULT_SETTINGS: Settings = {
  demo: true,
  paymentTimeoutMs: 15 * MINUTE_MS,
  sweepMs: 5_000,
  callTimeoutMs: 3_000,
  stepTimeoutMs: 5_000,
  stepAttempts: 3,
  fanOut: 'transaction',
  reconcileMs: 10_000,
  shipAfterMs: 20_000,
  publicUrl: '',
  bankUrl: '',
  secureCookies: false,
  requestsPerSecond: 50,
  staffPassword: '',
  seed: true,
};
