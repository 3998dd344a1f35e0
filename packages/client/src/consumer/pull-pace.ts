/** How long pulls are held, waited for, and put off: options of both consumers that pull. */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { integerOption } from '../options/check-option.ts';

/** The options; each has a default. */
export interface PullPaceOptions {
  readonly pullHoldMs?: number;
  readonly pullTimeoutMs?: number;
  readonly pullErrorPauseMs?: number;
}

/** The same, checked and with defaults. */
export type PullPace = Required<PullPaceOptions>;

const TIMEOUT_MS = 30_000;
const ERROR_PAUSE_MS = 1_000;
const LIMITS = { min: 1, max: 600_000 };

/** Checks the options; `holdMs` is the default of the first. */
// RocketMQ: DefaultMQPullConsumer (brokerSuspendMaxTimeMillis, consumerTimeoutMillisWhenSuspend)
export function resolvePullPace(options: PullPaceOptions, holdMs: number): PullPace {
  const integer = (name: keyof PullPaceOptions, fallback: number): number =>
    integerOption(name, options[name], { ...LIMITS, fallback });
  const pace = {
    pullHoldMs: integer('pullHoldMs', holdMs),
    pullTimeoutMs: integer('pullTimeoutMs', TIMEOUT_MS),
    pullErrorPauseMs: integer('pullErrorPauseMs', ERROR_PAUSE_MS),
  };
  if (pace.pullTimeoutMs > pace.pullHoldMs) return pace;
  const { pullHoldMs, pullTimeoutMs } = pace;
  const text = `Option pullTimeoutMs (${pullTimeoutMs}) must be above pullHoldMs (${pullHoldMs})`;
  throw new MqError(MqErrorCode.InvalidArgument, text);
}
