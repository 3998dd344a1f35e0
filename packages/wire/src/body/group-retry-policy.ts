/** How long a group's messages wait between retries: `groupRetryPolicy` of a subscription group. */
import {
  type JsonInputObject,
  type JsonValue,
  jsonArrayOr,
  jsonNumber,
  jsonNumberOr,
  jsonObjectOr,
  jsonStringOr,
  MqError,
  MqErrorCode,
} from '@skylarkmq/base';

/** A policy as Apache's subscriptionGroup.json has it. */
export type GroupRetryPolicy =
  | { readonly type: 'DEFAULT' }
  | { readonly type: 'CUSTOMIZED'; readonly nextMs: readonly number[] }
  | {
      readonly type: 'EXPONENTIAL';
      readonly initialMs: number;
      readonly maxMs: number;
      readonly multiplier: number;
    };

// RocketMQ: ExponentialRetryPolicy
const INITIAL_MS = 5_000;
const MAX_MS = 7_200_000;
const MULTIPLIER = 2;
/** RocketMQ: CustomizedRetryPolicy: the first two steps are for other uses. */
const FIRST_STEP = 2;
const STEPS_MAX = 1024;
/** Steps of a group without a policy of its own, from the first retry on. */
const DEFAULT_STEPS_MS: readonly number[] = [
  10_000, 30_000, 60_000, 120_000, 180_000, 240_000, 300_000, 360_000, 420_000, 480_000, 540_000,
  600_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000,
];

/** INVALID_ARGUMENT for a policy that makes no sense, CORRUPT for one that has not the form. */
export function decodeGroupRetryPolicy(value: JsonValue | undefined): GroupRetryPolicy {
  const object = jsonObjectOr(value, 'groupRetryPolicy');
  const type = jsonStringOr(object.get('type'), 'groupRetryPolicy.type', 'CUSTOMIZED');
  if (type === 'EXPONENTIAL') return exponential(object.get('exponentialRetryPolicy'));
  if (type === 'CUSTOMIZED') return customized(object.get('customizedRetryPolicy'));
  throw invalid(`the type ${JSON.stringify(type)} is neither EXPONENTIAL nor CUSTOMIZED`);
}

/** The member as Apache writes it. */
export function groupRetryPolicyJson(policy: GroupRetryPolicy): JsonInputObject {
  if (policy.type === 'DEFAULT') return { type: 'CUSTOMIZED' };
  if (policy.type === 'CUSTOMIZED') {
    return { type: 'CUSTOMIZED', customizedRetryPolicy: { next: policy.nextMs } };
  }
  const { initialMs: initial, maxMs: max, multiplier } = policy;
  return { type: 'EXPONENTIAL', exponentialRetryPolicy: { initial, max, multiplier } };
}

/** Milliseconds until the next attempt of a message that was retried `reconsumeTimes` times. */
// RocketMQ: ExponentialRetryPolicy#nextDelayDuration, CustomizedRetryPolicy#nextDelayDuration
export function nextRetryDelayMs(policy: GroupRetryPolicy, reconsumeTimes: number): number {
  const times = Math.max(0, reconsumeTimes);
  if (policy.type === 'EXPONENTIAL') {
    return Math.min(policy.maxMs, policy.initialMs * policy.multiplier ** times);
  }
  const steps = policy.type === 'CUSTOMIZED' ? policy.nextMs : DEFAULT_STEPS_MS;
  const index = policy.type === 'CUSTOMIZED' ? times + FIRST_STEP : times;
  return steps[Math.min(index, steps.length - 1)] ?? 0;
}

function exponential(value: JsonValue | undefined): GroupRetryPolicy {
  const object = jsonObjectOr(value, 'exponentialRetryPolicy');
  const initialMs = jsonNumberOr(object.get('initial'), 'initial', INITIAL_MS);
  const maxMs = jsonNumberOr(object.get('max'), 'max', MAX_MS);
  const multiplier = jsonNumberOr(object.get('multiplier'), 'multiplier', MULTIPLIER);
  if (initialMs <= 0 || maxMs < initialMs || multiplier < 1) {
    throw invalid(
      `initial ${initialMs}, max ${maxMs}, multiplier ${multiplier}: ` +
        'initial must be above 0, max at least initial, multiplier at least 1',
    );
  }
  return { type: 'EXPONENTIAL', initialMs, maxMs, multiplier };
}

function customized(value: JsonValue | undefined): GroupRetryPolicy {
  const next = jsonObjectOr(value, 'customizedRetryPolicy').get('next');
  const nextMs = jsonArrayOr(next, 'next').map((step) => jsonNumber(step, 'next'));
  if (nextMs.length === 0) return { type: 'DEFAULT' };
  if (nextMs.length > STEPS_MAX || nextMs.some((step) => step < 0)) {
    throw invalid(`"next" must have at most ${STEPS_MAX} delays in milliseconds, none below 0`);
  }
  return { type: 'CUSTOMIZED', nextMs };
}

function invalid(reason: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, `groupRetryPolicy: ${reason}`);
}
