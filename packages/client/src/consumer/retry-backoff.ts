/**
 * How long a message waits before it is delivered again. The broker does the waiting with its 18
 * delay levels; the client only names the level.
 */

/** The level of the first redelivery: 10 seconds. */
const RETRY_LEVEL_FIRST = 3;

/** The delay levels that a broker has unless it is configured otherwise, in milliseconds. */
const LEVELS_MS: readonly number[] = [
  1_000, 5_000, 10_000, 30_000, 60_000, 120_000, 180_000, 240_000, 300_000, 360_000, 420_000,
  480_000, 540_000, 600_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000,
];

/** The highest delay level. */
const DELAY_LEVEL_MAX: number = LEVELS_MS.length;

/** The level at which a message that was consumed `reconsumeTimes` times before comes again. */
// RocketMQ: DefaultMQPushConsumerImpl#sendMessageBack (3 + reconsumeTimes)
export function retryLevel(reconsumeTimes: number): number {
  return Math.min(RETRY_LEVEL_FIRST + Math.max(0, reconsumeTimes), DELAY_LEVEL_MAX);
}

/** What a delay level means on a broker with the default levels; 0 for level 0 and below. */
export function delayLevelMs(level: number): number {
  if (level <= 0) return 0;
  return LEVELS_MS[Math.min(level, DELAY_LEVEL_MAX) - 1] ?? 0;
}

/** The lowest level that waits at least `delayMs`; the highest level where none does. */
export function levelForDelay(delayMs: number): number {
  const index = LEVELS_MS.findIndex((levelMs) => levelMs >= delayMs);
  return index < 0 ? DELAY_LEVEL_MAX : index + 1;
}

/** The pause before a message comes again that was retried that often, milliseconds. */
export type RetryBackoff = (reconsumeTimes: number) => number;

/** A pause that grows: `initialMs`, then `multiplier` times as long each time, up to `maxMs`. */
export function exponentialBackoff(
  initialMs: number,
  maxMs: number,
  multiplier: number,
): RetryBackoff {
  return (reconsumeTimes) => Math.min(maxMs, initialMs * multiplier ** Math.max(0, reconsumeTimes));
}
