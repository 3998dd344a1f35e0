import { MqError, MqErrorCode } from '@skylarkmq/base';

/** Apache's default levels; level n is the n-th of them. */
export const DEFAULT_DELAY_LEVELS = '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h';

const UNIT_MS = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Milliseconds of the levels 1 .. n, from text like `1s 5s 2m`. INVALID_ARGUMENT otherwise. */
export function parseDelayLevels(text: string): number[] {
  const parts = text.split(' ').filter((part) => part !== '');
  if (parts.length === 0) throw bad(text, text);
  return parts.map((part) => {
    const unit = UNIT_MS.get(part.slice(-1).toLowerCase());
    const digits = part.slice(0, -1);
    const count = Number(digits);
    if (unit === undefined || digits === '' || !Number.isSafeInteger(count) || count < 0) {
      throw bad(text, part);
    }
    return count * unit;
  });
}

function bad(text: string, part: string): MqError {
  const hint = 'want numbers with s, m, h or d, for example "1s 5s 1m"';
  return new MqError(
    MqErrorCode.InvalidArgument,
    `Delay levels ${JSON.stringify(text)} are not understood at ${JSON.stringify(part)}: ${hint}`,
  );
}
