/**
 * How the provider misbehaves. Real ones do all of this, seldom and unannounced; here a switch
 * turns it on, so that a shop can be seen to bear it.
 */
import { z } from 'zod';
import type { ProviderEvent } from './records.ts';

/**
 * `ok`: once and at once. `fail`: every attempt to pay is declined. `slow`: callbacks take some
 * seconds. `late`: they come when the order has been given up. `duplicate`: three times.
 * `bad-signature`: signed with a wrong key. `wrong-amount`: a cent too much. `disorder`: what
 * happened first arrives last.
 */
const PaymentMode = z.enum([
  'ok',
  'fail',
  'slow',
  'late',
  'duplicate',
  'bad-signature',
  'wrong-amount',
  'disorder',
]);

const DELAY_MS_MAX = 3_600_000;
const delay: z.ZodNumber = z.number().int().min(0).max(DELAY_MS_MAX);

/** The mode and its times. */
export const Behaviour = z.strictObject({
  mode: PaymentMode.default('ok'),
  slowMs: delay.default(4_000),
  lateMs: delay.default(75_000),
  /** How long after the newer event an older one arrives. */
  disorderMs: delay.default(500),
});
export type Behaviour = z.infer<typeof Behaviour>;

/** A callback that is to be made. */
export interface PlannedCallback {
  readonly event: ProviderEvent;
  readonly delayMs: number;
  readonly isForged: boolean;
}

const COPIES = 3;

/** The callbacks of events that happened in this order. */
export function planCallbacks(
  events: readonly ProviderEvent[],
  behaviour: Behaviour,
): readonly PlannedCallback[] {
  const planned = events.map((event) => ({ event, delayMs: 0, isForged: false }));
  switch (behaviour.mode) {
    case 'ok':
    case 'fail':
      return planned;
    case 'slow':
      return planned.map((one) => ({ ...one, delayMs: behaviour.slowMs }));
    case 'late':
      return planned.map((one) => ({ ...one, delayMs: behaviour.lateMs }));
    case 'duplicate':
      return planned.flatMap((one) => Array.from({ length: COPIES }, () => one));
    case 'bad-signature':
      return planned.map((one) => ({ ...one, isForged: true }));
    case 'wrong-amount':
      return planned.map((one) => ({
        ...one,
        event: { ...one.event, amountCents: one.event.amountCents + 1 },
      }));
    case 'disorder':
      return planned
        .reverse()
        .map((one, index) => ({ ...one, delayMs: index * behaviour.disorderMs }));
  }
}
