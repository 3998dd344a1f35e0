/** The payment service's own tables. */
import type { PaymentState } from './payment-rules.ts';

/** One row per order: an order is paid once. */
export interface PaymentRow {
  readonly payment_id: string;
  readonly order_id: string;
  readonly user_id: string;
  readonly amount_cents: number;
  readonly currency: string;
  readonly state: PaymentState;
  readonly provider_payment_id: string | null;
  readonly pay_url: string | null;
  readonly created_ms: number;
  readonly updated_ms: number;
  /** When the reconciliation looks at it next; null when there is nothing to wait for. */
  readonly check_ms: number | null;
}

/** An event of the provider that had an effect or was absorbed: it has none any more. */
interface ProviderEventRow {
  readonly event_id: string;
  readonly payment_id: string;
  readonly type: string;
  readonly outcome: string;
  readonly received_ms: number;
  /** Copies that came afterwards. */
  readonly duplicates: number;
}

/** Callbacks that were not believed, counted by reason. */
interface RefusalRow {
  readonly reason: string;
  readonly count: number;
  readonly last_detail: string;
  readonly last_ms: number;
}

/** Orders that were given up: money that comes for them goes back. */
interface CancelledOrderRow {
  readonly order_id: string;
  readonly reason: string;
  readonly cancelled_ms: number;
}

/** A payment that is to go back, or has. */
export interface RefundRow {
  readonly refund_id: string;
  readonly payment_id: string;
  readonly reason: string;
  readonly requested_ms: number;
  readonly done_ms: number | null;
}

/** All of them. */
export interface PaymentTables {
  readonly payments: PaymentRow;
  readonly provider_events: ProviderEventRow;
  readonly refusals: RefusalRow;
  readonly cancelled_orders: CancelledOrderRow;
  readonly refunds: RefundRow;
}

/** Makes them. */
export const PAYMENT_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE payments (
    payment_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    amount_cents BIGINT NOT NULL CHECK (amount_cents > 0),
    currency TEXT NOT NULL,
    state TEXT NOT NULL,
    provider_payment_id TEXT,
    pay_url TEXT,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    check_ms BIGINT
  );
  CREATE INDEX payments_to_check ON payments (check_ms);
  CREATE TABLE provider_events (
    event_id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments,
    type TEXT NOT NULL,
    outcome TEXT NOT NULL,
    received_ms BIGINT NOT NULL,
    duplicates BIGINT NOT NULL
  );
  CREATE TABLE refusals (
    reason TEXT PRIMARY KEY,
    count BIGINT NOT NULL,
    last_detail TEXT NOT NULL,
    last_ms BIGINT NOT NULL
  );
  CREATE TABLE cancelled_orders (
    order_id TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    cancelled_ms BIGINT NOT NULL
  );
  CREATE TABLE refunds (
    refund_id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL UNIQUE REFERENCES payments,
    reason TEXT NOT NULL,
    requested_ms BIGINT NOT NULL,
    done_ms BIGINT
  );
  `,
];
