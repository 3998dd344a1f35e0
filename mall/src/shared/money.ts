/** Money is a whole number of cents (fen), never a fraction: nothing is lost to rounding. */

export const CURRENCY = 'CNY';
/** More than anything here costs; keeps every sum far below 2^53. */
export const CENTS_MAX = 100_000_000_000;

const BASIS = 100;

/** A part of an amount in percent, rounded down: the shop never gives more than it says. */
export function percentOf(cents: number, percent: number): number {
  return Math.floor((cents * percent) / BASIS);
}

/** The sum of prices times quantities. */
export function totalOf(
  items: readonly { readonly priceCents: number; readonly quantity: number }[],
): number {
  return items.reduce((sum, { priceCents, quantity }) => sum + priceCents * quantity, 0);
}

/** "12.05", for texts; the web shop formats by the visitor's language. */
export function formatCents(cents: number): string {
  const sign = cents < 0 ? '-' : '';
  const whole = Math.abs(cents);
  return `${sign}${Math.floor(whole / BASIS)}.${String(whole % BASIS).padStart(2, '0')}`;
}
