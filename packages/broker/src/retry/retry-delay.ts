/** When a group's message comes again: its policy, in terms of this broker's delay levels. */
import { MqError } from '@skylarkmq/base';
import {
  decodeGroupRetryPolicy,
  type GroupRetryPolicy,
  nextRetryDelayMs,
  type SubscriptionGroup,
} from '@skylarkmq/wire';

/** The first retry comes after level 3 (10 s), each further one a level later. */
const FIRST_RETRY_LEVEL = 3;
const DEFAULT_POLICY: GroupRetryPolicy = { type: 'DEFAULT' };

/** Milliseconds until the next attempt of a message that was retried `reconsumeTimes` times. */
export function retryDelayMs(group: SubscriptionGroup, reconsumeTimes: number): number {
  return nextRetryDelayMs(retryPolicyOf(group), reconsumeTimes);
}

/**
 * The delay level for the next attempt: a level a retry for groups without a policy; else the
 * first level that waits at least as long as the policy says, or the last.
 */
// RocketMQ: AbstractSendMessageProcessor#consumerSendMsgBack
export function retryLevel(
  group: SubscriptionGroup,
  reconsumeTimes: number,
  levelsMs: readonly number[],
): number {
  const policy = retryPolicyOf(group);
  if (policy.type === 'DEFAULT') return FIRST_RETRY_LEVEL + reconsumeTimes;
  const delayMs = nextRetryDelayMs(policy, reconsumeTimes);
  const index = levelsMs.findIndex((levelMs) => levelMs >= delayMs);
  return index < 0 ? levelsMs.length : index + 1;
}

/** The policy of a group; the default where the file has one that is not understood. */
function retryPolicyOf(group: SubscriptionGroup): GroupRetryPolicy {
  try {
    return decodeGroupRetryPolicy(group.rest.get('groupRetryPolicy'));
  } catch (error) {
    if (error instanceof MqError) return DEFAULT_POLICY;
    throw error;
  }
}
