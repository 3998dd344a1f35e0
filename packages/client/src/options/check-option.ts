/** Checks of option values: the message names the option, the value and what is allowed. */
import { MqError, MqErrorCode } from '@skylarkmq/base';

/** An integer within the limits, or the default where the option is absent. */
export function integerOption(
  name: string,
  value: number | undefined,
  limits: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  if (value === undefined) return limits.fallback;
  if (!Number.isInteger(value) || value < limits.min || value > limits.max) {
    throw invalidOption(name, value, `an integer from ${limits.min} to ${limits.max}`);
  }
  return value;
}

/** One of a few values, or the default where the option is absent. */
export function choiceOption<T extends string>(
  name: string,
  value: T | undefined,
  choices: readonly T[],
  fallback: T,
): T {
  if (value === undefined) return fallback;
  if (!choices.includes(value)) throw invalidOption(name, value, choices.join(' or '));
  return value;
}

/** The error for an option that cannot be used. */
export function invalidOption(name: string, value: unknown, wanted: string): MqError {
  return new MqError(
    MqErrorCode.InvalidArgument,
    `Option ${name} must be ${wanted}, not ${String(value)}`,
  );
}
